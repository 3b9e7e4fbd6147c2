"""Supervision's tables and store, fed event by event as the follower feeds them, without a broker."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from ksad.chassis.broker import Received
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.store import EventStore
from ksad.contracts import registry, reporting
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, Origin, nats_subject, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.positions import Position
from ksad.contracts.registry import Stage
from ksad.contracts.texts import packaged_texts
from ksad.supervision.domain.task import Task
from ksad.supervision.querying_tasks import TasksWanted, tasks
from ksad.supervision.reactions import Reactions
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.tables import metadata
from ksad.supervision.unit_of_work import UnitOfWork
from tests.support.histories.newest import fact_of
from tests.support.servers.schemas import migrated

DECISION = registry.AdoptingDecision(number="100.2.1-1/2020", date=date(2020, 1, 2), office="minister")
MOMENT = datetime(2026, 1, 5, 3, tzinfo=UTC)


@cache
def reference_facts() -> tuple[registry.ReferenceAdopted, ...]:
    """The packaged reference data as the Minister adopts them."""
    return tuple(registry.ReferenceAdopted(**one.model_dump(), decision=DECISION) for one in packaged_texts())


class Stopped:
    """A clock that stands still: time enters with what is recorded."""

    def now(self) -> datetime:
        """Always the same moment."""
        return MOMENT


class FedSupervision:
    """One supervision service's database, and the log that it has seen, in the journal's order."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.store = EventStore(migrated(database, "supervision"))
        self.documents = Documents(folder)
        self.reference_cache = ReferenceCache()
        self.reactions = Reactions(
            self.store, self.reference_cache, self.documents, Stopped(), "urn:ksad:test:supervision"
        )
        self.log: list[Envelope] = []
        self._versions: dict[str, int] = {}

    def adopt(self) -> "FedSupervision":
        """The reference data are adopted."""
        self.see([self.event(fact, "reference/adopted", date(2026, 1, 1)) for fact in reference_facts()])
        return self

    def event(self, fact: Fact, subject: str, on: date, *, legacy: bool = False) -> Envelope:
        """The next event of a stream of the registry or of reporting."""
        version = self._versions.get(subject, 0) + 1
        self._versions[subject] = version
        origin = Origin(
            source=f"urn:ksad:test:{fact.declaration.service.value}",
            time=MOMENT,
            occurred_on=on,
            date_precision="day",
            actor_office="operator",
            actor_id="test",
            command_id=None,
            command_digest=None,
            correlation_id=UUID(int=1),
            causation_id=None,
            legacy=legacy,
        )
        return seal(fact, subject, version, origin)

    def see(self, events: Sequence[Envelope]) -> list[Envelope]:
        """A batch arrives; what supervision recorded because of it."""
        head = self.store.head()
        batch = [
            Received(number, nats_subject(event), event.to_bytes(), Position(event.service, number), event)
            for number, event in enumerate(events, len(self.log) + 1)
        ]
        with self.database.write() as connection:
            self.reactions.apply(connection, batch)
        made = [Envelope.from_store(bytes(one.state)) for one in self.store.notifications(head, 1_000_000)]
        self.log += [*events, *made]
        return made

    def tell(self, key: str, fact: Fact, on: date, *, legacy: bool = False) -> list[Envelope]:
        """The registry records a fact of a cooperation."""
        return self.see([self.event(fact, f"cooperation/{cooperation_id(key)}", on, legacy=legacy)])

    def register(
        self, key: str, parties: Iterable[str], on: date, *, stage: Stage = Stage.EXPLORATION, legacy: bool = False
    ) -> list[Envelope]:
        """A cooperation enters the register."""
        fact = registry.Registered(
            key=key,
            title=f"Kerja sama {key}",
            object="pengolahan sampah",
            affair="lingkungan_hidup",
            category=None,
            parties=list(parties),
            initiator=None,
            stage=stage,
            profile="ksdd-2018",
        )
        return self.tell(key, fact, on, legacy=legacy)

    def pass_days(self, first: date, last: date) -> list[Envelope]:
        """Days pass, one by one."""
        made = []
        while first <= last:
            made += self.see([self.event(registry.DayPassed(day=first), "calendar/days", first)])
            first += timedelta(days=1)
        return made

    def submit(self, kind: reporting.ReportKind, office: str, period: str, on: date) -> list[Envelope]:
        """An office submits a report."""
        said = {"from_office": office, "to_office": "minister", "period": period, "version": 1, "letter_number": None}
        fact = fact_of(reporting.ReportSubmitted, kind=kind, **said)
        return self.see([self.event(fact, f"report/{kind.value}-{office}-{period}".lower(), on)])

    def tasks(self, **wanted: Any) -> list[Task]:
        """The tasks of the board."""
        with self.database.read() as connection:
            return tasks(connection, TasksWanted(**wanted), None, 100_000)

    def fold(self, events: Iterable[Envelope]) -> None:
        """Own events come back from the log into a store that was restored."""
        with self.database.write() as connection:
            unit = UnitOfWork(connection, self.store, self.reference_cache)
            for event in events:
                unit.fold_own(event)
            unit.flush()

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables, without what is only a hint for when to look again."""
        with self.database.read() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(sa.select(*_told(table)))), key=repr)
                for table in metadata.sorted_tables
            }


def _told(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.columns if column.name not in {"next_due", "place"}]
