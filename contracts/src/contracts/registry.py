"""Facts that the registry decides: cooperations and their parties, instruments, disputes and endings; reference data.

Stages, instruments and clauses are those of Permendagri 23/2009. Facts that practice needs and the regulation does not
know (amendments, parties joining or leaving; ``domain.md`` 1.4 no. 9) say so in their docstrings.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from contracts.identifiers import Key, Office, RegionCode, Sha256, ShortText

PUBLIC, PARTIES, SUPERVISOR = Audience.PUBLIC, Audience.PARTIES, Audience.SUPERVISOR


class Stage(StrEnum):
    """The four stages of Pasal 4; the last is one stage."""

    EXPLORATION = "exploration"
    NEGOTIATION = "negotiation"
    SIGNING = "signing"
    IMPLEMENTATION_AND_TERMINATION = "implementation_and_termination"


class InstrumentKind(StrEnum):
    """Pasal 1 nos. 5 and 6: the accord plans, the agreement carries out."""

    ACCORD = "accord"
    AGREEMENT = "agreement"


class Category(StrEnum):
    """UU 23/2014 Pasal 363: from the 2018 profile on."""

    MANDATORY = "mandatory"
    VOLUNTARY = "voluntary"


class Manner(StrEnum):
    """How a dispute is settled."""

    DELIBERATION = "deliberation"
    GOVERNOR_DECISION = "governor_decision"
    MINISTER_DECISION = "minister_decision"


class ReferenceKind(StrEnum):
    """What decisions rest on and is therefore adopted into the log."""

    REGIONS = "regions"
    PROFILE = "profile"
    POLICY = "policy"
    HOLIDAYS = "holidays"


Numbers = dict[RegionCode, ShortText]
"""A document number per party: one instrument carries as many numbers as it has parties."""

AmountIdr = Annotated[int, Field(ge=0, le=2**53 - 1)]


@declare(Service.REGISTRY, "ksad.cooperation.registered", 1, PUBLIC, correctable=("title", "object", "affair"))
class Registered(Fact):
    """A cooperation enters the register and is bound to the legal profile of that day."""

    key: Key
    title: ShortText
    object: ShortText
    affair: Key
    category: Category | None
    parties: Annotated[list[RegionCode], Field(min_length=2)]
    initiator: RegionCode | None
    stage: Stage
    profile: Key


@declare(Service.REGISTRY, "ksad.cooperation.stage_entered", 1, PUBLIC)
class StageEntered(Fact):
    """The cooperation enters a stage (Pasal 4); ``left`` is the stage it was in."""

    left: Stage
    stage: Stage


@declare(Service.REGISTRY, "ksad.cooperation.body_formed", 1, PUBLIC, correctable=("name", "seat", "instrument"))
class BodyFormed(Fact):
    """The parties formed a cooperation body (Pasal 6/10 a.1.d and a.2)."""

    name: ShortText
    seat: ShortText
    instrument: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.signing_scheduled", 1, PARTIES, correctable=("signing_on", "institutions"))
class SigningScheduled(Fact):
    """An accord or agreement is about to be signed: the milestone of c.1 or c.2."""

    instrument: InstrumentKind
    signing_on: date
    institutions: list[ShortText]


@declare(
    Service.REGISTRY, "ksad.cooperation.accord_signed", 1, PUBLIC, correctable=("numbers", "witnesses", "document")
)
class AccordSigned(Fact):
    """The regional heads signed the accord (Pasal 1 no. 5)."""

    numbers: Numbers
    witnesses: list[ShortText]
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.council_approval_recorded", 1, PUBLIC, correctable=("number",))
class CouncilApprovalRecorded(Fact):
    """A party's regional council approved (PP 28/2018 Pasal 6(2); no clause in 23/2009)."""

    region: RegionCode
    number: ShortText


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_signed",
    1,
    PUBLIC,
    correctable=("numbers", "effective_on", "ends_on", "scope", "witnesses", "document"),
)
class AgreementSigned(Fact):
    """The regional heads signed the cooperation agreement (Pasal 1 no. 6)."""

    numbers: Numbers
    effective_on: date | None
    ends_on: date | None
    scope: ShortText | None
    witnesses: list[ShortText]
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.profile_bound", 1, PUBLIC)
class ProfileBound(Fact):
    """The cooperation is bound to a legal profile again: at signing, or pinned by an operator with a reason."""

    profile: Key
    occasion: Literal["signing", "pinned"]
    reason: ShortText | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_amended",
    1,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "document"),
)
class AgreementAmended(Fact):
    """The agreement was amended (practice; no clause in 23/2009). ``ends_on`` is null when the end stays."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: date | None
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_extended",
    1,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "document"),
)
class AgreementExtended(Fact):
    """The agreement's end was moved (practice; no clause in 23/2009)."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: date
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.party_joined", 1, PUBLIC)
class PartyJoined(Fact):
    """A region joined (practice; no clause in 23/2009). ``parties`` is the list from now on."""

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]


