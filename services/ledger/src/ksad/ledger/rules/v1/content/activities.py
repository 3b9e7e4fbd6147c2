"""Chapters II to VI of R1 and R2: the activities of the Joint Secretariat or of a TKKSD."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ksad.ledger.rules.v1.content.values import (
    CitedClause,
    CooperationRef,
    Count,
    DueDate,
    Figure,
    IssuedDocument,
    NamedRegion,
    PartialDate,
    Printed,
    ReportStage,
    Rupiah,
    Text,
)


class GuidanceRow(Printed):
    """Guidance offered to one party. ``on`` is when it was delivered, declined or completed."""

    cooperation: CooperationRef
    party: NamedRegion
    state: Literal["open", "delivered", "declined", "done", "withdrawn"]
    on: PartialDate | None
    due: DueDate | None
    late: bool
    note: Text | None


class GuidanceDuty(Printed):
    """One duty of Pasal 6 or Pasal 10: how often it was owed, delivered, declined and late, and each offer."""

    clause: CitedClause
    wording: Text
    owed: Count
    delivered: Count
    declined: Count
    late: Count
    rows: tuple[GuidanceRow, ...]

    def figures(self) -> tuple[Figure, ...]:
        """The duty's counts as figures named ``guidance.<clause>.<count>``."""
        labels = {"owed": "terutang", "delivered": "diberikan", "declined": "tidak diperlukan", "late": "terlambat"}
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


class ReportedProblem(Printed):
    """A problem, and the opinion on it (d.2); ``None`` until one is given."""

    cooperation: CooperationRef
    reported_on: PartialDate
    text: Text
    opinion: IssuedDocument | None
    state: Literal["open", "opinion_given", "resolved"]


class ReportedDispute(Printed):
    """A dispute with the advice (d.3) and the brief (d.5) on it; one document may serve as both."""

    cooperation: CooperationRef
    raised_on: PartialDate
    text: Text
    forum: Text
    forum_clause: CitedClause
    advice: IssuedDocument | None
    brief: IssuedDocument | None
    state: Literal["open", "decision_requested", "escalated", "settled"]
    settled_by: Literal["deliberation", "decision"] | None
    settled_on: PartialDate | None


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


class ChecklistProof(Printed):
    """One proof of the checklist d.4.a to f; ``party`` is ``None`` for an item that the parties complete jointly."""

    clause: CitedClause
    label: Text
    party: NamedRegion | None
    done_on: PartialDate | None
    amount: Rupiah | None
    evidence: Count


class Termination(Printed):
    """A cooperation that is being prepared to end, or has ended."""

    cooperation: CooperationRef
    planned_end: PartialDate | None
    ended_on: PartialDate | None
    ground: Text | None
    exception: Text | None
    """The reason for ending with open items, where the profile's ground allows it."""
    reminders: tuple[Reminder, ...]
    checklist: tuple[ChecklistProof, ...]

    @property
    def done(self) -> int:
        """The number of proofs of the checklist that have been provided."""
        return sum(item.done_on is not None for item in self.checklist)


class ClosingChapter(Printed):
    """Chapter VI: conclusions, obstacles, suggestions and follow-up."""

    conclusions: tuple[Text, ...]
    obstacles: tuple[Text, ...]
    suggestions: tuple[Text, ...]
    follow_up: tuple[Text, ...]


class Activities(Printed):
    """Chapters II to VI."""

    guidance: tuple[GuidanceStage, ...]
    findings: tuple[ReportedFinding, ...]
    evaluations: tuple[ReportedEvaluation, ...]
    problems: tuple[ReportedProblem, ...]
    disputes: tuple[ReportedDispute, ...]
    terminations: tuple[Termination, ...]
    closing: ClosingChapter
