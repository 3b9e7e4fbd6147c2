"""Rebuilds projections from the journal, beside a running service or without one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.database import Database


class Rebuild(NamedTuple):
    """How many entries were folded in how many seconds, and whether the rows are those that they replace.

    ``differing`` has how many rows differ, by projection; ``switched`` says whether the new rows are live.
    """

    events: int
    seconds: float
    events_per_second: int
    identical: bool
    differing: dict[str, int]
    switched: bool


class SwitchedBack(NamedTuple):
    """The generation of a projection that is live again, and how many entries it has folded."""

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
    """Rebuild one projection or all of them; interrupted, it goes on from there when it is called again.

    :param switch: make the new rows live; else compare them only.
    :param progress: is told how many entries are folded of how many.
    :raises LookupError: no projection of that name.
    :raises ksad.ledger.folds.folding.PoisonError: an entry cannot be folded.
    """
    runner = _runner(database, projection)
    started = time.perf_counter()
    done = runner.rebuild([projection] if projection else [], progress=progress, switch=switch)
    seconds = time.perf_counter() - started
    assert done is not None  # noqa: S101 - only a call with a signal is cancelled
    speed = round(done.events / seconds) if seconds else 0
    return Rebuild(done.events, round(seconds, 3), speed, done.identical, done.differing, done.switched)


def switch_back(database: Database, projection: str) -> SwitchedBack:
    """Make the generation before the last rebuild live again, once it has caught up; nothing is lost by it.

    :raises LookupError: no projection of that name, or none to switch back to.
    """
    live = _runner(database, projection).switch_back(projection)
    return SwitchedBack(live.name, live.number, live.position)


def _runner(database: Database, projection: str | None) -> Runner:
    runner = Runner(database, Journal(database))
    if projection is not None and projection not in runner.projections:
        raise LookupError(f"no projection {projection}: one of {', '.join(runner.projections)}")
    return runner
