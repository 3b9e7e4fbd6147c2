"""Reading requests with ``Ksad-After`` wait until the positions they name have been applied.

A waiting request occupies no thread: one query at a time looks up the positions of all waiting requests.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NamedTuple

from fastapi import Header, Request

from ksad.chassis.access import require
from ksad.chassis.problems import Problem
from ksad.contracts.positions import AFTER_HEADER, PATTERN, Position, PositionError
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from ksad.chassis.auth import Caller
    from ksad.chassis.health import Health

WAIT_SECONDS_MAX = 5.0
POLL_SECONDS = 0.05
"""The interval of the query: another process may apply events, and its commits wake nothing here."""
WAITERS_MAX = 500
WAITERS_OF_OFFICE_MAX = 50
SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?")
POSITIONS = f"^{PATTERN}([ \\t]*,[ \\t]*{PATTERN}){{0,2}}$"

After = Annotated[
    str | None,
    Header(
        alias=AFTER_HEADER,
        description="Positions from earlier responses, at most one per service; the answer includes these events.",
        json_schema_extra={"pattern": POSITIONS},
    ),
]
Wait = Annotated[
    str | None,
    Header(
        alias="Ksad-Wait",
        description=f"Seconds to wait for the positions in Ksad-After: at most {WAIT_SECONDS_MAX:.0f}, the default.",
        json_schema_extra={"pattern": f"^{SECONDS.pattern}$"},
    ),
]


class _Waiter(NamedTuple):
    office: str
    missing: set[Position]
    done: asyncio.Future[None]


class Arrivals:
    """Requests that wait for positions. Must be created inside the event loop.

    :param reached: returns those of the given positions that readers see by now; it may block, and runs in a thread.
    """

    def __init__(self, reached: Callable[[Collection[Position]], Collection[Position]], health: Health) -> None:
        self._reached = reached
        self._health = health
        self._loop = asyncio.get_running_loop()
        self._waiters: list[_Waiter] = []
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        health.when_draining(self.wake)

    def wake(self) -> None:
        """Announces, from any thread, that positions may have been reached."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def wait(self, office: str, wanted: Collection[Position], seconds: float) -> None:
        """Waits until all positions are reached.

        :raises Problem: 503, they were not reached within ``seconds``, the service is stopping, or too many requests
            wait.
        """
        own = sum(waiter.office == office for waiter in self._waiters)
        # One office must not take the places of all others.
        if len(self._waiters) >= WAITERS_MAX or own >= WAITERS_OF_OFFICE_MAX:
            raise _not_current("Terlalu banyak permintaan menunggu data terbaru. Coba lagi sebentar.")
        missing = set(wanted).difference(await asyncio.to_thread(self._reached, wanted))
        if not missing:
            return
        waiter = _Waiter(office, missing, self._loop.create_future())
        self._waiters.append(waiter)
        self._woken.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(waiter.done, seconds)
        finally:
            self._waiters.remove(waiter)
        if waiter.missing:
            named = ", ".join(map(str, sorted(waiter.missing)))
            raise _not_current(f"Data belum memuat {named}. Coba lagi sebentar.")

    async def _look(self) -> None:
        """Queries until no request waits. An error of the database is passed to all waiting requests."""
        while self._waiters:
            self._woken.clear()
            asked = list(self._waiters)
            try:
                found = await asyncio.to_thread(self._reached, {one for waiter in asked for one in waiter.missing})
            except Exception as error:  # noqa: BLE001 - each request answers with it
                for waiter in asked:
                    if not waiter.done.done():
                        waiter.done.set_exception(error)
                continue
            for waiter in asked:
                waiter.missing.difference_update(found)
                if (not waiter.missing or self._health.draining) and not waiter.done.done():
                    waiter.done.set_result(None)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)


def require_current(action: str) -> Callable[..., Awaitable[Caller]]:
    """A FastAPI dependency: :func:`require`, followed by the wait for the positions in ``Ksad-After``.

    The service's components must have an :class:`Arrivals` named ``arrivals``.

    :raises Problem: 401 at once; 400, a header is malformed; 503, the positions were not reached in time.
    :raises RuleBrokenError: no grant allows the action to the office (403), at once.
    """
    check = require(action)

    async def dependency(request: Request, ksad_after: After = None, ksad_wait: Wait = None) -> Caller:
        caller = await check(request)
        if ksad_after is not None:
            wanted = positions(",".join(request.headers.getlist("ksad-after")))
            arrivals: Arrivals = request.app.parts.arrivals
            await arrivals.wait(caller.office, wanted, seconds(ksad_wait))
        return caller

    dependency.action = action  # type: ignore[attr-defined] # read by :func:`ksad.chassis.access.endpoints`
    return dependency


def positions(header: str) -> frozenset[Position]:
    """Parses ``Ksad-After``.

    :raises Problem: 400, it is not a list of positions, or has two of one service.
    """
    try:
        parts = [Position.parse(part.strip(" \t")) for part in header.split(",")]
    except PositionError:
        parts = []
    found = frozenset(parts)
    if not found or len({one.service for one in found}) < len(parts):
        detail = "Ksad-After berisi posisi yang pernah dijawab, satu per layanan, misalnya registry:12, supervision:7."
        raise Problem(RefusalKind.UNREADABLE, "position-readable", detail)
    return found


def seconds(header: str | None) -> float:
    """The time to wait, from ``Ksad-Wait``; by default the maximum.

    :raises Problem: 400, it is not a number of seconds, or is too large.
    """
    if header is None:
        return WAIT_SECONDS_MAX
    if not SECONDS.fullmatch(header) or float(header) > WAIT_SECONDS_MAX:
        detail = f"Ksad-Wait berisi jumlah detik dari 0 sampai {WAIT_SECONDS_MAX:.0f}, misalnya 0.8."
        raise Problem(RefusalKind.UNREADABLE, "wait-readable", detail)
    return float(header)


def _not_current(detail: str) -> Problem:
    return Problem(RefusalKind.UNAVAILABLE, "reading-current", detail, headers={"Retry-After": "1"})
