"""The duty catalogue: one catalogue for both tiers, with other words only where Pasal 6 and Pasal 10 differ."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.law.model import Sourced, Value, Words
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import Tier


class DutyKind(StrEnum):
    """What sort of work a duty is."""

    GUIDANCE = "guidance"
    MILESTONE = "milestone"
    OVERSIGHT = "oversight"
    MONITORING = "monitoring"
    OPINION = "opinion"
    ADVICE = "advice"
    BRIEF = "brief"
    REMINDER = "reminder"
    REPORT = "report"


class Mode(StrEnum):
    """How guidance is given: *memberikan informasi*, *asistensi*, *bimbingan, supervisi, konsultasi*, *membantu*."""

    INFORMATION = "information"
    ASSISTANCE = "assistance"
    CONSULTATION = "consultation"
    COORDINATION = "coordination"


class TriggerKind(StrEnum):
    """What makes a duty owed."""

    STAGE_ENTERED = "stage_entered"
    STAGE_ENTERED_OR_LEFT = "stage_entered_or_left"
    ACCORD_SIGNING_SCHEDULED = "accord_signing_scheduled"
    AGREEMENT_SIGNING_SCHEDULED = "agreement_signing_scheduled"
    MONITORING_PERIOD = "monitoring_period"
    PROBLEM_REPORTED = "problem_reported"
    DISPUTE_RAISED = "dispute_raised"
    DECISION_REQUESTED = "decision_requested"
    END_APPROACHES = "end_approaches"
    REPORT_PERIOD_CLOSED = "report_period_closed"


class ClosingKind(StrEnum):
    """What closes a duty."""

    REACHED_EVERY_PARTY = "reached_every_party"
    SUPPORT_RECORDED = "support_recorded"
    ATTENDANCE_RECORDED = "attendance_recorded"
    FINDINGS_FILED = "findings_filed"
    EVALUATION_FILED = "evaluation_filed"
    OPINION_GIVEN = "opinion_given"
    ADVICE_SUBMITTED = "advice_submitted"
    BRIEF_SUBMITTED = "brief_submitted"
    ACKNOWLEDGED_BY_EVERY_PARTY = "acknowledged_by_every_party"
    REPORT_SUBMITTED = "report_submitted"


EventName = Annotated[str, StringConstraints(pattern=r"^ksad\.[a-z_]+\.[a-z_]+$")]


class _Rule(Sourced):
    says: Words
    events: Annotated[tuple[EventName, ...], Field(min_length=1)]

    @field_validator("events")
    @classmethod
    def _declared(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(events) - set(NEWEST))
        if unknown:
            raise ValueError(f"no such event: {', '.join(unknown)}")
        return events


class Trigger(_Rule):
    """When a duty is owed, and by which events that is seen."""


class Closing(_Rule):
    """When a duty is done, and by which events that is seen."""


class DutyNote(Sourced):
    """A reading or choice about a duty that its words do not state."""

    about: Words
    says: Words


class TierWords(Value):
    """The words of Pasal 6 (minister) and Pasal 10 (governor) where they differ."""

    minister: Words
    governor: Words


class TierClauses(Value):
    """Where the duty stands in each tier; ``None`` where that tier does not have it."""

    minister: Words | None = None
    governor: Words | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> TierClauses:
        if self.minister is None and self.governor is None:
            raise ValueError("the duty stands in no clause")
        return self


Addressee = Literal["parties", "home_affairs_minister", "governor", "supervising_head"]
Institution = Literal["governor", "sectoral_institution_head"]


class Coordination(Value):
    """With whom a milestone's help coordinates, by tier."""

    minister: tuple[Institution, ...]
    governor: tuple[Institution, ...]


class Duty(Value):
    """One duty of the supervising side; ``key`` is tier-neutral (``d.4``), ``clause`` is not (``P10.d.4``).

    ``due`` names a term of the policy, ``cadence`` the policy's period of a recurring duty. ``addressed`` says to which
    kind of region the words speak; the others are offered the same as an extension. ``filled_from`` is a query of the
    registry that answers it. ``may_satisfy`` names a duty that the same document can close as well.
    """

    key: Words
    kind: DutyKind
    mode: Mode | None = None
    stage: Stage | None = None
    clause: TierClauses
    text: Words | TierWords
    gloss: Words
    label: Words
    trigger: TriggerKind
    closes: ClosingKind
    doer: Literal["supervising_body", "governor"] = "supervising_body"
    addressee: Addressee
    copy_to: Addressee | None = None
    per_party: bool = False
    due: Words
    cadence: Words | None = None
    addressed: Literal["all", "own_kind"] = "all"
    coordinate_with: Coordination | None = None
    acceptance: tuple[Words, ...] = ()
    filled_from: Literal["cooperations", "bodies"] | None = None
    may_satisfy: tuple[Words, ...] = ()
    notes: tuple[DutyNote, ...] = ()

    def id(self, tier: Tier) -> str | None:
        """The duty's id in a tier, which is its clause (``P6.d.4``, ``P10.d.4``); ``None`` if the tier has it not."""
        return self.clause.minister if tier == Tier.MINISTER else self.clause.governor

    def wording(self, tier: Tier) -> str:
        """The verbatim Indonesian words of a tier."""
        if isinstance(self.text, str):
            return self.text
        return self.text.minister if tier == Tier.MINISTER else self.text.governor


Proof = Literal["evidence", "asset_record", "council_report"]


class ChecklistItem(Sourced):
    """One item of d.4 a to f, done by the parties, not by the supervising body. ``key`` is the letter."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z]$")]
    clause: TierClauses
    text: Words
    gloss: Words
    label: Words
    needs: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]$")], ...] = ()
    per_party: bool
    proofs: Annotated[tuple[Proof, ...], Field(min_length=1)]
    rupiah: Literal["required", "optional", "none"]

    def id(self, tier: Tier) -> str | None:
        """The item's id in a tier, which is its clause (``P6.d.4.a``, ``P10.d.4.a``)."""
        return self.clause.minister if tier == Tier.MINISTER else self.clause.governor


class EvidenceSlot(Value):
    """One proof that has to come in: of an item, of one party where it is per party."""

    item: str
    region: str | None
    proof: Proof


class Checklist(Sourced):
    """The list of d.4; open, because it is introduced by *antara lain*."""

    open: bool
    says: Words
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]

    def item(self, key: str) -> ChecklistItem | None:
        """The item with this letter; ``None`` for one that was added beyond the list."""
        return next((item for item in self.items if item.key == key), None)

    def slots(self, parties: tuple[str, ...]) -> tuple[EvidenceSlot, ...]:
        """Every proof that these parties owe, in the list's order; sixteen for four parties."""
        return tuple(
            EvidenceSlot(item=item.key, region=region, proof=proof)
            for item in self.items
            for region in (parties if item.per_party else (None,))
            for proof in item.proofs
        )
