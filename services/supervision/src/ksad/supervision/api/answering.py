"""What outsiders may rely on in supervision's answers; more may be in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.supervision import Tier
from ksad.supervision.domain.task import Status


class TaskResponse(ResponseModel, title="Task"):
    """A task with the clause it stands on."""

    task_id: UUID
    cooperation_id: UUID | None
    duty: str
    clause: str
    body: str
    due_on: date
    due_basis: str
    status: Status
    version: int


class TaskPage(ResponseModel, title="Tasks"):
    """A page of tasks."""

    items: list[TaskResponse]
    next: str | None


class SupervisionResponse(ResponseModel, title="Supervised"):
    """Who supervises a cooperation and settles its disputes, now and before."""

    cooperation_id: UUID
    tier: Tier
    supervising_body: str
    dispute_forum: str
    basis: str
    gap_filled: bool
    informed: list[str]
    resolutions: list[dict[str, Any]]
