"""Events of the reporting service: the chain of reports (Pasal 8, 12, 13), and anchors and rule of the feeds."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from ksad.contracts.catalogue import UPCASTERS, Audience, DocumentRef, Fact, Service, ValueObject, declare
from ksad.contracts.identifiers import Office, ProvinceCode, Sha256, ShortText
from ksad.contracts.registry import SignedAs

SUPERVISOR, PUBLIC = Audience.SUPERVISOR, Audience.PUBLIC
Size = Annotated[int, Field(ge=0, le=2**53 - 1)]
NOTE_MAX = 20_000
"""Characters of a signed head in an event: one of ours has about 200, and witnesses may add lines."""


class ReportKind(StrEnum):
    """R1 Joint Secretariat to Minister (Pasal 8), R2 TKKSD to Governor (12), R3 Governor to Minister (13), overview."""

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    OVERVIEW = "overview"


class NarrativeSection(StrEnum):
    """What of a report only its office can write; drafts are made from the data, and never printed."""

    CONCLUSIONS = "conclusions"
    OBSTACLES = "obstacles"
    ADVICE = "advice"
    FOLLOW_UP = "follow_up"
    REQUESTS = "requests"
    COPIES = "copies"


class NarrativeCited(ValueObject):
    """The text of one section that a compiled version was frozen with."""

    section: NarrativeSection
    document: DocumentRef


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


class Compilation(ReportFact):
    """What every compilation says: the prefix it was compiled from, its documents, citations and headline figures."""

    period_from: date
    period_to: date
    prefix_size: Size
    prefix_root: Sha256
    previous_size: Size
    content_sha256: Sha256
    documents: list[DocumentRef]
    cites: list[Citation]
    figures: dict[str, int]


@declare(Service.REPORTING, "ksad.report.compiled", 1, SUPERVISOR)
class ReportCompiledV1(Compilation, title="ReportCompiled"):
    """A version was compiled from the journal prefix [0, ``prefix_size``) and never changes."""


@declare(Service.REPORTING, "ksad.report.compiled", 2, SUPERVISOR)
class ReportCompiled(Compilation):
    """A version was compiled from the journal prefix [0, ``prefix_size``) and never changes.

    ``rules`` names the rules of figures and wording. ``form`` and ``renderer`` name the printed form and the exact
    programs that set it; under others, the printed files need not have the same bytes. ``as_of`` is the day whose state
    the tables show; rules 1 named none. A ``draft`` was compiled before its period was over and is never submitted.
    ``narratives`` are the texts that the office had written for it.
    """

    rules: Annotated[int, Field(ge=1)]
    form: Annotated[int, Field(ge=1)] | None
    renderer: ShortText | None
    as_of: date | None
    draft: bool
    narratives: list[NarrativeCited]


def _compiled_2(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"rules": 1, "form": None, "renderer": None, "as_of": None, "draft": False, "narratives": []}


UPCASTERS["ksad.report.compiled.v1"] = _compiled_2


@declare(Service.REPORTING, "ksad.report.narrative_written", 1, SUPERVISOR)
class NarrativeWritten(ReportFact):
    """The office wrote a section of the coming ``version`` of its report; the newest text of a section counts."""

    section: NarrativeSection
    document: DocumentRef


@declare(Service.REPORTING, "ksad.report.submitted", 1, SUPERVISOR, correctable=("letter_number",))
class ReportSubmittedV1(ReportFact, title="ReportSubmitted"):
    """The compiled version went to its addressee: the duty to report is done."""

    letter_number: ShortText | None


@declare(Service.REPORTING, "ksad.report.submitted", 2, SUPERVISOR, correctable=("letter_number",))
class ReportSubmitted(ReportFact):
    """The compiled version went to its addressee: the duty to report is done.

    ``documents`` are the printed forms that were signed, with number, day, place and copies in them. Nobody's name
    stands in them: a copy with the signature is kept outside the log. Submissions of version 1 have a number at most.
    """

    letter_number: ShortText | None
    place: ShortText | None
    copies: list[ShortText]
    signed_as: SignedAs | None
    documents: list[DocumentRef]
    form: Annotated[int, Field(ge=1)] | None
    renderer: ShortText | None


UPCASTERS["ksad.report.submitted.v1"] = lambda data: {
    **data,
    "place": None,
    "copies": [],
    "signed_as": None,
    "documents": [],
    "form": None,
    "renderer": None,
}


@declare(Service.REPORTING, "ksad.report.discarded", 1, SUPERVISOR, correctable=("reason",))
class ReportDiscarded(ReportFact):
    """The office gave up the compiled version before it submitted it; the next version is compiled anew."""

    reason: ShortText


@declare(Service.REPORTING, "ksad.report.accepted", 1, SUPERVISOR, correctable=("remarks",))
class ReportAcceptedV1(ReportFact, title="ReportAccepted"):
    """The addressee accepted it."""

    remarks: ShortText | None


@declare(Service.REPORTING, "ksad.report.accepted", 2, SUPERVISOR, correctable=("remarks",))
class ReportAccepted(ReportFact):
    """The addressee accepted it; ``signed_as`` is the capacity in which its head did, null where that was not told."""

    remarks: ShortText | None
    signed_as: SignedAs | None


@declare(Service.REPORTING, "ksad.report.returned", 1, SUPERVISOR, correctable=("remarks",))
class ReportReturnedV1(ReportFact, title="ReportReturned"):
    """The addressee returned it with remarks; the next version is compiled anew."""

    remarks: ShortText


@declare(Service.REPORTING, "ksad.report.returned", 2, SUPERVISOR, correctable=("remarks",))
class ReportReturned(ReportFact):
    """The addressee returned it with remarks; the next version is compiled anew. ``signed_as`` as of accepting."""

    remarks: ShortText
    signed_as: SignedAs | None


def _received_2(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"signed_as": None}


UPCASTERS |= {"ksad.report.accepted.v1": _received_2, "ksad.report.returned.v1": _received_2}


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


@declare(Service.REPORTING, "ksad.anchor.feed_rule_adopted", 1, PUBLIC)
class FeedRuleAdopted(Fact):
    """From this fact on, feeds follow another version of their rule (``docs/feed-rule.md``); national log only.

    Number and date are those of the decision of the Minister or the Joint Secretariat. They are null where a platform
    began with that version, before a province had been told anything.
    """

    version: Annotated[int, Field(ge=2, le=1_000)]
    decision_number: ShortText | None
    decided_on: date | None


@declare(Service.REPORTING, "ksad.anchor.log_continued", 1, PUBLIC)
class LogContinuedUnsigned(Fact):
    """First leaf under a new origin: the old head could not be refilled after a restore."""

    model_config = ConfigDict(title="LogContinued")  # A schema that was released keeps its bytes.

    old_origin: str
    old_size: Size
    old_root: Sha256
    reason: ShortText


@declare(Service.REPORTING, "ksad.anchor.log_continued", 2, PUBLIC)
class LogContinued(Fact):
    """First leaf under a new origin, after a restore without the old keys. It carries the old head as it was signed.

    ``old_checkpoint`` is the signed note (C2SP tlog-checkpoint); null only where a fact of version 1 is read as this.
    """

    old_origin: str
    old_size: Size
    old_root: Sha256
    old_checkpoint: Annotated[str, Field(min_length=1, max_length=NOTE_MAX)] | None
    reason: ShortText


UPCASTERS["ksad.anchor.log_continued.v1"] = lambda data: {**data, "old_checkpoint": None}
