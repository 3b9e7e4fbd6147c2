"""What outsiders may rely on in reporting's answers; more may be in them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.registry import Stage
from ksad.contracts.reporting import ReportKind


class CooperationRow(ResponseModel, title="Cooperation"):
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


class CooperationPage(ResponseModel, title="Cooperations"):
    """A page of the register."""

    items: list[CooperationRow]
    next: str | None


class LogEntry(ResponseModel, title="Entry"):
    """An entry of the log: its index, the event as it stands there, and the event that it corrects."""

    index: int
    event: dict[str, Any]
    corrects: UUID | None


class TimelinePage(ResponseModel, title="Timeline"):
    """A page of what the log says of a cooperation."""

    items: list[LogEntry]
    next: int | None


class ReportSummary(ResponseModel, title="Listed"):
    """A report in a list."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    period: str
    state: str


class ReportPage(ResponseModel, title="Reports"):
    """A page of reports."""

    items: list[ReportSummary]
    next: UUID | None


class ReportResponse(ResponseModel, title="Report"):
    """A report with all its versions."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    to_office: str
    period: str
    state: str
    version: int
    versions: list[dict[str, Any]]


class ReportRecorded(ReportResponse, title="ReportRecorded"):
    """A report after a command, the events that this made, and their position in the log."""

    events: list[UUID]
    position: str


class DigestAnswer(ResponseModel, title="Digest"):
    """How many entries the live projections have folded, and the SHA-256 over all their rows."""

    entries: int
    digest: str
