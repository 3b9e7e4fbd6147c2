"""A cooperation under supervision as pure values: facts are told, days pass, officers work, and events come out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import Fact
from ksad.contracts.corrections import is_correction
from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import holidays_text, packaged, read_policy
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import RegionTable
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.supervision.domain import folding, task
from ksad.supervision.domain.case import Case
from ksad.supervision.domain.deciding import TaskContext
from ksad.supervision.domain.gone import ended_on_of
from ksad.supervision.domain.lateness import next_step
from ksad.supervision.domain.owed import DutyLedger
from ksad.supervision.domain.react import Decision, Moment, moment_of, react
from ksad.supervision.domain.recording import sealed
from ksad.supervision.domain.reference import Reference
from ksad.supervision.domain.register import Document, RegisteredCooperation
from ksad.supervision.domain.task import Status, Task
from tests.support.histories.newest import fact_of

LAST = Stage.IMPLEMENTATION_AND_TERMINATION
GOVERNORS = ("33.72", "33.11")
"""Two parties of one province: row T4."""
MINISTERS = ("34", "33")
"""Two provinces: row T1."""
MIXED = ("31", "32.75")
"""A province and a city of another one: row T3."""


@cache
def reference(verifying_since: str | None = None) -> Reference:
    """The packaged law, policy, regions and holidays; facts are to be verified from a moment on, or never."""
    table, policy = RegionTable.from_csv(regions_text()), read_policy(law_text("policy"))
    calendar = WorkingCalendar.from_text(holidays_text())
    return Reference(table, packaged(), policy, calendar, verifying_since=verifying_since)


class Listed:
    """A register that knows a list of other cooperations."""

    def __init__(self, known: Iterable[RegisteredCooperation] = ()) -> None:
        self.known = list(known)

    def with_bodies(self) -> list[RegisteredCooperation]:
        """Those with a body."""
        return [one for one in self.known if one.bodies]


@dataclass
class World:
    """One cooperation, its supervision, and everything that was recorded, in order."""

    parties: tuple[str, ...] = GOVERNORS
    on: date = date(2026, 1, 5)
    current: date | None = None
    law: Reference = field(default_factory=reference)
    register: Listed = field(default_factory=Listed)
    key: str = "contoh"
    recorded: date = date(2026, 1, 5)
    """When the registry records what is told."""

    def __post_init__(self) -> None:
        """Nothing is known yet."""
        self.case = Case(id=cooperation_id(self.key))
        self.log: list[Envelope] = []
        self.documents: list[Document] = []
        self._told = 0
        self._known = self.law

    def tell(self, fact: Fact, on: date | None = None, *, legacy: bool = False) -> list[Envelope]:
        """The registry records a fact; what supervision records because of it."""
        self.on = on or self.on
        self._told += 1
        event = seal(fact, f"cooperation/{self.case.id}", self._told, self._origin(self.on, legacy=legacy))
        return self.see(event)

    def see(self, event: Envelope) -> list[Envelope]:
        """An event of the registry arrives, for the first time or again."""
        if event not in self.log:
            self.log.append(event)
        before = self.case
        if is_correction(event.type):
            history = [one for one in self.log if one.subject == event.subject]
            after = folding.refold(before, history)
        else:
            after = folding.evolve(before, event)
        return self._react(before, after, moment_of(event, self.current), event.id)

    def pass_day(self, day: date) -> list[Envelope]:
        """A day is over. What it makes owed comes on a day on which the service looks at the case, or later."""
        looked = self._looked_at_by(day)
        self.current = self.on = day
        made = self._react(self.case, self.case, Moment(day, day, day=day), None)
        assert looked or not [one for one in made if isinstance(one.fact(), supervision.TaskScheduled)], day
        return made

    def _looked_at_by(self, day: date) -> bool:
        if self.case.entry is None or self.law is not self._known or self.law.policy is not self._known.policy:
            self._known = self.law
            return True
        due = [DutyLedger(self.case, self.law, self.current or self.case.entry.on).next_due()]
        due += [next_step(task, self.law) for task in self.case.tasks.values()]
        return any(one is not None and one <= day for one in due)

    def pass_days(self, through: date) -> list[Envelope]:
        """Days pass, one by one."""
        made = []
        day = (self.current or self.on) + timedelta(days=1)
        while day <= through:
            made += self.pass_day(day)
            day += timedelta(days=1)
        return made

    def _react(self, before: Case, after: Case, moment: Moment, cause: UUID | None) -> list[Envelope]:
        self.case = after
        found = react(before, after, moment, self.law, self.register)
        self.documents += found.documents
        return self.record(found.decisions, cause)

    def record(self, decisions: Iterable[Decision], cause: UUID | None = None) -> list[Envelope]:
        """Supervision records decisions."""
        made = sealed(decisions, self.versions(), self._origin(self.on, cause=cause, service="supervision"))
        for event in made:
            self.case = folding.evolve(self.case, event)
            self.log.append(event)
        return made

    def versions(self) -> dict[str, int]:
        """The newest version of each stream."""
        return {event.subject: event.streamversion for event in self.log}

    def _origin(
        self, on: date, *, legacy: bool = False, cause: UUID | None = None, service: str = "registry"
    ) -> Origin:
        return Origin(
            source=f"urn:ksad:test:{service}",
            time=datetime(self.recorded.year, self.recorded.month, self.recorded.day, tzinfo=UTC),
            occurred_on=on,
            date_precision="day",
            actor_office="operator",
            actor_id="test",
            command_id=None,
            command_digest=None,
            correlation_id=self.case.id,
            causation_id=cause,
            legacy=legacy,
        )

    def tasks(self, duty: str | None = None) -> list[Task]:
        """All tasks as their streams make them, in the order of their scheduling."""
        streams: dict[str, list[Envelope]] = {}
        for event in self.log:
            if event.subject.startswith("task/"):
                streams.setdefault(event.subject, []).append(event)
        found = [made for events in streams.values() if (made := task.refold(events)) is not None]
        return [one for one in found if duty is None or one.duty == duty]

    def one(self, duty: str, *, occurrence: str | None = None) -> Task:
        """The only task of a duty (and occurrence)."""
        found = [one for one in self.tasks(duty) if occurrence is None or one.occurrence == occurrence]
        assert len(found) == 1, [(one.duty, one.occurrence) for one in found]
        return found[0]

    def context(self, one: Task) -> TaskContext:
        """What a command on a task is decided on."""
        profile = self.law.law.profile(self.case.profile)
        duty, ended, known = profile.duty(one.duty), ended_on_of(self.case, one), self.case.concerned
        there, regions = self.case.has_agreement, self.law.regions
        return TaskContext(one, duty, there, self.on, self.on, regions, parties=known, ended_on=ended)

    def open_duties(self) -> set[str]:
        """The duties with an open task."""
        return {one.duty for one in self.tasks() if one.status not in (Status.COMPLETED, Status.CANCELLED)}

    def register_it(
        self, on: date | None = None, *, stage: Stage = Stage.EXPLORATION, legacy: bool = False
    ) -> list[Envelope]:
        """The cooperation enters the register."""
        fact = registry.Registered(
            key=self.key,
            title="Kerja sama contoh",
            object="pengolahan sampah",
            affair="lingkungan_hidup",
            category=None,
            parties=list(self.parties),
            initiator=None,
            stage=stage,
            profile="ksad-2009",
        )
        return self.tell(fact, on, legacy=legacy)

    def enter(self, stage: Stage, on: date | None = None, *, legacy: bool = False) -> list[Envelope]:
        """A stage is entered."""
        left = self.case.entries[-1].stage
        return self.tell(fact_of(registry.StageEntered, left=left, stage=stage), on, legacy=legacy)

    def schedule(self, instrument: InstrumentKind, signing_on: date, on: date | None = None) -> list[Envelope]:
        """A signing is scheduled."""
        institutions = ["Kementerian Lingkungan Hidup"]
        return self.tell(
            fact_of(registry.SigningScheduled, instrument=instrument, signing_on=signing_on, institutions=institutions),
            on,
        )

    def sign_accord(self, on: date | None = None) -> list[Envelope]:
        """The accord is signed."""
        numbers = dict.fromkeys(self.case.parties, "1/KB")
        return self.tell(fact_of(registry.AccordSigned, numbers=numbers, witnesses=[], document=None), on)

    def sign_agreement(self, on: date | None = None, ends_on: date | None = None) -> list[Envelope]:
        """The agreement is signed."""
        fact = fact_of(
            registry.AgreementSigned,
            numbers=dict.fromkeys(self.case.parties, "1/PKS"),
            effective_on=None,
            ends_on=ends_on,
            scope=None,
            witnesses=[],
            document=None,
        )
        return self.tell(fact, on)

    def implement(self, on: date | None = None, ends_on: date | None = None) -> "World":
        """Everything from registration to the last stage, on one day."""
        self.register_it(on)
        self.enter(Stage.NEGOTIATION)
        self.enter(Stage.SIGNING)
        self.sign_accord()
        self.enter(Stage.NEGOTIATION)
        self.enter(Stage.SIGNING)
        self.sign_agreement(ends_on=ends_on)
        self.enter(LAST)
        return self


def facts_of(events: Iterable[Envelope], kind: type[Fact]) -> list[Fact]:
    """The facts of one kind among events."""
    return [fact for event in events if isinstance(fact := event.fact(), kind)]


def completion(**changes: object) -> supervision.TaskCompleted:
    """A completion with nothing in it but what is given."""
    values: dict[str, object] = {
        "cooperation_id": None,
        "outcome": "dilaksanakan",
        "documents": [],
        "findings": [],
        "evaluation": None,
        "satisfies": None,
        "duty": None,
    }
    return supervision.TaskCompleted.model_validate(values | changes)
