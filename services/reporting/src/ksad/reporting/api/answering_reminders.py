"""Response models of reminders: the fields that clients may rely on. A response may have more."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from ksad.chassis.openapi import ResponseModel


class ReminderOccasion(StrEnum):
    """Of what an office is reminded."""

    END = "end"
    """An agreement ends, and the parties are to prepare it (d.4)."""
    ASSIGNED = "assigned"
    """A task of the office was given to one of its officers."""
    LATE = "late"
    """A task of the office is late."""
    CONFIRMATION = "confirmation"
    """An act of several parties waits for the region's confirmation."""
    RETURNED = "returned"
    """A report of the office was returned."""


class RemindedCooperation(ResponseModel):
    """The cooperation that a reminder is about, with its parties under their codes of today."""

    cooperation_id: UUID
    key: str
    title: str
    parties: list[str]


class RemindedTask(ResponseModel):
    """The task that a reminder is about; ``rests_on`` is the end that a task of d.4 counts to."""

    task_id: UUID
    duty: str
    clause: str
    body: str
    due_on: date
    rests_on: date | None


class RemindedAct(ResponseModel):
    """The act that waits: what it is, the region that proposed it, and the last day on which it can be confirmed."""

    name: str
    proposer: str | None
    expires_on: date | None


class RemindedReport(ResponseModel):
    """The report that was returned: by ``to_office``."""

    report_id: UUID
    kind: str
    period: str
    from_office: str
    to_office: str


class ReminderItem(ResponseModel, title="Reminder"):
    """One office is reminded of one event: index and id of its entry, and its day. What it is not about is null."""

    entry: int
    id: UUID
    on: date
    occasion: ReminderOccasion
    office: str
    cooperation: RemindedCooperation | None
    task: RemindedTask | None
    act: RemindedAct | None
    report: RemindedReport | None


class ReminderPage(ResponseModel, title="Reminders"):
    """Reminders among some entries; ``next`` is the value of ``after`` for those that follow, also where none are."""

    items: list[ReminderItem]
    next: int
