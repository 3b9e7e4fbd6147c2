"""Events of consent: an act of several parties is proposed, and stands when all who are asked have confirmed it.

A proposal is the future event, waiting: it has the type and the data of its effect, and all confirm that very content.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, ValueObject, declare
from ksad.contracts.dates import Precision
from ksad.contracts.identifiers import RegionCode, ShortText
from ksad.contracts.registry.vocabulary import Budget, KnownNumbers, Signatory
from ksad.contracts.strict import Day

PARTIES = Audience.PARTIES


class ProposedEffect(ValueObject):
    """The event that a proposal becomes: its ``type``, the day of the act, and its data but what each party adds.

    What each party adds are the names in ``ADDED``.
    """

    type: str
    on: Day
    precision: Precision
    data: dict[str, Any]


ADDED = ("standing", "numbers", "signatories", "budget")
"""The fields of an effect that come from the confirmations and not from the proposal."""


@declare(Service.REGISTRY, "ksad.cooperation.act_proposed", 1, PARTIES)
class ActProposed(Fact):
    """An act of several parties is proposed to all who are ``asked``; without legal effect.

    ``scope`` is what it is about: ``accord:K``, ``agreement:K``, ``join:RR.RR``, ``dispute:K`` or ``cooperation``.
    ``proposer`` is the region that proposes, null where the supervising body records the signed instrument. The numbers
    in ``claimed`` are those that the proposer gave for others; they bind nobody. ``expires_on`` is the last day on
    which it can be confirmed, null where the policy sets none.
    """

    scope: ShortText
    effect: ProposedEffect
    asked: Annotated[list[RegionCode], Field(min_length=1)]
    proposer: RegionCode | None
    claimed: KnownNumbers
    expires_on: Day | None


@declare(Service.REGISTRY, "ksad.cooperation.act_confirmed", 1, PARTIES)
class ActConfirmed(Fact):
    """Regions confirm a proposal, the event of that id: one by itself, or several by the signed instrument.

    With the ``instrument`` the supervising body records for the ``regions`` that are missing. ``over_refusal`` is why
    it does so although a party refused the same act before.
    """

    proposal: UUID
    by: Literal["party", "instrument"]
    regions: list[RegionCode]
    numbers: KnownNumbers
    signatories: list[Signatory]
    budget: Budget
    document: DocumentRef | None
    over_refusal: ShortText | None


@declare(Service.REGISTRY, "ksad.cooperation.act_refused", 1, PARTIES)
class ActRefused(Fact):
    """A region that is asked refuses a proposal, which is closed by that."""

    proposal: UUID
    region: RegionCode
    reason: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.act_closed", 1, PARTIES)
class ActClosed(Fact):
    """A proposal is over without effect: withdrawn by its proposer, expired, or overtaken by what happened since.

    ``rule`` is the rule that the act would break now; null where it was withdrawn or expired.
    """

    proposal: UUID
    why: Literal["withdrawn", "expired", "overtaken"]
    rule: ShortText | None
    reason: ShortText | None
