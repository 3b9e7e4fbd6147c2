"""Commands on the course of a cooperation: registration, stages, parties, profile, corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, PrivateAttr, StringConstraints, ValidationError

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import Audience, DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.law import party_regions
from ksad.contracts.registry import AdoptingDecision, Category, DecisionCited, Stage
from ksad.contracts.registry.acting import check_signed_as
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import Identity
from ksad.registry.domain import binding
from ksad.registry.domain.calendar import check_date
from ksad.registry.domain.commands.command import LATER, ActCommand, Command, by_party, standing
from ksad.registry.domain.naming import agreement_key, agreements_called, body_key, proposal_falls

if TYPE_CHECKING:
    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


NOTICES = "P6.d.4/P10.d.4"


class Register(Command):
    """Register a cooperation."""

    key: Key
    title: ShortText
    object: ShortText
    affair: Key
    category: Category | None = None
    parties: Annotated[list[str], Field(min_length=1, max_length=100)]
    initiator: RegionCode | None = None
    stage: Stage = Stage.EXPLORATION

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """Registration, bound to the profile in force today; a legacy one to that of its day."""
        del state
        values = self.payload()
        profile = binding.profile_of_the_day(context)
        party_regions(self.parties, context.adopted.regions, context.on)
        return [facts.Registered(**values, profile=profile)]


class EnterStage(Command):
    """The cooperation, or an agreement on a line of its own, enters a stage (Pasal 4)."""

    stage: Stage
    agreement: Annotated[Key | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The stage that is left, and the stage that is entered."""
        del context
        key = None if self.agreement is None else agreement_key(state, self.agreement)
        known = None if key is None else state.agreement(key)
        left = state.stage if known is None else known.stage
        return [facts.StageEntered(left=left or self.stage, stage=self.stage, agreement=key)]


class FormBody(Command):
    """Record that the parties formed a body."""

    FACT = facts.BodyFormed

    name: ShortText
    seat: ShortText
    instrument: ShortText
    document: Annotated[DocumentRef | None, LATER] = None

    def check_evidence(self, context: Context) -> None:
        """A body is formed by all, and by nobody's word alone, unless that is known from paper.

        :raises RuleBrokenError: the instrument is missing.
        """
        if self.document is None and not context.legacy:
            detail = "Unggah naskah pembentukan badan yang ditandatangani para pihak, lalu lampirkan."
            raise RuleBrokenError("body-has-instrument", detail, "P1.4")


class DissolveBody(Command):
    """Record that the parties dissolved a body: the one that is named, or the only one that stands."""

    body: Identity | None = None
    instrument: ShortText
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The body by the event that recorded it."""
        del context
        body = self.body or UUID(body_key(state))
        return [facts.BodyDissolved(body=body, instrument=self.instrument, document=self.document)]

    def check_evidence(self, context: Context) -> None:
        """A body is dissolved by all, as it was formed.

        :raises RuleBrokenError: the instrument is missing.
        """
        if self.document is None and not context.legacy:
            detail = "Unggah naskah pembubaran badan yang ditandatangani para pihak, lalu lampirkan."
            raise RuleBrokenError("body-has-instrument", detail, "P1.4")


class AddParty(ActCommand):
    """A region joined: the cooperation, and the agreements that are named, or its only one."""

    region: RegionCode
    reason: ShortText | None = None
    umbrella: Annotated[bool, LATER] = True
    agreements: Annotated[tuple[Key, ...] | None, LATER] = None
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The parties from now on."""
        fact = facts.PartyJoined(
            region=self.region,
            reason=self.reason,
            parties=[*state.parties, self.region] if self.umbrella else list(state.parties),
            umbrella=self.umbrella,
            agreements=_named(state, self.agreements, list(state.umbrella.alive)),
            document=self.document,
            standing=standing(context),
        )
        return [fact]


