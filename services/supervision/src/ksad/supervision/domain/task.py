"""A task, folded from its events. :func:`evolve` is pure and total."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import Field, model_validator

from ksad.contracts import supervision as facts
from ksad.contracts.catalogue import UPCASTERS, DocumentRef, Fact, ValueObject
from ksad.contracts.corrections import substituted
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import HOME_GOVERNORS, Evaluation, Finding, FollowUp, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.contracts.envelope import Envelope

REMINDER = "d.4"
OVERSIGHT = "oversight"
FIRST = "ksad.task.scheduled.v1"
MINISTERS = ("P2", "P6", "P7", "P8")


class Status(StrEnum):
    """The status of a task. Lateness takes precedence over work in progress; the last two values are final."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Delivery(ValueObject):
    """Guidance or a reminder delivered to a party on a day."""

    on: date
    documents: tuple[DocumentRef, ...]
    note: str | None


class Refusal(ValueObject):
    """The reason for which a party needs no guidance, or a task was cancelled, and the day."""

    on: date
    reason: str


class Completion(ValueObject):
    """The completion of a task."""

    on: date
    outcome: str
    documents: tuple[DocumentRef, ...]
    findings: tuple[Finding, ...]
    evaluation: Evaluation | None
    satisfies: UUID | None


class ReminderReceipt(ValueObject):
    """A reminder that an office opened on a day."""

    office: str
    reminder: facts.ReminderKind
    on: date


class FollowUpClosure(ValueObject):
    """What a finding called for was done, on a day, by evidence."""

    on: date
    outcome: str
    documents: tuple[DocumentRef, ...]


class Handover(ValueObject):
    """A handover of the task to another body."""

    on: date
    from_body: str
    to_body: str
    clause: str
    reason: str


class Task(ValueObject):
    """One duty, owed once. ``cause`` is the id of the event that created it; ``version`` the version of its stream.

    ``opened`` are the reminders of it that were opened, by which office and when.
    """

    id: UUID
    version: int
    cooperation_id: UUID | None
    duty: str
    clause: str
    body: str
    stage: Stage | None
    for_parties: tuple[str, ...]
    occurrence: str
    period: str | None
    due_on: date
    due_basis: str
    scheduled_on: date
    cause: UUID | None
    assignee: str | None = None
    delivered: dict[str, Delivery] = Field(default_factory=dict)
    declined: dict[str, Refusal] = Field(default_factory=dict)
    acknowledged: dict[str, date] = Field(default_factory=dict)
    opened: tuple[ReminderReceipt, ...] = ()
    completed: Completion | None = None
    cancelled: Refusal | None = None
    overdue_on: date | None = None
    reminded_on: date | None = None
    escalated_on: date | None = None
    escalated_to: str | None = None
    handovers: tuple[Handover, ...] = ()
    agreement: str | None = None
    occasion: str | None = None
    rests_on: date | None = None
    follow_ups_closed: dict[int, FollowUpClosure] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_before(cls, values: Any) -> Any:  # noqa: ANN401 - whatever a model is made from
        """A row that was stored before tasks said these things by themselves is read as its event would be."""
        if isinstance(values, dict) and "rests_on" not in values and "occurrence" in values:
            return UPCASTERS[FIRST](values)
        return values

    @property
    def subject(self) -> str:
        """The subject of the task's stream."""
        return f"task/{self.id}"

    @property
    def open(self) -> bool:
        """Whether it is neither completed nor cancelled."""
        return self.completed is None and self.cancelled is None

    @property
    def follow_ups(self) -> dict[int, FollowUp]:
        """What its findings call for, by the number of the finding, from 1."""
        findings = enumerate(self.completed.findings if self.completed else (), 1)
        return {number: one.follow_up for number, one in findings if one.follow_up is not None}

    @property
    def tier(self) -> Tier:
        """The tier of its clause."""
        return Tier.MINISTER if self.clause.partition(".")[0] in MINISTERS else Tier.GOVERNOR

    @property
    def with_receipt(self) -> bool:
        """Whether it has reached somebody only when he says so: a reminder, and what home Governors are told."""
        return self.duty == REMINDER or self.occasion == HOME_GOVERNORS

    @property
    def remaining(self) -> tuple[str, ...]:
        """Those not reached yet: the parties, or the provinces of Governors."""
        reached = self.acknowledged if self.with_receipt else self.delivered
        return tuple(code for code in self.for_parties if code not in reached and code not in self.declined)

    @property
    def status(self) -> Status:
        """The status shown to users."""
        if self.completed is not None:
            return Status.COMPLETED
        if self.cancelled is not None:
            return Status.CANCELLED
        if self.escalated_on is not None:
            return Status.ESCALATED
        if self.overdue_on is not None:
            return Status.OVERDUE
        begun = self.assignee or self.delivered or self.declined or self.acknowledged
        return Status.IN_PROGRESS if begun else Status.OPEN


