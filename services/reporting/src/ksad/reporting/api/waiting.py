"""Readings that promise "not older than": they wait until a position is admitted and projected."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fastapi import Request

from ksad.chassis.edge import After, not_older_than
from ksad.chassis.problems import Problem
from ksad.reporting.projections import generations as books

if TYPE_CHECKING:
    from starlette.datastructures import State

    from ksad.chassis.database import Database

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.05
"""Another process may be the one that projects: its steps are not heard here."""


def _projected(database: Database) -> int:
    """How many entries every live generation has folded, by whatever process."""
    with database.read() as connection:
        return min(one.position for one in books.live(connection))


def wait_for(request: Request, ksad_after: After = None) -> None:
    """Wait for the position in ``Ksad-After``; runs in a worker thread.

    :raises Problem: 503, it was not reached within five seconds.
    """
    wanted = not_older_than(ksad_after)
    if wanted is not None:
        _reach(request.app.state, *wanted)


def wait_for_own(request: Request) -> None:
    """Wait until all that was recorded here so far is projected: what is compiled cites it from the log.

    :raises Problem: 503, it was not reached within five seconds.
    """
    head = request.app.state.store.head()
    if head:
        _reach(request.app.state, "reporting", head)


def _reach(state: State, service: str, notification: int) -> None:
    journal, runner = state.journal, state.runner
    deadline = time.monotonic() + WAIT_SECONDS
    entry: int | None = None
    while True:
        steps = runner.steps
        if entry is None:
            with journal.database.read() as connection:
                entry = journal.index_of(connection, service, notification)
        if entry is not None and (runner.reached > entry or _projected(journal.database) > entry):
            return
        if time.monotonic() > deadline:
            detail = f"Data belum memuat {service}:{notification}. Coba lagi sebentar."
            raise Problem(503, "reading-current", detail, headers={"Retry-After": "1"})
        runner.wait_for_step(steps, POLL_SECONDS)
