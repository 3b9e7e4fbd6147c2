"""The commands, as the history file and the HTTP interface word them, and the facts that each one is.

A command says what an office wants recorded. What it becomes is decided here; whether it may be, in the rules.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts import registry as facts
from contracts.catalogue import DocumentRef
from contracts.dates import DateError, PartialDate
from contracts.identifiers import Key, RegionCode, Sha256, ShortText
from contracts.registry import AmountIdr, Category, InstrumentKind, Manner, Numbers, Stage
from registry.domain import disputes, endings

if TYPE_CHECKING:
    from contracts.catalogue import Fact
    from registry.domain.cooperation import Cooperation
    from registry.domain.rules import Context


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise ValueError(str(error)) from error
    return text


On = Annotated[str, AfterValidator(_readable)]
"""``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""


class Source(BaseModel):
    """Where an imported fact stands: the file's sha256 and the line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_sha256: Sha256
    line: Annotated[int, Field(ge=1, le=2**31 - 1)]


class Command(BaseModel):
    """What all commands share. ``on`` is the day it happened (today where it is absent)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: On | None = None
    legacy: bool = False
    source: Source | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The facts that this command is in the present state."""
        raise NotImplementedError  # pragma: no cover - every command below says its own


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
        values = self.model_dump(exclude={"on", "legacy", "source"})
        profile = context.adopted.law.in_force(context.on).id
        if len(self.parties) < 2:  # noqa: PLR2004 - the refusal with its clause is the rules'
            values["parties"] = [*self.parties, *self.parties]
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

    name: ShortText
    seat: ShortText
    instrument: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.BodyFormed(name=self.name, seat=self.seat, instrument=self.instrument)]


class ScheduleSigning(Command):
    """An accord or agreement is about to be signed."""

    instrument: InstrumentKind
    signing_on: date
    institutions: Annotated[list[ShortText], Field(max_length=20)] = []

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        values = self.model_dump(include={"instrument", "signing_on", "institutions"})
        return [facts.SigningScheduled(**values)]


class SignAccord(Command):
    """The accord was signed."""

    numbers: Numbers
    witnesses: Annotated[list[ShortText], Field(max_length=20)] = []
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.AccordSigned(numbers=self.numbers, witnesses=self.witnesses, document=self.document)]


class RecordCouncilApproval(Command):
    """A regional council approved."""

    region: RegionCode
    number: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.CouncilApprovalRecorded(region=self.region, number=self.number)]


class SignAgreement(Command):
    """The cooperation agreement was signed."""

    numbers: Numbers
    effective_on: date | None = None
    ends_on: date | None = None
    scope: ShortText | None = None
    witnesses: Annotated[list[ShortText], Field(max_length=20)] = []
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """The signing, and the profile in force on that day where it is another one."""
        values = self.model_dump(exclude={"on", "legacy", "source"})
        made: list[Fact] = [facts.AgreementSigned(**values)]
        profile = context.adopted.law.in_force(context.on).id
        if profile != state.profile:
            made.append(facts.ProfileBound(profile=profile, occasion="signing", reason=None))
        return made


class Amend(Command):
    """The agreement was amended."""

    numbers: Numbers
    changes: ShortText | None = None
    ends_on: date | None = None
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.AgreementAmended(**self.model_dump(exclude={"on", "legacy", "source"}))]


class Extend(Command):
    """The agreement's end was moved."""

    numbers: Numbers
    ends_on: date
    changes: ShortText | None = None
    document: DocumentRef | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.AgreementExtended(**self.model_dump(exclude={"on", "legacy", "source"}))]


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


class ReportProblem(Command):
    """A problem arose."""

    problem: Key
    description: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.ProblemReported(problem=self.problem, description=self.description)]


class ResolveProblem(Command):
    """A problem is over."""

    problem: Key
    outcome: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.ProblemResolved(problem=self.problem, outcome=self.outcome)]


class RaiseDispute(Command):
    """Parties are in dispute."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2, max_length=100)]
    description: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.DisputeRaised(dispute=self.dispute, between=self.between, description=self.description)]


class RequestDecision(Command):
    """A decision of the forum is asked for."""

    dispute: Key

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.DisputeDecisionRequested(dispute=self.dispute)]


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
        values = self.model_dump(exclude={"on", "legacy", "source"})
        return [facts.DisputeSettled(**values, final=disputes.is_final(state, self.manner, context))]


class GiveTerminationNotice(Command):
    """Early notice of the end."""

    ground: Key
    planned_end_on: date

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.TerminationNoticeGiven(ground=self.ground, planned_end_on=self.planned_end_on)]


class AddTerminationItem(Command):
    """An item beyond a to f ("antara lain")."""

    item: Key
    description: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.TerminationItemAdded(item=self.item, description=self.description)]


class CompleteTerminationItem(Command):
    """A proof for an item of the checklist."""

    item: Key
    region: RegionCode | None = None
    proof: Literal["evidence", "asset_record", "council_report"] = "evidence"
    document: DocumentRef | None = None
    amount_idr: AmountIdr | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.TerminationItemCompleted(**self.model_dump(exclude={"on", "legacy", "source"}))]


class End(Command):
    """The cooperation ended."""

    ground: Key
    reason: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """With what is still open on the checklist."""
        open_items = [] if context.legacy else endings.open_slots(state, context.profile(state).checklist)
        return [facts.Ended(ground=self.ground, open_items=open_items, reason=self.reason)]


class WithdrawProposal(Command):
    """Given up before anything was signed."""

    reason: ShortText

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said."""
        del state, context
        return [facts.ProposalWithdrawn(reason=self.reason)]


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

    corrects: UUID
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """As it is said; the application checks the whole stream with it."""
        del state, context
        return [facts.Corrected(corrects=self.corrects, reason=self.reason, fields=self.fields)]


COMMANDS: dict[str, type[Command]] = {
    "enter-stage": EnterStage,
    "form-body": FormBody,
    "schedule-signing": ScheduleSigning,
    "sign-accord": SignAccord,
    "record-council-approval": RecordCouncilApproval,
    "sign-agreement": SignAgreement,
    "amend": Amend,
    "extend": Extend,
    "add-party": AddParty,
    "withdraw-party": WithdrawParty,
    "report-problem": ReportProblem,
    "resolve-problem": ResolveProblem,
    "raise-dispute": RaiseDispute,
    "request-decision": RequestDecision,
    "escalate-dispute": EscalateDispute,
    "settle-dispute": SettleDispute,
    "give-termination-notice": GiveTerminationNotice,
    "add-termination-item": AddTerminationItem,
    "complete-termination-item": CompleteTerminationItem,
    "end": End,
    "withdraw-proposal": WithdrawProposal,
    "pin-profile": PinProfile,
    "close-backfill": CloseBackfill,
    "correct": Correct,
}
"""Commands on a registered cooperation, by the path segment under ``/cooperations/{id}/``."""
