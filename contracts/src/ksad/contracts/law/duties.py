"""The duty catalogue of Pasal 6 (Minister) and Pasal 10 (Governor).

Both tiers share one catalogue. A duty has separate wording for each tier only where the two articles differ.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.law.model import Sourced, Value, Words
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import Tier


class DutyKind(StrEnum):
    """The kind of work that a duty consists of."""

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
    """How guidance is given; in the regulation *memberikan informasi*, *asistensi*, *bimbingan, supervisi, konsultasi*
    and *membantu*.
    """

    INFORMATION = "information"
    ASSISTANCE = "assistance"
    CONSULTATION = "consultation"
    COORDINATION = "coordination"


class TriggerKind(StrEnum):
    """What makes a duty due."""

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
    """What fulfils a duty."""

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
        # A misspelt event would never occur, and its duty would silently never arise or never close.
        unknown = sorted(set(events) - set(NEWEST))
        if unknown:
            raise PydanticCustomError("event_declared", "no such event: {events}", {"events": ", ".join(unknown)})
        return events


class Trigger(_Rule):
    """When a duty arises, and the events that show it."""


class Closing(_Rule):
    """When a duty is fulfilled, and the events that show it."""


class DutyNote(Sourced):
    """An interpretation or choice about a duty that the regulation's words do not state."""

    about: Words
    says: Words


class TierWords(Value):
    """A duty's words in Pasal 6 (``minister``) and Pasal 10 (``governor``), where they differ."""

    minister: Words
    governor: Words


class TierClauses(Value):
    """The clause of a duty or item for each tier; ``None`` if the tier does not have it."""

    minister: Words | None = None
    governor: Words | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> TierClauses:
        if self.minister is None and self.governor is None:
            raise PydanticCustomError("tier_clause", "a clause is needed for at least one tier")
        return self


Addressee = Literal["parties", "home_affairs_minister", "governor", "supervising_head"]
Institution = Literal["governor", "sectoral_institution_head"]


class Coordination(Value):
    """The institutions to coordinate with when helping at a milestone, by tier."""

    minister: tuple[Institution, ...]
    governor: tuple[Institution, ...]


class Duty(Value):
    """A duty of the supervising side.

    ``key`` is the same for both tiers (``d.4``); ``clause`` has the clause of each (``P10.d.4``). ``text`` are the
    words of the regulation, ``gloss`` their English meaning, ``label`` a short Indonesian name. ``due`` names a term of
    the policy, and ``cadence`` the policy's period for a recurring duty. ``addressed`` says which regions the words
    mention: all, or only those of the tier's own kind, where the platform offers the same to the others.
    ``filled_from`` is a query of the registry that provides the information. ``may_satisfy`` are duties that the same
    document can fulfil as well.
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
        """The duty's id in a tier: its clause (``P6.d.4``, ``P10.d.4``), or ``None`` if the tier has no such duty."""
        return self.clause.minister if tier == Tier.MINISTER else self.clause.governor

    def wording(self, tier: Tier) -> str:
        """The regulation's words for a tier, verbatim in Indonesian."""
        if isinstance(self.text, str):
            return self.text
        return self.text.minister if tier == Tier.MINISTER else self.text.governor


Proof = Literal["evidence", "asset_record", "council_report"]


class ChecklistItem(Sourced):
    """An item of the termination checklist (d.4 a to f), which the parties complete and not the supervising body.

    ``key`` is the item's letter. ``needs`` are the letters of items that must be complete before. ``proofs`` are the
    kinds of proof required, from every party if ``per_party``. ``rupiah`` says whether an amount belongs to a proof.
    """

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
        """The item's id in a tier: its clause (``P6.d.4.a``, ``P10.d.4.a``), or ``None`` if the tier lacks the item."""
        return self.clause.minister if tier == Tier.MINISTER else self.clause.governor


class EvidenceSlot(Value):
    """A proof that is required for an item; ``region`` is the party that owes it, ``None`` if not per party."""

    item: str
    region: str | None
    proof: Proof


class Checklist(Sourced):
    """The termination checklist of d.4. ``open``: items may be added, since *antara lain* introduces the list."""

    open: bool
    says: Words
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]

    def item(self, key: str) -> ChecklistItem | None:
        """The item with a letter; ``None`` if the regulation has no such item, as for those that were added."""
        return next((item for item in self.items if item.key == key), None)

    def slots(self, parties: tuple[str, ...]) -> tuple[EvidenceSlot, ...]:
        """Every proof that the parties must provide, in the order of the list."""
        return tuple(
            EvidenceSlot(item=item.key, region=region, proof=proof)
            for item in self.items
            for region in (parties if item.per_party else (None,))
            for proof in item.proofs
        )
