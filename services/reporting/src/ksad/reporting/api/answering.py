"""Response models: the fields that clients may rely on. A response may have more."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.registry import Stage
from ksad.contracts.reporting import ReportKind
from ksad.contracts.verification import EntryStatus


class AwaitedAct(ResponseModel, title="PendingAct"):
    """An act that has no effect yet: what it is, since when it waits, for whose confirmation, and until when.

    ``expires_on`` is null where there is no last day, ``since`` while the rows of an older release are folded anew.
    ``says`` is the same in a sentence.
    """

    proposal: UUID
    act: str
    on: date
    since: date | None
    proposer: str | None
    asked: list[str]
    confirmed: list[str]
    awaiting: list[str]
    expires_on: date | None
    says: str


class CooperationRow(ResponseModel, title="Cooperation"):
    """A cooperation as listed in the register; ``affair_name`` says of one that is in no list that it is unmapped.

    Names are those of today; ``unverified`` is the number of its facts that were not examined.
    ``pending`` are the acts of several parties that wait for confirmation and that the caller may see: all for parties
    and supervisors, for others those that ask their region.
    """

    cooperation_id: UUID
    key: str | None
    title: str | None
    stage: Stage | None
    status: str
    affair: str | None
    affair_name: str | None
    ends_on: date | None
    tier: str | None
    supervising_body: str | None
    supervisor_name: str | None
    parties: list[str]
    party_names: list[dict[str, str]]
    unverified: int
    pending: list[AwaitedAct]


class CooperationCounts(ResponseModel):
    """How many cooperations match: all, and by status, stage and tier of those who supervise."""

    total: int
    status: dict[str, int]
    stage: dict[Stage, int]
    tier: dict[str, int]


class CooperationPage(ResponseModel, title="Cooperations"):
    """A page of the register. ``next`` is the value of ``after`` for the next page; null on the last page.

    ``counts`` are of all that match, whatever the page; null where they were not asked for.
    """

    items: list[CooperationRow]
    next: str | None
    counts: CooperationCounts | None


class LogEntry(ResponseModel, title="Entry"):
    """An entry of the log: its index, its event, the id of the event that it corrects, whether its fact was verified.

    ``says`` is a sentence, of an event by which an act of several parties is proposed, confirmed, refused or closed.
    Null: it corrects none; it is no such event; its fact is not one that is verified.
    """

    index: int
    event: dict[str, Any]
    corrects: UUID | None
    says: str | None
    verification: EntryStatus | None


class TimelinePage(ResponseModel, title="Timeline"):
    """A page of a cooperation's entries. ``next`` is ``after`` for the next page; null on the last page."""

    items: list[LogEntry]
    next: int | None


class VerifiableItem(ResponseModel, title="VerifiableEntry"):
    """A fact that a supervising body examines: what it is, who recorded it, and what to mend where it was returned."""

    event_id: UUID
    cooperation_id: UUID
    key: str | None
    title: str | None
    parties: list[dict[str, str]]
    name: str
    label: str
    on: date
    recorder: str
    body: str | None
    agreement: str | None
    status: EntryStatus
    status_label: str
    reason: str | None
    mend: str | None


class VerificationPage(ResponseModel, title="Verification"):
    """A page of the work list. ``next`` is the value of ``after`` for the next page; null on the last page."""

    items: list[VerifiableItem]
    next: int | None


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
    """The sections of a report that only its office can write."""

    report_id: UUID
    sections: list[NarrativeItem]


class DigestAnswer(ResponseModel, title="Digest"):
    """The number of entries folded by the live projections, and the SHA-256 (hex) over all their rows."""

    entries: int
    digest: str