@declare(Service.REGISTRY, "ksad.cooperation.party_withdrew", 1, PUBLIC)
class PartyWithdrew(Fact):
    """A region left (practice; no clause in 23/2009). ``parties`` is the list from now on."""

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]


@declare(Service.REGISTRY, "ksad.cooperation.problem_reported", 1, PARTIES, correctable=("description",))
class ProblemReported(Fact):
    """A problem arose (d.2); a problem is not a dispute."""

    problem: Key
    description: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.problem_resolved", 1, PARTIES, correctable=("outcome",))
class ProblemResolved(Fact):
    """A reported problem is over."""

    problem: Key
    outcome: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.dispute_raised", 1, PARTIES, correctable=("description",))
class DisputeRaised(Fact):
    """Two or more parties are in dispute (d.3)."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2)]
    description: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.dispute_decision_requested", 1, PARTIES)
class DisputeDecisionRequested(Fact):
    """A decision of the forum is asked for (d.5)."""

    dispute: Key


@declare(Service.REGISTRY, "ksad.cooperation.dispute_escalated", 1, PARTIES, correctable=("reason",))
class DisputeEscalated(Fact):
    """The Governor could not settle it, the Minister handles it (UU 23/2014 Pasal 370(3))."""

    dispute: Key
    forum: Office
    reason: ShortText


@declare(
    Service.REGISTRY, "ksad.cooperation.dispute_settled", 1, PARTIES, correctable=("outcome", "number", "document")
)
class DisputeSettled(Fact):
    """A dispute is settled by deliberation or by the forum's decision; ``final`` as the bound profile says."""

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None
    document: DocumentRef | None
    final: bool


@declare(
    Service.REGISTRY, "ksad.cooperation.termination_notice_given", 1, PARTIES, correctable=("ground", "planned_end_on")
)
class TerminationNoticeGiven(Fact):
    """Early notice of the end: the reminder of d.4 is owed at once."""

    ground: Key
    planned_end_on: date


@declare(Service.REGISTRY, "ksad.cooperation.termination_item_added", 1, PARTIES)
class TerminationItemAdded(Fact):
    """An item beyond a to f: the list of d.4 is open ("antara lain")."""

    item: Key
    description: ShortText


@declare(
    Service.REGISTRY, "ksad.cooperation.termination_item_completed", 1, PARTIES, correctable=("document", "amount_idr")
)
class TerminationItemCompleted(Fact):
    """One proof for an item of the checklist d.4 a to f, done by the parties; ``region`` where it is per party."""

    item: Key
    region: RegionCode | None
    proof: Literal["evidence", "asset_record", "council_report"]
    document: DocumentRef | None
    amount_idr: AmountIdr | None


@declare(Service.REGISTRY, "ksad.cooperation.ended", 1, PUBLIC)
class Ended(Fact):
    """The cooperation ended on a ground of its profile; items left open are named with the reason."""

    ground: Key
    open_items: list[ShortText]
    reason: ShortText | None


@declare(Service.REGISTRY, "ksad.cooperation.corrected", 1, PARTIES)
class Corrected(Fact):
    """Other values for correctable fields of an earlier event of this stream; the stream still breaks no rule."""

    corrects: UUID
    reason: ShortText
    fields: dict[str, Any]


@declare(Service.REGISTRY, "ksad.cooperation.proposal_withdrawn", 1, PUBLIC)
class ProposalWithdrawn(Fact):
    """Given up before anything was signed."""

    reason: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.backfill_closed", 1, PARTIES)
class BackfillClosed(Fact):
    """The legacy facts are in; what is owed now arises from here on."""

    facts: Annotated[int, Field(ge=0)]


@declare(Service.REGISTRY, "ksad.reference.reference_adopted", 1, PUBLIC)
class ReferenceAdopted(Fact):
    """Regions, a profile, policy periods or holidays: the content itself, so that a replay needs no file."""

    kind: ReferenceKind
    name: Key
    content: str
    sha256: Sha256
    source: ShortText


@declare(Service.REGISTRY, "ksad.reference.boundary_changed", 1, PUBLIC)
class BoundaryChanged(Fact):
    """A region goes on under another code (region split, Glossary no. 74)."""

    region: RegionCode
    successor: RegionCode
    effective_on: date
    legal_basis: ShortText


@declare(
    Service.REGISTRY,
    "ksad.body.supervising_body_established",
    1,
    PUBLIC,
    correctable=("decision_number", "decided_on", "seat", "members"),
)
class SupervisingBodyEstablished(Fact):
    """A Joint Secretariat or TKKSD was established by decision (Pasal 5(1)-(4), 9(1)-(4)); members by office."""

    body: Office
    decision_number: ShortText
    decided_on: date
    seat: ShortText
    members: Annotated[list[ShortText], Field(min_length=1)]


@declare(Service.REGISTRY, "ksad.calendar.day_passed", 1, PUBLIC)
class DayPassed(Fact):
    """A day of Asia/Jakarta is over; all that depends on the calendar follows from it."""

    day: date
