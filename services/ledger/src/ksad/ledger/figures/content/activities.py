"""What a Joint Secretariat or a TKKSD did: chapters II to VI of R1 and R2."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ksad.ledger.figures.content.values import (
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
    """One offer of guidance to one party."""

    cooperation: CooperationRef
    party: NamedRegion
    state: Literal["open", "delivered", "declined", "done", "withdrawn"]
    on: PartialDate | None
    due: DueDate | None
    late: bool
    note: Text | None


class GuidanceDuty(Printed):
    """One duty of Pasal 6 or Pasal 10: how often it was owed and what became of it."""

    clause: CitedClause
    wording: Text
    owed: Count
    delivered: Count
    declined: Count
    late: Count
    rows: tuple[GuidanceRow, ...]

    def figures(self) -> tuple[Figure, ...]:
        """The duty's counts by the names ``guidance.<clause>.<count>``."""
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
    """The guidance of one stage."""

    stage: ReportStage
    duties: tuple[GuidanceDuty, ...]


class ReportedFinding(Printed):
    """A finding of oversight, against legislation or against the agreement (Pasal 1 angka 8)."""

    cooperation: CooperationRef
    stage: ReportStage
    basis: Literal["legislation", "agreement"]
    clause: CitedClause
    on: PartialDate
    outcome: Literal["conforms", "deviates"]
    text: Text
    follow_up: Text | None


class ReportedEvaluation(Printed):
    """One round of monitoring and evaluation (d.1); ``filed_on`` is empty while it is owed."""

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
    """A problem and the opinion on it (d.2)."""

    cooperation: CooperationRef
    reported_on: PartialDate
    text: Text
    opinion: IssuedDocument | None
    state: Literal["open", "opinion_given", "resolved"]


class ReportedDispute(Printed):
    """A dispute with the advice (d.3) and the brief (d.5) on it; one paper may be both."""

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
    """A party's acknowledgement of a reminder; ``on`` is empty while it is awaited."""

    party: NamedRegion
    on: PartialDate | None


class Reminder(Printed):
    """A reminder to prepare for the end (d.4)."""

    clause: CitedClause
    sent_on: PartialDate
    reason: Text
    acknowledgements: tuple[Acknowledgement, ...]


class ChecklistProof(Printed):
    """One proof of the checklist d.4.a to f; ``party`` is empty for an item that the parties do together."""

    clause: CitedClause
    label: Text
    party: NamedRegion | None
    done_on: PartialDate | None
    amount: Rupiah | None
    evidence: Count


class Termination(Printed):
    """A cooperation that prepares to end, or has ended."""

    cooperation: CooperationRef
    planned_end: PartialDate | None
    ended_on: PartialDate | None
    ground: Text | None
    exception: Text | None
    """Why it ended with open items, where the profile's ground allows that."""
    reminders: tuple[Reminder, ...]
    checklist: tuple[ChecklistProof, ...]

    @property
    def done(self) -> int:
        """How many proofs of the checklist are in."""
        return sum(item.done_on is not None for item in self.checklist)


class ClosingChapter(Printed):
    """Chapter VI."""

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
