"""Readings that promise "not older than": they wait until a position has been taken in."""

from __future__ import annotations

import time

from fastapi import Request

from ksad.chassis.edge import After, not_older_than
from ksad.chassis.problems import Problem

WAIT_SECONDS = 5.0
POLL_SECONDS = 0.005


def wait_for(request: Request, ksad_after: After = None) -> None:
    """Wait for the position in ``Ksad-After``; runs in a worker thread.

    :raises Problem: 503, it was not reached within five seconds.
    """
    wanted = not_older_than(ksad_after)
    if wanted is None:
        return
    service, position = wanted
    state = request.app.state
    deadline = time.monotonic() + WAIT_SECONDS
    while (state.store.head() if service == "supervision" else state.follower.reached(service)) < position:
        if time.monotonic() > deadline:
            detail = f"Data belum memuat {service}:{position}. Coba lagi sebentar."
            raise Problem(503, "reading-current", detail, headers={"Retry-After": "1"})
        time.sleep(POLL_SECONDS)
