"""Events of a cooperation: its registration, stages, parties and legal profile."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, Fact, Service, declare
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import Category, Stage

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


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


@declare(Service.REGISTRY, "ksad.cooperation.profile_bound", 1, PUBLIC)
class ProfileBound(Fact):
    """The cooperation is bound to a legal profile again: at signing, or pinned by an operator with a reason."""

    profile: Key
    occasion: Literal["signing", "pinned"]
    reason: ShortText | None


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
