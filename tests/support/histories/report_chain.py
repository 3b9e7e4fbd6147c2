"""Reporting's use cases over a journal of their own, and lives that reports are compiled from."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from ksad.chassis.auth import Caller
from ksad.chassis.clock import SimulatedClock, set_simulated
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.edge import Submission
from ksad.chassis.store import EventStore
from ksad.contracts import registry, supervision
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import command_id, cooperation_id, report_id, task_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.reporting.journal import Arrival, Journal
from ksad.reporting.projections.runner import Runner
from ksad.reporting.reports.application import Reporting
from ksad.reporting.reports.compiling import Compiler
from ksad.reporting.reports.queue import CompilationOrder, CompilationQueue
from tests.support.histories.histories import admit, registered
from tests.support.histories.histories import origin as made_by
from tests.support.histories.newest import fact_of
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.servers.schemas import migrated

PERIOD = "2026-S1"
MOMENT = datetime(2026, 7, 6, 2, tzinfo=UTC)
TEAM, GOVERNOR, SECRETARIAT = "tkksd:33", "governor:33", "joint_secretariat"


def asked(office: str, key: str) -> Submission:
    """A command of an office, under a key."""
    identity = command_id(office, key)
    return Submission(Caller(office, "uji"), identity, hashlib.sha256(key.encode()).hexdigest(), None)


def life(key: str, body: str, on: date = date(2026, 1, 5)) -> list[Envelope]:
    """A cooperation from a day on, with who supervises it, one delivered and one late task."""

    def origin(*args: str, cause: UUID | None = None) -> Origin:
        return made_by(*args, cause=cause).model_copy(update={"occurred_on": on})

    identity = cooperation_id(key)
    subject = f"cooperation/{identity}"
    first = seal(registered(key, ("33.72", "33.13")), subject, 1, origin())
    resolved = fact_of(
        supervision.JurisdictionResolved,
        cooperation_id=identity,
        tier=supervision.Tier.GOVERNOR if body.startswith("tkksd") else supervision.Tier.MINISTER,
        supervising_body=body,
        dispute_forum=GOVERNOR,
        clause="P3",
        basis="text",
        row="t4",
        gap_filled=False,
        informed=[],
        parties=["33.72", "33.13"],
        holds_from=on,
    )
    made = [first, seal(resolved, f"supervision/{identity}", 1, origin("supervision", cause=first.id))]
    for duty in ("a.1.a", "d.1"):
        name = f"task/{task_id(identity, duty, 'x')}"
        scheduled = fact_of(
            supervision.TaskScheduled,
            cooperation_id=identity,
            duty=duty,
            clause=f"P10.{duty}",
            body=body,
            stage=registry.Stage.EXPLORATION,
            for_parties=["33.72", "33.13"] if duty == "a.1.a" else [],
            occurrence="x",
            period=None,
            due_on=date(2026, 2, 1),
            due_basis="kebijakan",
        )
        made.append(seal(scheduled, name, 1, origin("supervision", cause=first.id)))
    given = supervision.TaskDelivered(cooperation_id=identity, region="33.72", documents=[], note=None)
    late = supervision.TaskOverdue(cooperation_id=identity, due_on=date(2026, 2, 1), day=date(2026, 2, 2))
    made.append(seal(given, f"task/{task_id(identity, 'a.1.a', 'x')}", 2, origin("supervision")))
    made.append(seal(late, f"task/{task_id(identity, 'd.1', 'x')}", 2, origin("supervision")))
    return made


class Chain:
    """Reporting's use cases over a journal of our own."""

    def __init__(self, database: Database, folder: Path) -> None:
        clock = folder / "clock"
        self._owed: set[str] = set()
        set_simulated(clock, MOMENT)
        self.store = EventStore(migrated(database, "reporting"))
        self.journal = Journal(database)
        self.runner = Runner(database, self.journal)
        self.documents_dir = folder / "documents" / "reporting"
        self.documents = Documents(self.documents_dir)
        source = "urn:ksad:test:reporting"
        compiler = Compiler(self.journal, self.documents, "test")
        self.cases = Reporting(self.store, compiler, SimulatedClock(clock), source)
        self.admit([seal(fact, "reference/adopted", n, made_by()) for n, fact in enumerate(reference_facts(), 1)])

    def admit(self, envelopes: list[Envelope]) -> None:
        """Take facts into the journal and the projections."""
        admit(self.journal, envelopes)
        self.runner.catch_up()

    def owe(self, kind: ReportKind, office: str, period: str) -> None:
        """The period has closed: the office owes a report on it, as supervision records at the end of its last day."""
        duty = "R1" if kind is ReportKind.OVERVIEW else kind.value
        subject = f"task/{task_id(office, duty, period)}"
        scheduled = fact_of(
            supervision.TaskScheduled,
            cooperation_id=None,
            duty=duty,
            clause="P12",
            body=office,
            stage=None,
            for_parties=[],
            occurrence=period,
            period=period,
            due_on=date(2026, 12, 31),
            due_basis="kebijakan",
        )
        if subject not in self._owed:
            self._owed.add(subject)
            closed = made_by("supervision").model_copy(update={"occurred_on": Period.parse(period).last})
            self.admit([seal(scheduled, subject, 1, closed)])

    def settle(self) -> None:
        """What the use cases have recorded so far comes back from the log, as it has when the service compiles."""
        with self.journal.database.write() as connection:
            recorded = self.store.notifications(0, 1_000)
            self.journal.admit(connection, [Arrival(one.state, "reporting", one.id) for one in recorded])
        self.runner.catch_up()

    def content(self, document: dict[str, str]) -> bytes:
        """A kept document."""
        return self.documents.get(document["sha256"])

    def compile(self, kind: ReportKind, office: str, key: str = "k", period: str = PERIOD) -> model.ReportContent:
        """Compile a report that is owed, and read the content back from the document."""
        self.owe(kind, office, period)
        self.settle()
        recorded = self.cases.compile(asked(office, f"{key}-{kind}-{office}-{period}"), kind, office, period)
        return self.read(recorded.report.versions[-1].compiled["documents"][0])

    def read(self, document: dict[str, str]) -> model.ReportContent:
        """The content in its document."""
        return model.decode(self.content(document))


def submit(chain: Chain, kind: ReportKind, office: str, key: str) -> None:
    """Submit the newest version."""
    chain.cases.submit(asked(office, f"{key}-submit"), report_id(kind.value, office, PERIOD), f"100/{key}")


def ordered(queue: CompilationQueue, kind: ReportKind, office: str, after: int = 0) -> CompilationOrder:
    """A report of the period, asked for by its office, some seconds after the first."""
    order = CompilationOrder(asked(office, f"{kind}-{office}"), kind, office, PERIOD)
    queue.add(order, MOMENT + timedelta(seconds=after))
    return order
