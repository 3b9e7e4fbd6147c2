"""The chapters of R1 and R2 on what the Joint Secretariat or a TKKSD did."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ksad.ledger.figures.content.values import (
    CitedClause,
    CooperationRef,
    Count,
    DueDate,
    Figure,
    NamedRegion,
    PartialDate,
    Printed,
    ReportStage,
    Rupiah,
    Text,
)


class GuidanceRow(Printed):
    """Guidance offered to one party, or to all parties together. ``on`` is when it was given, declined or completed.

    ``late``: it was given after it was due, or was due and is not given.
    """

    cooperation: CooperationRef
    parties: tuple[NamedRegion, ...]
    state: Literal["open", "delivered", "declined", "done", "withdrawn", "handed_over"]
    on: PartialDate | None
    due: DueDate | None
    late: bool
    note: Text | None


class GuidanceDuty(Printed):
    """One duty of Pasal 6 or Pasal 10: how often it was owed, delivered, declined, and each offer.

    ``late`` counts what was given after it was due, ``not_done`` what was due and is not given.
    """

    clause: CitedClause
    wording: Text
    owed: Count
    delivered: Count
    declined: Count
    late: Count
    not_done: Count
    rows: tuple[GuidanceRow, ...]

    def figures(self) -> tuple[Figure, ...]:
        """The duty's counts as figures named ``guidance.<clause>.<count>``."""
        labels = {
            "owed": "wajib dilaksanakan",
            "delivered": "diberikan",
            "declined": "tidak diperlukan",
            "late": "terlambat",
            "not_done": "tidak dilaksanakan",
        }
        return tuple(
            Figure(
                name=f"guidance.{self.clause.id}.{name}",
                label=f"{self.wording} ({label})",
                value=getattr(self, name),
                previous=None,
                unit="tugas",
            )
            for name, label in labels.items()
        )


class GuidanceStage(Printed):
    """The guidance duties of one stage."""

    stage: ReportStage
    duties: tuple[GuidanceDuty, ...]


class ReportedFinding(Printed):
    """A finding of oversight, tested against legislation or against the agreement (Pasal 1 angka 8)."""

    cooperation: CooperationRef
    stage: ReportStage
    basis: Literal["legislation", "agreement"]
    clause: CitedClause
    on: PartialDate
    outcome: Literal["conforms", "deviates"]
    text: Text
    follow_up: Text | None


class ReportedEvaluation(Printed):
    """One round of monitoring and evaluation (d.1). ``filed_on`` is ``None`` until then; ``rating`` is 1 to 5."""

    cooperation: CooperationRef
    clause: CitedClause
    round: Text
    due: DueDate
    filed_on: PartialDate | None
    late: bool
    rating: Annotated[int, Field(ge=1, le=5)] | None
    result: Text | None
    recommendation: Literal["continue", "expand", "stop"] | None
    gone: Literal["handed_over", "cancelled"] | None = None
    """Why it is not the body's any more; such a one is listed, and not counted as owed."""


class Acknowledgement(Printed):
    """A party's acknowledgement of a reminder; ``on`` is ``None`` until the party acknowledges."""

    party: NamedRegion
    on: PartialDate | None


class Reminder(Printed):
    """A reminder to prepare the end of a cooperation (d.4), with the parties that have to acknowledge it."""

    clause: CitedClause
    sent_on: PartialDate
    reason: Text
    acknowledgements: tuple[Acknowledgement, ...]
    agreement: Text | None = None
    """Which agreement ends, where the cooperation has several."""


class ChecklistProof(Printed):
    """One proof of the checklist d.4.a to f; ``party`` is ``None`` for an item that the parties complete jointly.

    ``nihil``: there is nothing to prove. ``notes`` say what else is to be known of it: why nothing is, that it was told
    without details, that nobody has verified its amount, that it is late.
    """

    clause: CitedClause
    label: Text
    party: NamedRegion | None
    done_on: PartialDate | None
    amount: Rupiah | None
    evidence: Count
    nihil: bool = False
    notes: tuple[Text, ...] = ()
    agreement: Text | None = None
    """Which agreement it settles, where the cooperation has several."""


class DividedShare(Printed):
    """What a participant of a settlement gets: goods of that value, and money, negative where it pays."""

    party: NamedRegion
    goods: Rupiah
    money: Rupiah
    share: Rupiah


class ReportedDivision(Printed):
    """A division that stands (d.4.c): value of what is divided, open obligations, and the share of each participant."""

    agreement: Text
    value: Rupiah
    obligations: Rupiah
    sold: Rupiah
    net: Rupiah
    shares: tuple[DividedShare, ...]
    verified: bool


class Termination(Printed):
    """A cooperation that is being prepared to end, or has ended."""

    cooperation: CooperationRef
    planned_end: PartialDate | None
    ended_on: PartialDate | None
    """Its end, or that of the agreement that ended last, where the cooperation goes on; ``ground`` says which."""
    ground: Text | None
    exception: Text | None
    """The reason for ending with open items, where the profile's ground allows it."""
    reminders: tuple[Reminder, ...]
    checklist: tuple[ChecklistProof, ...]
    divisions: tuple[ReportedDivision, ...] = ()

    @property
    def done(self) -> int:
        """The number of proofs of the checklist that have been provided, or that there is nothing of to prove."""
        return sum(item.nihil or item.done_on is not None for item in self.checklist)


class Activities(Printed):
    """Guidance, oversight, evaluations and ends."""

    guidance: tuple[GuidanceStage, ...]
    findings: tuple[ReportedFinding, ...]
    evaluations: tuple[ReportedEvaluation, ...]
    terminations: tuple[Termination, ...]
