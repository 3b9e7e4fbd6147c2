"""Commands on acts that wait for confirmation: confirm, refuse, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import ShortText
from ksad.contracts.registry import Budget, KnownNumbers, Signatory
from ksad.contracts.strict import Identity
from ksad.contracts.umbrella import refusal_of
from ksad.registry.domain.commands.command import LATER, Command
from ksad.registry.domain.consent import check_pending, own_region, why_over_refusal

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class OnProposal(Command):
    """What is done with an act that waits for confirmation, the event that proposed it."""

    proposal: Identity


class ConfirmAct(OnProposal):
    """Confirm a proposed act: as a party that is asked, or as the supervising body from the signed instrument.

    A party states its own number, or confirms the one that the proposer gave for it. The supervising body states those
    of all parties that have not confirmed; null where nobody knows a number. ``over_refusal`` is why it does so
    although a party refused such an act of the same scope before.
    """

    numbers: Annotated[KnownNumbers, Field(default_factory=dict)]
    signatories: Annotated[tuple[Signatory, ...], Field(max_length=100)] = ()
    budget: Annotated[Budget, Field(default_factory=dict)]
    document: DocumentRef | None = None
    over_refusal: Annotated[ShortText | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """For the own region, or for all that are missing."""
        act = check_pending(state, self.proposal)
        own = own_region(context, act.asked)
        numbers = dict(self.numbers)
        if own is not None and own not in numbers and act.claimed.get(own):
            numbers[own] = act.claimed[own]
        fact = facts.ActConfirmed(
            proposal=self.proposal,
            by="instrument" if own is None else "party",
            regions=list(act.awaiting) if own is None else [own],
            numbers=numbers,
            signatories=list(self.signatories),
            budget=self.budget,
            document=self.document,
            over_refusal=why_over_refusal(state, refusal_of(act.scope, act.kind), own, self.over_refusal),
        )
        return [fact]


class RefuseAct(OnProposal):
    """Refuse a proposed act, as a party that is asked: the proposal is closed."""

    reason: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """By the own region."""
        act = check_pending(state, self.proposal)
        own = own_region(context, act.asked)
        return [facts.ActRefused(proposal=self.proposal, region=own or act.asked[0], reason=self.reason)]


class WithdrawAct(OnProposal):
    """Withdraw an act that the own office proposed, before it stands."""

    reason: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The proposal is closed."""
        del context
        check_pending(state, self.proposal)
        return [facts.ActClosed(proposal=self.proposal, why="withdrawn", rule=None, reason=self.reason)]
