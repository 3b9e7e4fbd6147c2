"""Events of the reporting service: the chain of reports (Pasal 8, 12, 13), and anchors of the feeds and the log."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, ValueObject, declare
from ksad.contracts.identifiers import Office, ProvinceCode, Sha256, ShortText

SUPERVISOR, PUBLIC = Audience.SUPERVISOR, Audience.PUBLIC
Size = Annotated[int, Field(ge=0, le=2**53 - 1)]


class ReportKind(StrEnum):
    """R1 Joint Secretariat to Minister (Pasal 8), R2 TKKSD to Governor (12), R3 Governor to Minister (13), overview."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    OVERVIEW = "overview"


class Citation(ValueObject):
    """An accepted report that another one builds on."""

    report_id: UUID
    version: Annotated[int, Field(ge=1)]
    content_sha256: Sha256


class ReportFact(Fact):
    """What every fact of a report says: which one, of whom, to whom, for which period, which version."""

    kind: ReportKind
    from_office: Office
    to_office: Office
    period: ShortText
    version: Annotated[int, Field(ge=1)]


@declare(Service.REPORTING, "ksad.report.compiled", 1, SUPERVISOR)
class ReportCompiled(ReportFact):
    """A version was compiled from the journal prefix [0, ``prefix_size``) and never changes."""

    period_from: date
    period_to: date
    prefix_size: Size
    prefix_root: Sha256
    previous_size: Size
    content_sha256: Sha256
    documents: list[DocumentRef]
    cites: list[Citation]
    figures: dict[str, int]


@declare(Service.REPORTING, "ksad.report.submitted", 1, SUPERVISOR, correctable=("letter_number",))
class ReportSubmitted(ReportFact):
    """The compiled version went to its addressee: the duty to report is done."""

    letter_number: ShortText | None


@declare(Service.REPORTING, "ksad.report.accepted", 1, SUPERVISOR, correctable=("remarks",))
class ReportAccepted(ReportFact):
    """The addressee accepted it."""

    remarks: ShortText | None


@declare(Service.REPORTING, "ksad.report.returned", 1, SUPERVISOR, correctable=("remarks",))
class ReportReturned(ReportFact):
    """The addressee returned it with remarks; the next version is compiled anew."""

    remarks: ShortText


@declare(Service.REPORTING, "ksad.report.corrected", 1, SUPERVISOR)
class ReportCorrected(ReportFact):
    """Other values for correctable fields of an earlier event of this report; its content stays as compiled."""

    corrects: UUID
    reason: ShortText
    fields: dict[str, Any]


class FeedHead(ValueObject):
    """The head of one province's feed."""

    province: ProvinceCode
    origin: str
    size: Size
    root: Sha256


@declare(Service.REPORTING, "ksad.anchor.feeds_anchored", 1, PUBLIC)
class FeedsAnchored(Fact):
    """Once a day, the heads of the feeds that grew; goes into the national log only."""

    day: date
    heads: list[FeedHead]


@declare(Service.REPORTING, "ksad.anchor.log_continued", 1, PUBLIC)
class LogContinued(Fact):
    """First leaf under a new origin: the old head could not be refilled after a restore."""

    old_origin: str
    old_size: Size
    old_root: Sha256
    reason: ShortText
