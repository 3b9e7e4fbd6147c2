"""Commands on instruments: accords and agreements, their drafting, signing, amendment and extension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry import Budget, InstrumentKind, KnownNumbers, Signatory, Stage, TermKind
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import Day
from ksad.registry.domain.commands.command import LATER, ActCommand, Command, On, standing, term_of
from ksad.registry.domain.naming import accord_key, agreement_key, next_accord, parties_of

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

Texts = Annotated[list[ShortText], Field(default_factory=list, max_length=20)]
Between = Annotated[list[RegionCode], Field(min_length=2, max_length=100)]
Signatories = Annotated[tuple[Signatory, ...], Field(max_length=100), LATER]
WhichAgreement = Annotated[Key | None, LATER]
WhichAccord = Annotated[Key | None, LATER]
DRAFTED = ("accord", "title", "object", "affair", "scope", "continues")
"""What a draft says of an agreement, and its signing may say otherwise."""
Place = Annotated[ShortText | None, LATER]


class ScheduleSigning(Command):
    """Schedule the signing of an accord or agreement."""

    instrument: InstrumentKind
    signing_on: Day
    institutions: Texts
    agreement: WhichAgreement = None
    accord: WhichAccord = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The signing of the accord or agreement that is meant."""
        del context
        if self.instrument is InstrumentKind.AGREEMENT:
            key = agreement_key(state, self.agreement)
        else:
            key = self.accord or accord_key(state, None)
        values = self.model_dump(include={"instrument", "signing_on", "institutions"})
        return [facts.SigningScheduled(**values, key=key)]


class SignAccord(ActCommand):
    """Record that the accord was signed."""

    numbers: KnownNumbers
    witnesses: Texts
    document: DocumentRef | None = None
    accord: WhichAccord = None
    between: Annotated[Between | None, LATER] = None
    signatories: Signatories = ()
    effective_on: Annotated[Day | None, LATER] = None
    ends_on: Annotated[On | None, LATER] = None
    term: Annotated[TermKind | None, LATER] = None
    replaces: Annotated[Key | None, LATER] = None
    place: Place = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The accord under its key: a renewal under one of its own."""
        over = state.umbrella.accords and state.umbrella.accord_in_force is None
        key = self.accord or (next_accord(state) if self.replaces or over else accord_key(state, None))
        fact = facts.AccordSigned(
            accord=key,
            between=self.between or list(state.parties),
            numbers=self.numbers,
            signatories=list(self.signatories),
            effective_on=self.effective_on,
            **term_of(self.ends_on, self.term),
            replaces=self.replaces,
            place=self.place,
            witnesses=self.witnesses,
            document=self.document,
            standing=standing(context),
        )
        return [fact]


class OpenAgreement(Command):
    """Drafting of a further agreement begins."""

    agreement: Key
    title: ShortText
    accord: Key | None = None
    between: Between | None = None
    object: ShortText | None = None
    affair: Key | None = None
    scope: ShortText | None = None
    continues: Key | None = None
    stage: Stage = Stage.NEGOTIATION

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Under the accord that is meant, between all parties where none are named."""
        accord = accord_key(state, self.accord) if self.accord else _newest_accord(state, context)
        values = self.payload() | {"accord": accord, "between": self.between or list(state.parties)}
        return [facts.AgreementOpened(**values)]


class DropAgreement(Command):
    """A draft of an agreement is not gone on with."""

    FACT = facts.AgreementDropped

    agreement: Key
    reason: ShortText
    document: Annotated[DocumentRef | None, LATER] = None

    def check_evidence(self, context: Context) -> None:
        """A party says so itself; the supervising body records it from the letter of those who drafted it.

        :raises RuleBrokenError: the letter is missing.
        """
        if self.document is None and not context.region and not context.legacy:
            detail = "Unggah surat para pihak yang menyatakan rancangan ini tidak dilanjutkan, lalu lampirkan."
            raise RuleBrokenError("recorded-from-paper", detail, "P1.4")