def head_of(body: str) -> str:
    """The head of a body: the Governor of a TKKSD's province, otherwise the Minister, also for a Governor (P13)."""
    return f"governor:{body.removeprefix('tkksd:')}" if body.startswith("tkksd:") else "minister"


def _scheduled(event: Envelope, fact: facts.TaskScheduled) -> Task:
    return Task(
        id=UUID(event.subject.removeprefix("task/")),
        version=event.streamversion,
        scheduled_on=event.occurredon,
        cause=event.causationid,
        **dict(fact),
    )


def _delivered(task: Task, fact: facts.TaskDelivered, on: date) -> dict[str, Any]:
    done = Delivery(on=on, documents=tuple(fact.documents), note=fact.note)
    return {"delivered": task.delivered | {fact.region: done}}


def _declined(task: Task, fact: facts.TaskDeclined, on: date) -> dict[str, Any]:
    return {"declined": task.declined | {fact.region: Refusal(on=on, reason=fact.reason)}}


def _acknowledged(task: Task, fact: facts.ReminderAcknowledged, on: date) -> dict[str, Any]:
    return {"acknowledged": task.acknowledged | {fact.region: on}}


def _completed(_: Task, fact: facts.TaskCompleted, on: date) -> dict[str, Any]:
    done = Completion(
        on=on,
        outcome=fact.outcome,
        documents=tuple(fact.documents),
        findings=tuple(fact.findings),
        evaluation=fact.evaluation,
        satisfies=fact.satisfies,
    )
    return {"completed": done}


def _follow_up_closed(task: Task, fact: facts.FollowUpClosed, on: date) -> dict[str, Any]:
    done = FollowUpClosure(on=on, outcome=fact.outcome, documents=tuple(fact.documents))
    return {"follow_ups_closed": task.follow_ups_closed | {fact.finding: done}}


def _handed_over(task: Task, fact: facts.TaskHandedOver, on: date) -> dict[str, Any]:
    step = Handover(on=on, from_body=fact.from_body, to_body=fact.to_body, clause=fact.clause, reason=fact.reason)
    # The assignee is an officer of the former body.
    return {"body": fact.to_body, "clause": fact.clause, "assignee": None, "handovers": (*task.handovers, step)}


FOLDS: dict[type[Fact], Callable[[Task, Any, date], dict[str, Any]]] = {
    facts.TaskAssigned: lambda _, fact, __: {"assignee": fact.assignee},
    facts.TaskDelivered: _delivered,
    facts.TaskDeclined: _declined,
    facts.ReminderAcknowledged: _acknowledged,
    facts.ReminderOpened: lambda task, fact, on: {
        "opened": (*task.opened, ReminderReceipt(office=fact.office, reminder=fact.reminder, on=on))
    },
    facts.TaskCompleted: _completed,
    facts.FollowUpClosed: _follow_up_closed,
    facts.TaskHandedOver: _handed_over,
    facts.TaskCancelled: lambda _, fact, on: {"cancelled": Refusal(on=on, reason=fact.reason)},
    facts.TaskOverdue: lambda _, fact, __: {"overdue_on": fact.day},
    facts.TaskReminded: lambda _, fact, __: {"reminded_on": fact.day},
    facts.TaskEscalated: lambda _, fact, __: {"escalated_on": fact.day, "escalated_to": fact.to_office},
}


def evolve(task: Task | None, event: Envelope) -> Task | None:
    """The task after a further event of its stream; unchanged by an event seen before. Corrections need
    :func:`refold`.
    """
    if task is not None and event.streamversion <= task.version:
        return task
    fact = event.fact()
    if task is None:
        return _scheduled(event, fact) if isinstance(fact, facts.TaskScheduled) else None
    fold = FOLDS.get(type(fact))
    changed = fold(task, fact, event.occurredon) if fold is not None else {}
    return task.model_copy(update={**changed, "version": event.streamversion})


def refold(history: Iterable[Envelope]) -> Task | None:
    """The task after all events of its stream, with corrections applied; ``None`` for an empty stream."""
    task = None
    for event in substituted(history):
        task = evolve(task, event)
    return task