class WithdrawParty(Command):
    """A region left: the cooperation, and the agreements that are named, or its only one."""

    region: RegionCode
    reason: ShortText | None = None
    umbrella: Annotated[bool, LATER] = True
    agreements: Annotated[tuple[Key, ...] | None, LATER] = None
    settlement: Annotated[Literal["with_the_end", "settled"], LATER] = "with_the_end"
    document: Annotated[DocumentRef | None, LATER] = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The parties from now on; a proposal that only one region would be left of is given up."""
        left = [code for code in state.parties if code != self.region]
        if proposal_falls(state, self.region) and not self.agreements:
            names = context.names(self.region), context.names(*left)
            reason = f"{names[0]} keluar, sehingga tinggal {names[1]}."
            return [self._left_alone(state, context), facts.ProposalWithdrawn(reason=reason)]
        mine = [key for key, one in state.umbrella.alive.items() if self.region in one.between]
        fact = facts.PartyWithdrew(
            region=self.region,
            reason=self.reason,
            parties=left if self.umbrella else list(state.parties),
            umbrella=self.umbrella,
            agreements=_named(state, self.agreements, mine),
            document=self.document,
            settlement=self.settlement,
            standing=standing(context),
        )
        return [fact]

    def _left_alone(self, state: Cooperation, context: Context) -> Fact:
        """The withdrawal by which a proposal falls. Its parties stay those of its last day, and so its supervisor."""
        return facts.PartyWithdrew(
            region=self.region,
            reason=self.reason,
            parties=list(state.parties),
            umbrella=False,
            agreements=[],
            document=self.document,
            settlement=self.settlement,
            standing=standing(context),
        )

    def check_evidence(self, context: Context) -> None:
        """A region leaves by its letter, unless that is known from paper.

        :raises RuleBrokenError: the letter is missing.
        """
        if self.document is None and not context.legacy:
            detail = "Unggah surat pengunduran diri daerahnya, lalu lampirkan."
            raise RuleBrokenError("withdrawal-has-letter", detail, "P1.4")


def _named(state: Cooperation, named: tuple[str, ...] | None, mine: list[str]) -> list[str]:
    """The agreements that a party enters or leaves: those that are named, else the only one.

    :raises RuleBrokenError: there are several, and none is named.
    """
    if named is not None:
        return [agreement_key(state, key) for key in named]
    if len(mine) > 1:
        detail = f"Sebutkan perjanjian yang dimaksud: {agreements_called(state, mine)}."
        raise RuleBrokenError("agreement-named", detail, agreements=mine)
    return mine


class WithdrawProposal(Command):
    """Withdraw the proposal before anything was signed."""

    FACT = facts.ProposalWithdrawn

    reason: ShortText


class PinProfile(Command):
    """Bind the cooperation to another legal profile, as the Minister or the Joint Secretariat."""

    profile: Key
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    decision: AdoptingDecision

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The binding, marked as pinned, so that a later signing does not change it, with the decision.

        :raises RuleBrokenError: it is pinned to that profile already, or a notice rests on a ground that it lacks.
        """
        check_date(self.decision.date, context.today)
        check_signed_as(self.decision.signed_as, context.today)
        self._check_fits(state, context)
        fact = facts.ProfileBound(
            profile=self.profile,
            occasion="pinned",
            reason=self.reason,
            agreement=None,
            decision=DecisionCited(number=self.decision.number, date=self.decision.date, office=self.decision.office),
        )
        return [fact]

    def _check_fits(self, state: Cooperation, context: Context) -> None:
        law = context.adopted.law
        if state.pinned and state.profile == self.profile:
            detail = "Kerja sama ini sudah ditetapkan pada profil hukum itu; tidak ada yang berubah."
            raise RuleBrokenError("nothing-to-do", detail, kind=RefusalKind.CONFLICT, profile=self.profile)
        for key, one in state.umbrella.alive.items() if self.profile in law.profiles else ():
            if one.profile is None and one.notice and law.ending(self.profile, one.notice.ground) is None:
                detail = (
                    f"Pemberitahuan pengakhiran {agreements_called(state, [key])} berdasar alasan yang tidak diatur "
                    "dalam profil hukum itu. Cabut atau ganti pemberitahuan itu lebih dahulu."
                )
                raise RuleBrokenError("notice-fits-profile", detail, NOTICES, kind=RefusalKind.CONFLICT, agreement=key)


class CloseBackfill(Command):
    """Declare that all legacy facts are recorded."""

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The closing, with the number of legacy facts. From then on duties arise."""
        del context
        return [facts.BackfillClosed(facts=state.legacy_facts)]


class Correct(Command):
    """Correct fields of an earlier event of this cooperation, or the day on which it happened (``on`` in ``fields``).

    ``document`` is the deed from which the supervising body corrects what somebody else has recorded.
    """

    corrects: Identity
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]
    document: Annotated[DocumentRef | None, LATER] = None
    _public: bool = PrivateAttr(default=False)

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The correction, which is public where the fact is."""
        del state, context
        values = self.payload()
        if self._public:
            return [facts.PublicCorrected(**values)]
        return [facts.Corrected(**{name: value for name, value in values.items() if name != "document"})]

    def of(self, target: Envelope, fields: dict[str, Any]) -> Self:
        """The correction of an event, with the values to record."""
        made = self.model_copy(update={"fields": fields})
        made._public = target.declaration.audience is Audience.PUBLIC  # noqa: SLF001 - of its own class
        return made

    def documents(self) -> list[DocumentRef]:
        """The deed and the corrected document; a value that is no document reference is refused later."""
        named = super().documents()
        try:
            return [*named, DocumentRef.model_validate(self.fields["document"])]
        except (KeyError, ValidationError):
            return named

    def by_lineage(self, state: Cooperation, context: Context) -> Self:
        """The correction with numbers by the codes under which the parties joined."""
        numbers = self.fields.get("numbers")
        if not isinstance(numbers, dict):
            return self
        return self.model_copy(update={"fields": {**self.fields, "numbers": by_party(numbers, state, context)}})
