"""What outsiders may rely on in reporting's answers; more may be in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ksad.contracts.registry import Stage
from ksad.contracts.reporting import ReportKind


class Told(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="allow")


class Cooperation(Told):
    """A row of the register matrix."""

    cooperation_id: UUID
    key: str | None
    title: str | None
    stage: Stage | None
    status: str
    affair: str | None
    ends_on: date | None
    tier: str | None
    supervising_body: str | None
    parties: list[str]


class Cooperations(Told):
    """A page of the register."""

    items: list[Cooperation]
    next: str | None


class Entry(Told):
    """An entry of the log: its index, the event as it stands there, and the event that it corrects."""

    index: int
    event: dict[str, Any]
    corrects: UUID | None


class Timeline(Told):
    """A page of what the log says of a cooperation."""

    items: list[Entry]
    next: int | None


class Listed(Told):
    """A report in a list."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    period: str
    state: str


class Reports(Told):
    """A page of reports."""

    items: list[Listed]
    next: UUID | None


class Report(Told):
    """A report with all its versions."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    to_office: str
    period: str
    state: str
    version: int
    versions: list[dict[str, Any]]


class ReportRecorded(Report):
    """A report after a command, the events that this made, and their position in the log."""

    events: list[UUID]
    position: str
