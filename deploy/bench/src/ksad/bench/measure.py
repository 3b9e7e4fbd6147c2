"""Results of benchmarks: a rate or a latency, that of the baseline, their ratio, and the bound."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Odd, so that the median is one of the results.
RUNS = 5


class Result(NamedTuple):
    """One result. ``ratio`` is ours divided by the baseline's; ``reached`` says whether it meets the bound."""

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
    """A result where more is better: it must be at least ``bound`` times the baseline."""
    ratio = ours / theirs
    return Result(work, unit, ours, baseline, theirs, ratio, f"≥ {bound} ×", ratio >= bound, note)


def at_most(work: str, unit: str, ours: float, baseline: str, theirs: float, bound: float, note: str = "") -> Result:
    """A result where less is better: it must be at most ``bound`` times the baseline."""
    ratio = ours / theirs
    return Result(work, unit, ours, baseline, theirs, ratio, f"≤ {bound} ×", ratio <= bound, note)


def seconds(work: Callable[[], object]) -> float:
    """The duration of one run in seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_rates(count: int, pairs: Sequence[Callable[[], object]], runs: int = RUNS) -> list[float]:
    """The median rates of pieces of work, run alternately so that changes of the machine's speed affect all alike."""
    taken: list[list[float]] = [[] for _ in pairs]
    for _ in range(runs):
        for times, work in zip(taken, pairs, strict=True):
            times.append(seconds(work))
    return [count / statistics.median(times) for times in taken]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share (0 to 1) of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
