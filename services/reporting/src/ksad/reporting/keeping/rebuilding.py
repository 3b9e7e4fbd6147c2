"""Rebuilds projections from the journal, with the service running or stopped."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.database import Database


class Rebuild(NamedTuple):
    """The result of a rebuild: entries folded, seconds, and whether the rows equal those that they replace.

    ``differing`` has the number of different rows by projection; ``switched`` says whether the new rows are live.
    """

    events: int
    seconds: float
    events_per_second: int
    identical: bool
    differing: dict[str, int]
    switched: bool


class SwitchedBack(NamedTuple):
    """The generation that is live again, and the number of entries it has folded."""

    projection: str
    generation: int
    position: int


def rebuild(
    database: Database,
    projection: str | None = None,
    *,
    switch: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Rebuild:
    """Rebuilds one projection or all. After an interruption, the next call continues where it ended.

    :param switch: make the new rows live; otherwise only compare.
    :param progress: called with the numbers of entries folded and in total.
    :raises LookupError: there is no projection with this name.
    :raises ksad.ledger.folds.folding.PoisonError: an entry cannot be folded.
    :raises ksad.reporting.projections.generations.MovedError: another rebuild works on it.
    :raises ksad.reporting.projections.crew.WorkerLostError: a process of it was killed; the next call goes on.
    """
    runner = _runner(database, projection)
    started = time.perf_counter()
    done = runner.rebuild([projection] if projection else [], progress=progress, switch=switch)
    seconds = time.perf_counter() - started
    assert done is not None  # noqa: S101 - only a call with a signal is cancelled
    speed = round(done.events / seconds) if seconds else 0
    return Rebuild(done.events, round(seconds, 3), speed, done.identical, done.differing, done.switched)


def switch_back(database: Database, projection: str) -> SwitchedBack:
    """Brings the generation before the last rebuild up to date and makes it live again.

    :raises LookupError: there is no projection with this name, or none to return to.
    :raises ksad.reporting.projections.generations.MovedError: a rebuild works on it.
    """
    live = _runner(database, projection).switch_back(projection)
    return SwitchedBack(live.name, live.number, live.position)


def _runner(database: Database, projection: str | None) -> Runner:
    runner = Runner(database, Journal(database))
    if projection is not None and projection not in runner.projections:
        raise LookupError(f"no projection {projection}: one of {', '.join(runner.projections)}")
    return runner
