"""Counts timeliness, scores and developments of a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from ksad.contracts.dates import Period
from ksad.ledger.figures.content import indonesian
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
from ksad.ledger.figures.scope import ref
from ksad.ledger.figures.timeliness import DONE, ENTERED, LEFT
from ksad.ledger.folds.tasks import closed_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ksad.ledger.figures.developments import Told
    from ksad.ledger.figures.figures import Figures
    from ksad.ledger.figures.scope import ReportScope
    from ksad.ledger.figures.timeliness import TaskShare

REMAINING = ("tasks_not_done", "tasks_not_due")
"""The headline figures of what a report left to the next one."""
LISTED_MAX = 100
HUNDREDTHS = 100


def counts(shares: Iterable[TaskShare]) -> TimelinessCounts:
    """The sums over some shares."""
    found: Counter[str] = Counter()
    for one in shares:
        found[one.entered] += 1
        found[one.left] += 1
    return TimelinessCounts(**{name: found[name] for name in (*ENTERED, *LEFT)})


def timeliness(
    scope: ReportScope, figures: Figures, label: Callable[[str], str], previous: Mapping[str, int]
) -> Timeliness:
    """The sums of each body.

    :param label: returns the printed name of an office.
    :param previous: the headline figures of the preceding report.
    """
    by: dict[str, list[TaskShare]] = defaultdict(list)
    if scope.body is not None:
        by[scope.body] = []
    for one in scope.gathered.shares:
        by[one.body].append(one)
    rows = tuple(TimelinessRow(office=body, label=label(body), counts=counts(by[body])) for body in sorted(by))
    for row in rows:
        for name in (*ENTERED, *LEFT):
            keys = [one.task for one in by[row.office] if name in (one.entered, one.left)]
            figures.count(f"timeliness.{row.key}.{name}", "tasks", keys)
    total = counts(scope.shares)
    left = [previous[name] for name in REMAINING if name in previous]
    adjustment = total.carried_in - sum(left) if len(left) == len(REMAINING) else None
    return Timeliness(rows=rows, total=total, adjustment=adjustment, notes=tuple(_notes(scope, adjustment)))


def _notes(scope: ReportScope, adjustment: int | None) -> Iterable[str]:
    shares = scope.shares
    gone = [one for one in shares if one.left == "cancelled" and str(closed_on(one.row)) > one.row["due_on"]]
    if gone:
        yield f"{len(gone)} tugas dibatalkan setelah jatuh temponya lewat."
    moved = len(scope.gathered.shares) - len(shares)
    if moved:
        yield f"{moved} tugas beralih dari satu badan ke badan lain; dalam jumlah dihitung satu kali."
    if adjustment:
        yield (
            f"Penyesaian {indonesian.signed(adjustment)} tugas terhadap sisa menurut laporan periode sebelumnya: "
            "fakta periode itu baru diketahui kemudian; rinciannya pada bagian perkembangan."
        )


def scored(scope: ReportScope, period: Period) -> Scored:
    """The scores of the evaluations filed in the period, and the means of this period and those before it."""
    forms = [row for row in scope.answers("d.1") if row["detail"].get("evaluation")]
    mine = {one.task for one in scope.of("d.1") if one.left in DONE}
    filed, last = [], dict[str, int]()
    by_period: dict[Period, list[Scores]] = defaultdict(list)
    keys = {id(row): key for key, row in scope.gathered.answers}
    for row in forms:
        scores = Scores(**{name: row["detail"]["evaluation"][name] for name in SCORES})
        cooperation = row["cooperation_id"]
        if keys[id(row)] in mine:
            one = ref(scope.cooperation(row), row["detail"]["agreement"])
            before = last.get(cooperation)
            filed.append(ScoredEvaluation(cooperation=one, on=row["completed_on"], scores=scores, before=before))
        last[cooperation] = scores.sum
        by_period[_period_of(row["completed_on"], period)].append(scores)
    trend = tuple(_trend(one, by_period[one]) for one in sorted(by_period, key=lambda each: each.first))
    return Scored(evaluations=tuple(filed), trend=trend)


def _period_of(day: str, like: Period) -> Period:
    """The period of the same length in which a day lies."""
    found = like
    while day < found.first.isoformat():
        found = found.preceding
    return found


def _trend(period: Period, found: Sequence[Scores]) -> ScoreTrend:
    sums: dict[str, Any] = {name: sum(getattr(one, name) for one in found) for name in SCORES}
    # Half up, in integers: a report has no floats.
    means = {name: (2 * HUNDREDTHS * value + len(found)) // (2 * len(found)) for name, value in sums.items()}
    return ScoreTrend(period=str(period), evaluations=len(found), means=means)


def developments(scope: ReportScope) -> Developments:
    """What happened after the day that is spoken of, and what of earlier periods is known only now."""
    after, earlier = scope.gathered.tidings

    def shown(found: Sequence[Told]) -> tuple[Development, ...]:
        return tuple(
            Development(
                on=one.on,
                cooperation=None if one.cooperation is None else ref(scope.gathered.named[one.cooperation]),
                text=one.text,
            )
            for one in found[:LISTED_MAX]
        )

    return Developments(
        after=shown(after),
        earlier=shown(earlier),
        more_after=max(0, len(after) - LISTED_MAX),
        more_earlier=max(0, len(earlier) - LISTED_MAX),
    )
