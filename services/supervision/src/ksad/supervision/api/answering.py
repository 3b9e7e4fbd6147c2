"""Response models: the fields that clients may rely on. A response may have more."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.supervision import Tier
from ksad.supervision.domain.task import Status


class TaskResponse(ResponseModel, title="Task"):
    """A task with its clause, responsible body, due date and status. ``version`` is the version of its stream.

    ``key``, ``title`` and ``parties`` are those of its cooperation; names are those of today.
    """

    task_id: UUID
    cooperation_id: UUID | None
    key: str | None
    title: str | None
    parties: list[dict[str, str]]
    duty: str
    clause: str
    body: str
    body_name: str
    due_on: date
    due_basis: str
    status: Status
    version: int


class TaskTotals(ResponseModel):
    """How many tasks match in all, by status, and of open ones by when they are due and without an officer.

    ``due`` counts what was due before today (``late``), in seven (``week``) or thirty days (``month``), or ``later``.
    """

    total: int
    status: dict[Status, int]
    due: dict[Literal["late", "week", "month", "later"], int]
    unassigned: int


class TaskPage(ResponseModel, title="Tasks"):
    """A page of tasks. ``next`` is the value of ``after`` for the next page; null on the last page.

    ``counts`` are of all that match, whatever the page; null where they were not asked for.
    """

    items: list[TaskResponse]
    next: str | None
    counts: TaskTotals | None


class FollowUpItem(ResponseModel, title="ListedFollowUp"):
    """What a finding calls for: which office, by when, what; ``closed`` has the evidence, null while it is open."""

    task_id: UUID
    finding: int
    cooperation_id: UUID | None
    key: str | None
    title: str | None
    parties: list[dict[str, str]]
    body: str
    clause: str
    description: str
    who: str
    by: date
    what: str
    state: str
    days_overdue: int
    closed: dict[str, Any] | None


class FollowUpPage(ResponseModel, title="FollowUps"):
    """A page of follow-ups. ``next`` is the value of ``offset`` for the next page; null on the last page."""

    items: list[FollowUpItem]
    next: int | None


class SupervisionResponse(ResponseModel, title="Supervised"):
    """Who supervises a cooperation and who settles its disputes, with all earlier resolutions."""

    cooperation_id: UUID
    tier: Tier
    supervising_body: str
    dispute_forum: str
    basis: str
    gap_filled: bool
    informed: list[str]
    resolutions: list[dict[str, Any]]
    settlements: dict[str, dict[str, Any]]
