"""Events of a cooperation: its registration, stages, parties and legal profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import Category, DecisionCited, Stage, Standing

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(
    Service.REGISTRY,
    "ksad.cooperation.registered",
    1,
    PUBLIC,
    correctable=("title", "object", "affair"),
    verifiable=True,
)
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


@declare(Service.REGISTRY, "ksad.cooperation.stage_entered", 2, PUBLIC)
class StageEntered(Fact):
    """A line of stages enters a stage (Pasal 4); ``left`` is the stage it was in.

    ``agreement`` is the agreement whose own line it is; null is the line of the cooperation.
    """

    left: Stage
    stage: Stage
    agreement: Key | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.body_formed",
    2,
    PUBLIC,
    correctable=("name", "seat", "instrument", "document"),
    verifiable=True,
)
class BodyFormed(Fact):
    """The parties formed a cooperation body (Pasal 6/10 a.1.d and a.2), by their instrument."""

    name: ShortText
    seat: ShortText
    instrument: ShortText
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.body_dissolved",
    1,
    PUBLIC,
    correctable=("instrument", "document"),
    verifiable=True,
)
class BodyDissolved(Fact):
    """The parties dissolved a body; ``body`` is the event in which its forming was recorded.

    A body belongs to the cooperation: it survives agreements, and only this ends it.
    """

    body: UUID
    instrument: ShortText
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.profile_bound", 2, PUBLIC)
class ProfileBound(Fact):
    """A cooperation or agreement is bound to a legal profile again: at signing, by verification, or pinned.

    ``agreement`` null binds the cooperation, and its first agreement with it.
    """

    profile: Key
    occasion: Literal["signing", "pinned", "verified"]
    reason: ShortText | None
    agreement: Key | None
    decision: DecisionCited | None


@declare(Service.REGISTRY, "ksad.cooperation.party_joined", 2, PUBLIC, verifiable=True)
class PartyJoined(Fact):
    """A region joined (practice; no clause in 23/2009).

    ``parties`` is the cooperation's list from now on, ``umbrella`` whether that changed, ``agreements`` those joined.
    """

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]
    umbrella: bool
    agreements: list[Key]
    document: DocumentRef | None
    standing: Standing


@declare(Service.REGISTRY, "ksad.cooperation.party_withdrew", 2, PUBLIC, verifiable=True)
class PartyWithdrew(Fact):
    """A region left (practice; no clause in 23/2009), itself and by its letter.

    ``parties``, ``umbrella`` and ``agreements`` as of joining. ``settlement``: whether it stays a participant of the
    settlement at the end, or has settled already. ``umbrella`` false and no agreements: nothing was signed, one region
    alone would be left, and the proposal is given up (``proposal_withdrawn`` follows).
    """

    region: RegionCode
    reason: ShortText | None
    parties: list[RegionCode]
    umbrella: bool
    agreements: list[Key]
    document: DocumentRef | None
    settlement: Literal["with_the_end", "settled"]
    standing: Standing


@declare(Service.REGISTRY, "ksad.cooperation.corrected", 1, PARTIES)
class Corrected(Fact):
    """Other values for correctable fields of an earlier event of this stream; the stream still breaks no rule."""

    corrects: UUID
    reason: ShortText
    fields: dict[str, Any]


@declare(Service.REGISTRY, "ksad.cooperation.public_corrected", 1, PUBLIC)
class PublicCorrected(Corrected):
    """The same for an event that everybody may see, so that whoever saw it sees what is right.

    ``document`` is the deed from which the supervising body corrects what somebody else recorded.
    """

    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.proposal_withdrawn", 1, PUBLIC)
class ProposalWithdrawn(Fact):
    """Given up before anything was signed."""

    reason: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.backfill_closed", 1, PARTIES)
class BackfillClosed(Fact):
    """The legacy facts are in; what is owed now arises from here on."""

    facts: Annotated[int, Field(ge=0)]
