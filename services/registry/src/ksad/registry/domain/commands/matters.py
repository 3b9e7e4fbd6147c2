"""Commands on problems and disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry import Manner
from ksad.registry.domain import disputes
from ksad.registry.domain.commands.command import Command

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class ReportProblem(Command):
    """A problem arose."""

    FACT = facts.ProblemReported

    problem: Key
    description: ShortText


class ResolveProblem(Command):
    """A problem is over."""

    FACT = facts.ProblemResolved

    problem: Key
    outcome: ShortText


class RaiseDispute(Command):
    """Parties are in dispute."""

    FACT = facts.DisputeRaised

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2, max_length=100)]
    description: ShortText


class RequestDecision(Command):
    """A decision of the forum is asked for."""

    FACT = facts.DisputeDecisionRequested

    dispute: Key


class EscalateDispute(Command):
    """The Governor could not settle it."""

    dispute: Key
    reason: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """It goes to the Minister."""
        del state, context
        return [facts.DisputeEscalated(dispute=self.dispute, forum=disputes.MINISTER, reason=self.reason)]


class SettleDispute(Command):
    """A dispute is settled."""

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None = None
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """With its finality under the bound profile."""
        values = self.payload()
        return [facts.DisputeSettled(**values, final=disputes.is_final(state, self.manner, context))]
