"""Measured work: a rate or a latency, its baseline's, the ratio of the two, and what is to be reached."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RUNS = 5


class Result(NamedTuple):
    """One line of the table. ``ratio`` is ours over the baseline's; ``reached`` compares it with the bound."""

    work: str
    unit: str
    ours: float
    baseline: str
    theirs: float
    ratio: float
    target: str
    reached: bool
    note: str = ""


def at_least(work: str, unit: str, ours: float, baseline: str, theirs: float, bound: float, note: str = "") -> Result:
    """More is better: ours must be at least ``bound`` times the baseline."""
    ratio = ours / theirs
    return Result(work, unit, ours, baseline, theirs, ratio, f"≥ {bound} ×", ratio >= bound, note)


def at_most(work: str, unit: str, ours: float, baseline: str, theirs: float, bound: float, note: str = "") -> Result:
    """Less is better: ours must be at most ``bound`` times the baseline."""
    ratio = ours / theirs
    return Result(work, unit, ours, baseline, theirs, ratio, f"≤ {bound} ×", ratio <= bound, note)


def seconds(work: Callable[[], object]) -> float:
    """How long one run takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_rates(count: int, pairs: Sequence[Callable[[], object]], runs: int = RUNS) -> list[float]:
    """The median rate of each piece of work, run in turn so that a drift of the machine hits all alike."""
    taken: list[list[float]] = [[] for _ in pairs]
    for _ in range(runs):
        for times, work in zip(taken, pairs, strict=True):
            times.append(seconds(work))
    return [count / statistics.median(times) for times in taken]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
