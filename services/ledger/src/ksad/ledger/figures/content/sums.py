"""Tables that every kind of report has: timeliness in sums that close, scores of evaluations, and developments."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ksad.contracts.identifiers import Office
from ksad.ledger.figures.content.values import CooperationRef, Count, Figure, PartialDate, Printed, Text

TIMELINESS_LABELS = {
    "carried_in": "Sisa periode lalu",
    "new": "Baru",
    "taken_over": "Alihan masuk",
    "on_time": "Tepat waktu",
    "late": "Terlambat",
    "cancelled": "Dibatalkan",
    "handed_over": "Dialihkan",
    "not_done": "Tidak dilaksanakan",
    "not_due": "Belum jatuh tempo",
}
SCORES = {
    "purpose_met": "Tujuan tercapai",
    "on_time": "Tepat waktu",
    "partner_contribution": "Kontribusi mitra",
    "coordination": "Koordinasi",
    "documents_complete": "Kelengkapan dokumen",
    "reports_regular": "Keteraturan laporan",
}
"""The six scores of the form of monitoring and evaluation (d.1), each from 1 to 4."""


class TimelinessCounts(Printed):
    """What became of tasks in a period.

    :raises ValueError: what came in is not what became of it.
    """

    carried_in: Count
    new: Count
    taken_over: Count
    on_time: Count
    late: Count
    cancelled: Count
    handed_over: Count
    not_done: Count
    not_due: Count

    @model_validator(mode="after")
    def _closes(self) -> Self:
        left = self.on_time + self.late + self.cancelled + self.handed_over + self.not_done + self.not_due
        if self.total != left:
            raise ValueError(f"of {self.total} tasks it is told what became of {left}")
        return self

    @property
    def total(self) -> int:
        """The tasks that came in."""
        return self.carried_in + self.new + self.taken_over

    @property
    def remaining(self) -> int:
        """The tasks that the next period carries in."""
        return self.not_done + self.not_due


class TimelinessRow(Printed):
    """The tasks of one body."""

    office: Office
    label: Text
    counts: TimelinessCounts

    @property
    def key(self) -> str:
        """The row's part of figure names: ``tkksd.33``."""
        return self.office.replace(":", ".")

    def figures(self) -> tuple[Figure, ...]:
        """All counts as figures named ``timeliness.<body>.<count>``."""
        return tuple(
            Figure(
                name=f"timeliness.{self.key}.{name}",
                label=f"{self.label}: {label}",
                value=getattr(self.counts, name),
                previous=None,
                unit="tugas",
            )
            for name, label in TIMELINESS_LABELS.items()
        )


class Timeliness(Printed):
    """The tasks of each body that is reported on, and of all together.

    ``adjustment`` is by how much the tasks carried in differ from those that the last report left, because of what
    became known since; ``None`` without a report to compare with. ``notes`` explain single sums.
    """

    rows: tuple[TimelinessRow, ...]
    total: TimelinessCounts
    adjustment: int | None
    notes: tuple[Text, ...]


class Scores(Printed):
    """The six scores of one evaluation, 1 (poor) to 4 (good)."""

    purpose_met: Annotated[int, Field(ge=1, le=4)]
    on_time: Annotated[int, Field(ge=1, le=4)]
    partner_contribution: Annotated[int, Field(ge=1, le=4)]
    coordination: Annotated[int, Field(ge=1, le=4)]
    documents_complete: Annotated[int, Field(ge=1, le=4)]
    reports_regular: Annotated[int, Field(ge=1, le=4)]

    @property
    def sum(self) -> int:
        """The sum of the six, 6 to 24."""
        return sum(getattr(self, name) for name in SCORES)


class ScoredEvaluation(Printed):
    """An evaluation that was filed in the period, and the sum of the scores of the one before it, if there is one."""

    cooperation: CooperationRef
    on: PartialDate
    scores: Scores
    before: Annotated[int, Field(ge=6, le=24)] | None


class ScoreTrend(Printed):
    """The mean scores of all evaluations filed in one period, in hundredths."""

    period: Text
    evaluations: Annotated[int, Field(ge=1)]
    means: dict[str, Annotated[int, Field(ge=100, le=400)]]


class Scored(Printed):
    """The scores of the period's evaluations, and the means of it and the periods before it, the earliest first."""

    evaluations: tuple[ScoredEvaluation, ...]
    trend: tuple[ScoreTrend, ...]


class Development(Printed):
    """A fact that is not of the period: what happened after it, or what of the time before it became known only now."""

    on: PartialDate
    cooperation: CooperationRef | None
    text: Text


class Developments(Printed):
    """What happened after the last day of the period, and what of earlier periods became known since the last report.

    ``more`` counts the facts beyond those listed, after and earlier.
    """

    after: tuple[Development, ...]
    earlier: tuple[Development, ...]
    more_after: Count
    more_earlier: Count
