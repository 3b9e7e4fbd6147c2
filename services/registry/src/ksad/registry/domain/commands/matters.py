"""Commands on problems and disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry import LawApplied, Manner, SignedAs
from ksad.contracts.registry.acting import check_signed_as
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain import disputes
from ksad.registry.domain.commands.command import LATER, ActCommand, Command, standing
from ksad.registry.domain.naming import scope_key

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class ReportProblem(Command):
    """Report a problem."""

    problem: Key
    description: ShortText
    agreement: Annotated[Key | None, LATER] = None
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is named, or the only one; else of the whole cooperation."""
        del context
        return [facts.ProblemReported(**self.payload() | {"agreement": scope_key(state, self.agreement)})]


class ResolveProblem(Command):
    """Record that a problem was resolved."""

    FACT = facts.ProblemResolved

    problem: Key
    outcome: ShortText
    document: Annotated[DocumentRef | None, LATER] = None

    def check_evidence(self, context: Context) -> None:
        """A party says so itself; the supervising body records it from the paper that says how it was solved.

        :raises RuleBrokenError: the paper is missing.
        """
        if self.document is None and not context.region and not context.legacy:
            detail = "Unggah surat atau berita acara yang menyatakan permasalahan ini selesai, lalu lampirkan."
            raise RuleBrokenError("recorded-from-paper", detail, "P1.4")


class RaiseDispute(Command):
    """Record a dispute between parties."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2, max_length=100)]
    description: ShortText
    agreement: Annotated[Key | None, LATER] = None
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is named, or the only one; else of the whole cooperation."""
        del context
        return [facts.DisputeRaised(**self.payload() | {"agreement": scope_key(state, self.agreement)})]

    def check_evidence(self, context: Context) -> None:
        """A side says so itself; the supervising body records it from the letter of a side.

        :raises RuleBrokenError: the letter is missing.
        """
        if self.document is None and not context.region and not context.legacy:
            detail = "Unggah surat daerah yang berselisih, lalu lampirkan."
            raise RuleBrokenError("dispute-has-letter", detail, "P6.d.3/P10.d.3")


class RequestDecision(Command):
    """Request a decision of the dispute's forum."""

    FACT = facts.DisputeDecisionRequested

    dispute: Key


class EscalateDispute(Command):
    """Escalate a dispute that the Governor could not settle."""

    dispute: Key
    reason: ShortText
    number: Annotated[ShortText | None, LATER] = None
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The escalation to the Minister."""
        del state, context
        return [facts.DisputeEscalated(**self.payload(), forum=disputes.MINISTER)]

    def check_evidence(self, context: Context) -> None:
        """A team passes on what its Governor wrote; the Governor's own act needs no other proof.

        :raises RuleBrokenError: the letter is missing.
        """
        if context.team and not context.legacy and (self.document is None or self.number is None):
            detail = "Unggah dan lampirkan surat Gubernur kepada Menteri Dalam Negeri, lalu sebutkan nomornya."
            raise RuleBrokenError("escalation-has-letter", detail, "UU 23/2014 Pasal 370(3)")


class SettleDispute(ActCommand):
    """Record the settlement of a dispute."""

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None = None
    document: DocumentRef | None = None
    signed_as: Annotated[SignedAs | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """With forum and finality, and the law that says so."""
        found = disputes.finality(self.manner, context)
        fact = facts.DisputeSettled(
            **self.payload(),
            final=found.final,
            forum=disputes.deciding_forum(state, self.dispute, self.manner, context),
            law=LawApplied(clause=found.source, basis=found.basis.value),
            standing=standing(context),
        )
        return [fact]

    def check_evidence(self, context: Context) -> None:
        """A decision of a Governor or the Minister comes with its document, unless it is a legacy one; who decides in
        another's place, by a letter.

        :raises RuleBrokenError: the document or the letter is missing.
        """
        if not context.legacy:
            check_signed_as(self.signed_as, context.today, "P6.d.5/P10.d.5")
        if self.manner is not Manner.DELIBERATION and self.document is None and not context.legacy:
            detail = "Unggah dan lampirkan naskah keputusannya."
            raise RuleBrokenError("decision-has-document", detail, "P6.d.5/P10.d.5")
