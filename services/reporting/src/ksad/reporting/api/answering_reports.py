"""Response models of reports: the fields that clients may rely on. A response may have more."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.reporting import ReportKind


class ReportSummary(ResponseModel, title="Listed"):
    """A report as listed."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    from_name: str
    to_name: str
    period: str
    state: str


class ReportCounts(ResponseModel):
    """How many reports match: all, and by the state of their newest version (``none`` before the first)."""

    total: int
    state: dict[str, int]


class ReportPage(ResponseModel, title="Reports"):
    """A page of reports. ``next`` is the value of ``after`` for the next page; null on the last page.

    ``counts`` are of all that match, whatever the page; null where they were not asked for.
    """

    items: list[ReportSummary]
    next: str | None
    counts: ReportCounts | None


class ReportResponse(ResponseModel, title="Report"):
    """A report with all its versions; ``version`` is their number."""

    report_id: UUID
    kind: ReportKind
    from_office: str
    to_office: str
    period: str
    state: str
    version: int
    versions: list[dict[str, Any]]


class ReportRecorded(ReportResponse, title="ReportRecorded"):
    """A report after a command, with the ids of the events that the command recorded, and the position of the last."""

    events: list[UUID]
    position: str


class CompilationAccepted(ResponseModel):
    """A compilation that was asked for, its report, and the place where to see how far it is."""

    compilation_id: UUID
    report_id: UUID
    place: str


class CompilationResponse(ResponseModel, title="Compilation"):
    """How far a compilation is: waiting, compiling, printing, done, refused or parked.

    ``ahead`` is the number of those that were asked for before it and have not ended. ``report`` is the report right
    after it, once it is done; ``problem`` says why it was refused, or that it is attempted no more until an operator
    asks for it, as RFC 9457 problem details. Null until then.
    """

    compilation_id: UUID
    kind: ReportKind
    office: str
    period: str
    asked_at: str
    state: str
    label: str
    ahead: int
    report: ReportRecorded | None
    problem: dict[str, Any] | None


class NarrativeItem(ResponseModel, title="WrittenSection"):
    """A section: what the office wrote, a draft from the data that is never printed, and how many rows it is about."""

    section: str
    label: str
    written: list[str]
    draft: list[str]
    open: int


class NarrativeResponse(ResponseModel, title="Narrative"):
    """The sections of a report that only its office can write, beside what the data say that they are about.

    ``figures`` are the headline figures and ``late`` the tasks that were due and not done, both as they would be
    compiled now.
    """

    report_id: UUID
    sections: list[NarrativeItem]
    figures: list[dict[str, Any]]
    late: list[dict[str, Any]]


class FigureDifference(ResponseModel):
    """A figure that changed; null where a version does not have it."""

    name: str
    label: str
    unit: str
    before: int | None
    after: int | None


class SectionDifference(ResponseModel):
    """A section that was written differently, as the paragraphs of each version."""

    section: str
    label: str
    before: list[str]
    after: list[str]


class DifferencesResponse(ResponseModel, title="Differences"):
    """What changed between two versions of a report; ``unchanged`` is the number of figures that are the same.

    ``came`` and ``gone`` are titles of cooperations that only the newer or only the older version speaks of.
    """

    figures: list[FigureDifference]
    unchanged: int
    sections: list[SectionDifference]
    came: list[str]
    gone: list[str]


class PrintedDocument(ResponseModel):
    """A document of a version by its SHA-256; ``sent`` as it went out with its letter, ``compiled`` as before that."""

    sha256: str
    media_type: str
    printed: str


class PublicStep(ResponseModel):
    """What happened to a version that was sent, and on which day."""

    what: str
    on: date


class PrintedReport(ResponseModel):
    """What anybody may know of a report that was sent: who, when, how it stands, and the hashes of its documents.

    ``newest`` is the number of the last version that was sent: a higher one has taken its place.
    """

    report_id: UUID
    version: int
    kind: ReportKind
    clause: str | None
    sender: str
    receiver: str
    period: str
    as_of: date
    state: str
    newest: int
    steps: list[PublicStep]
    content_sha256: str
    prefix_size: int
    prefix_root: str
    documents: list[PrintedDocument]
