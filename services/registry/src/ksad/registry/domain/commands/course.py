"""Commands on the course of a cooperation: entry, stages, parties, profile, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.law import party_regions
from ksad.contracts.registry import Category, Stage
from ksad.registry.domain.commands.command import Command

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class Register(Command):
    """A cooperation enters the register."""

    key: Key
    title: ShortText
    object: ShortText
    affair: Key
    category: Category | None = None
    parties: Annotated[list[str], Field(min_length=1, max_length=100)]
    initiator: RegionCode | None = None
    stage: Stage = Stage.EXPLORATION

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Registered, and bound to the profile in force that day."""
        del state
        values = self.payload()
        profile = context.adopted.law.in_force(context.on).id
        party_regions(self.parties, context.adopted.regions, context.on)
        return [facts.Registered(**values, profile=profile)]


class EnterStage(Command):
    """The cooperation enters a stage (Pasal 4)."""

    stage: Stage

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The stage that is left, and the one that is entered."""
        del context
        return [facts.StageEntered(left=state.stage or self.stage, stage=self.stage)]


class FormBody(Command):
    """The parties formed a cooperation body."""

    FACT = facts.BodyFormed

    name: ShortText
    seat: ShortText
    instrument: ShortText


class AddParty(Command):
    """A region joined."""

    region: RegionCode
    reason: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The parties from now on."""
        del context
        return [facts.PartyJoined(region=self.region, reason=self.reason, parties=[*state.parties, self.region])]


class WithdrawParty(Command):
    """A region left."""

    region: RegionCode
    reason: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The parties from now on."""
        del context
        left = [code for code in state.parties if code != self.region]
        return [facts.PartyWithdrew(region=self.region, reason=self.reason, parties=left)]


class WithdrawProposal(Command):
    """Given up before anything was signed."""

    FACT = facts.ProposalWithdrawn

    reason: ShortText


class PinProfile(Command):
    """An operator binds the cooperation to another profile."""

    profile: Key
    reason: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.ProfileBound(profile=self.profile, occasion="pinned", reason=self.reason)]


class CloseBackfill(Command):
    """The legacy facts are in."""

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """From here on duties arise."""
        del context
        return [facts.BackfillClosed(facts=state.legacy_facts)]


class Correct(Command):
    """Other values for correctable fields of an earlier event of this cooperation."""

    FACT = facts.Corrected

    corrects: UUID
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]

    def documents(self) -> list[DocumentRef]:
        """The document that takes another one's place; what is no reference to one does not fit the fact."""
        try:
            return [DocumentRef.model_validate(self.fields["document"])]
        except (KeyError, ValidationError):
            return []