class RecordCouncilApproval(Command):
    """Record that a regional council approved."""

    region: RegionCode
    number: ShortText | None = None
    agreement: WhichAgreement = None
    document: Annotated[DocumentRef | None, LATER] = None
    outcome: Annotated[Literal["approved", "rejected"], LATER] = "approved"

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant."""
        del context
        values = self.payload() | {"agreement": agreement_key(state, self.agreement)}
        return [facts.CouncilApprovalRecorded(**values)]


class SignAgreement(ActCommand):
    """Record that the cooperation agreement was signed."""

    numbers: KnownNumbers
    effective_on: Day | None = None
    ends_on: On | None = None
    scope: ShortText | None = None
    witnesses: Texts
    document: DocumentRef | None = None
    agreement: WhichAgreement = None
    accord: WhichAccord = None
    between: Annotated[Between | None, LATER] = None
    title: Annotated[ShortText | None, LATER] = None
    object: Annotated[ShortText | None, LATER] = None
    affair: Annotated[Key | None, LATER] = None
    signatories: Signatories = ()
    term: Annotated[TermKind | None, LATER] = None
    continues: Annotated[Key | None, LATER] = None
    budget: Annotated[Budget | None, LATER] = None
    place: Place = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant, between its parties where none are named."""
        key = agreement_key(state, self.agreement)
        known = state.agreement(key)
        # What the draft says is signed with it: whoever drafted it could else correct what all have confirmed.
        drafted: dict[str, Any] = {name: getattr(self, name) or getattr(known, name, None) for name in DRAFTED}
        accord = accord_key(state, self.accord) if self.accord else _accord_of(drafted["accord"], state, context)
        fact = facts.AgreementSigned(
            agreement=key,
            between=self.between or list(parties_of(state, key)),
            numbers=self.numbers,
            signatories=list(self.signatories),
            **term_of(self.ends_on, self.term),
            budget=self.budget or {},
            witnesses=self.witnesses,
            standing=standing(context),
            place=self.place,
            effective_on=self.effective_on,
            document=self.document,
            **drafted | {"accord": accord},
        )
        return [fact]


class Amend(ActCommand):
    """Record an amendment of the agreement."""

    numbers: KnownNumbers
    changes: ShortText | None = None
    ends_on: On | None = None
    document: DocumentRef | None = None
    agreement: WhichAgreement = None
    term: Annotated[TermKind | None, LATER] = None
    budget: Annotated[Budget | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant; a term that is not named stays."""
        term = term_of(self.ends_on, self.term)
        fact = facts.AgreementAmended(
            agreement=agreement_key(state, self.agreement),
            numbers=self.numbers,
            changes=self.changes,
            **(term | ({} if self.ends_on or self.term else {"term": None})),
            budget=self.budget or {},
            document=self.document,
            standing=standing(context),
        )
        return [fact]


class Extend(ActCommand):
    """Record an extension of the agreement."""

    numbers: KnownNumbers
    ends_on: On | None = None
    changes: ShortText | None = None
    document: DocumentRef | None = None
    agreement: WhichAgreement = None
    term: Annotated[TermKind | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Of the agreement that is meant."""
        fact = facts.AgreementExtended(
            agreement=agreement_key(state, self.agreement),
            numbers=self.numbers,
            changes=self.changes,
            **term_of(self.ends_on, self.term),
            document=self.document,
            standing=standing(context),
        )
        return [fact]


def _accord_of(drafted: str | None, state: Cooperation, context: Context) -> str | None:
    """The accord that a draft carries out on its signing: what has renewed the one that it names in the meantime."""
    known = state.umbrella.accords.get(drafted or "")
    while known is not None and known.replaced_by is not None:
        drafted = known.replaced_by
        known = state.umbrella.accords.get(drafted)
    return drafted or _newest_accord(state, context)


def _newest_accord(state: Cooperation, context: Context) -> str | None:
    """The accord that an agreement carries out where it names none; of paper nobody can say."""
    return None if context.legacy else next(reversed(state.umbrella.accords), None)
