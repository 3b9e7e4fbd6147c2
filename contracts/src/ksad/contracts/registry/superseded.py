"""Older versions of the registry's events, and how each is read as the next version.

A version stays for ever: archives and stores hold its events. An upcaster adds the fields that the next version has,
with the value that says what was not asked at the time; it renames and redefines nothing, because corrections were
recorded with the field names of the version that they correct.
"""

from __future__ import annotations

from typing import Any, Literal

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, upcasts
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.superseding import UNCONFIRMED, adds, older
from ksad.contracts.registry.vocabulary import AmountIdr, InstrumentKind, Numbers, Stage
from ksad.contracts.strict import Day

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES
ACCORD_1, AGREEMENT_1 = "kesepakatan-1", "perjanjian-1"
"""The keys of the accord and the agreement of which there could be one only before they had keys."""


@older("stage_entered", PUBLIC)
class StageEnteredV1(Fact, title="StageEntered"):
    """The cooperation enters a stage (Pasal 4); ``left`` is the stage it was in."""

    left: Stage
    stage: Stage


adds("stage_entered", agreement=None)


@older("profile_bound", PUBLIC)
class ProfileBoundV1(Fact, title="ProfileBound"):
    """The cooperation is bound to a legal profile again: at signing, or pinned by an operator with a reason."""

    profile: Key
    occasion: Literal["signing", "pinned"]
    reason: ShortText | None


adds("profile_bound", agreement=None, decision=None)


@older("party_joined", PUBLIC)
class PartyJoinedV1(Fact, title="PartyJoined"):
    """A region joined (practice; no clause in 23/2009). ``parties`` is the list from now on."""

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]


adds("party_joined", umbrella=True, agreements=[AGREEMENT_1], document=None, standing=UNCONFIRMED)


@older("party_withdrew", PUBLIC)
class PartyWithdrewV1(Fact, title="PartyWithdrew"):
    """A region left (practice; no clause in 23/2009). ``parties`` is the list from now on."""

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]


adds(
    "party_withdrew",
    umbrella=True,
    agreements=[AGREEMENT_1],
    document=None,
    settlement="with_the_end",
    standing=UNCONFIRMED,
)


@older("signing_scheduled", PARTIES, correctable=("signing_on", "institutions"))
class SigningScheduledV1(Fact, title="SigningScheduled"):
    """An accord or agreement is about to be signed: the milestone of c.1 or c.2."""

    instrument: InstrumentKind
    signing_on: Day
    institutions: list[ShortText]


@upcasts("ksad.cooperation.signing_scheduled.v1")
def _signing(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"key": ACCORD_1 if data["instrument"] == "accord" else AGREEMENT_1}


@older("accord_signed", PUBLIC, correctable=("numbers", "witnesses", "document"))
class AccordSignedV1(Fact, title="AccordSigned"):
    """The regional heads signed the accord (Pasal 1 no. 5)."""

    numbers: Numbers
    witnesses: list[ShortText]
    document: DocumentRef | None


@upcasts("ksad.cooperation.accord_signed.v1")
def _accord(data: dict[str, Any]) -> dict[str, Any]:
    return data | {
        "accord": ACCORD_1,
        "between": list(data["numbers"]),
        "signatories": [],
        "effective_on": None,
        "ends_on": None,
        "ends_precision": None,
        "term": "unknown",
        "replaces": None,
        "place": None,
        "standing": UNCONFIRMED,
    }


@older("council_approval_recorded", PUBLIC, correctable=("number",))
class CouncilApprovalRecordedV1(Fact, title="CouncilApprovalRecorded"):
    """A party's regional council approved (PP 28/2018 Pasal 6(2); no clause in 23/2009)."""

    region: RegionCode
    number: ShortText


adds("council_approval_recorded", agreement=AGREEMENT_1, document=None, outcome="approved")


@older(
    "agreement_signed",
    PUBLIC,
    correctable=("numbers", "effective_on", "ends_on", "scope", "witnesses", "document"),
)
class AgreementSignedV1(Fact, title="AgreementSigned"):
    """The regional heads signed the cooperation agreement (Pasal 1 no. 6)."""

    numbers: Numbers
    effective_on: Day | None
    ends_on: Day | None
    scope: ShortText | None
    witnesses: list[ShortText]
    document: DocumentRef | None


@upcasts("ksad.cooperation.agreement_signed.v1")
def _agreement(data: dict[str, Any]) -> dict[str, Any]:
    return data | {
        "agreement": AGREEMENT_1,
        "accord": None,
        "between": list(data["numbers"]),
        "title": None,
        "object": None,
        "affair": None,
        "signatories": [],
        "ends_precision": _precision(data),
        "term": "dated" if data["ends_on"] else "unknown",
        "continues": None,
        "budget": {},
        "place": None,
        "standing": UNCONFIRMED,
    }


def _precision(data: dict[str, Any]) -> str | None:
    return "day" if data["ends_on"] else None


@older("agreement_amended", PUBLIC, correctable=("numbers", "changes", "ends_on", "document"))
class AgreementAmendedV1(Fact, title="AgreementAmended"):
    """The agreement was amended (practice; no clause in 23/2009). ``ends_on`` is null when the end stays."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: Day | None
    document: DocumentRef | None


@older("agreement_extended", PUBLIC, correctable=("numbers", "changes", "ends_on", "document"))
class AgreementExtendedV1(Fact, title="AgreementExtended"):
    """The agreement's end was moved (practice; no clause in 23/2009)."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: Day
    document: DocumentRef | None


@upcasts("ksad.cooperation.agreement_amended.v1")
def _amended(data: dict[str, Any]) -> dict[str, Any]:
    return _extended(data) | {"budget": {}}


@upcasts("ksad.cooperation.agreement_extended.v1")
def _extended(data: dict[str, Any]) -> dict[str, Any]:
    return data | {
        "agreement": AGREEMENT_1,
        "ends_precision": _precision(data),
        "term": "dated" if data["ends_on"] else None,
        "standing": UNCONFIRMED,
    }


@older("termination_notice_given", PARTIES, correctable=("ground", "planned_end_on"))
class TerminationNoticeGivenV1(Fact, title="TerminationNoticeGiven"):
    """Early notice of the end: the reminder of d.4 is owed at once."""

    ground: Key
    planned_end_on: Day


adds("termination_notice_given", agreement=AGREEMENT_1, given_by=None, document=None, replaces=None)


@older("termination_item_added", PARTIES)
class TerminationItemAddedV1(Fact, title="TerminationItemAdded"):
    """An item beyond a to f: the list of d.4 is open ("antara lain")."""

    item: Key
    description: ShortText


adds("termination_item_added", agreement=AGREEMENT_1)


@older("termination_item_completed", PARTIES, correctable=("document", "amount_idr"))
class TerminationItemCompletedV1(Fact, title="TerminationItemCompleted"):
    """One proof for an item of the checklist d.4 a to f, done by the parties; ``region`` where it is per party."""

    item: Key
    region: RegionCode | None
    proof: Literal["evidence", "asset_record", "council_report"]
    document: DocumentRef | None
    amount_idr: AmountIdr | None


adds("termination_item_completed", agreement=AGREEMENT_1, number=None, nihil=None)


@older("ended", PUBLIC)
class EndedV1(Fact, title="Ended"):
    """The cooperation ended on a ground of its profile; items left open are named with the reason."""

    ground: Key
    open_items: list[ShortText]
    reason: ShortText | None


adds("ended", of="cooperation", key=None, rests_on=None, clause=None, document=None, standing=UNCONFIRMED)
