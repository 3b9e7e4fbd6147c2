"""The sums, scores and developments for the contents of reports."""

from collections.abc import Sequence

from ksad.ledger.figures.content.sums import (
    SCORES,
    Development,
    Developments,
    Scored,
    ScoredEvaluation,
    Scores,
    ScoreTrend,
    Timeliness,
    TimelinessCounts,
    TimelinessRow,
)
from ksad.ledger.figures.content.values import CooperationRef, LetterOffice


def timeliness(sender: LetterOffice, count: int) -> Timeliness:
    """What became of twice so many tasks, half of them carried in, half done in time."""
    counts = TimelinessCounts(
        carried_in=count,
        new=count,
        taken_over=0,
        on_time=count,
        late=0,
        cancelled=0,
        handed_over=0,
        not_done=count,
        not_due=0,
    )
    row = TimelinessRow(office=sender.id, label=sender.label, counts=counts)
    return Timeliness(rows=(row,), total=counts, adjustment=0, notes=("1 tugas dibatalkan setelah jatuh tempo.",))


def scored(refs: Sequence[CooperationRef]) -> Scored:
    """One evaluation each, and the means of two semesters."""
    three = Scores(**dict.fromkeys(SCORES, 3))
    found = tuple(ScoredEvaluation(cooperation=one, on="2026-06-10", scores=three, before=17) for one in refs)
    means = dict.fromkeys(SCORES, 300)
    periods = ("2025-S2", "2026-S1") if refs else ()
    return Scored(
        evaluations=found,
        trend=tuple(ScoreTrend(period=one, evaluations=len(refs), means=means) for one in periods),
    )


def developments(refs: Sequence[CooperationRef]) -> Developments:
    """One fact after the period and one before it for each."""
    after = tuple(Development(on="2026-07-02", cooperation=one, text="Perjanjian ditandatangani") for one in refs)
    earlier = tuple(Development(on="2025-11-20", cooperation=one, text="Permasalahan selesai") for one in refs)
    return Developments(after=after, earlier=earlier, more_after=0, more_earlier=3 if refs else 0)
