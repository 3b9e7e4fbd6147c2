"""What outsiders may rely on in supervision's answers; more may be in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ksad.contracts.supervision import Tier
from ksad.supervision.domain.task import Status


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="allow")


class Task(Told):
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


class Tasks(Told):
    """A page of tasks."""

    items: list[Task]
    next: str | None


class Supervised(Told):
    """Who supervises a cooperation and settles its disputes, now and before."""

    cooperation_id: UUID
    tier: Tier
    supervising_body: str
    dispute_forum: str
    basis: str
    gap_filled: bool
    informed: list[str]
    resolutions: list[dict[str, Any]]
