"""Passes each day once it is over, in the one process of the registry that leads the calendar."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.chassis.broker import pause
from ksad.chassis.clock import today
from ksad.chassis.database import BusyError
from ksad.chassis.edge import Submission
from ksad.chassis.leadership import RoleLease
from ksad.chassis.offices import Caller
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.sealing import REGISTER

if TYPE_CHECKING:
    from datetime import date

    from ksad.chassis.clock import Clock
    from ksad.registry.application import Registry

ROLE = "calendar"
OFFICE = "operator"
"""The office that lets days pass, here as by command."""
LOOK_SECONDS = 1.0
log = structlog.get_logger(__name__)


class Calendar:
    """Passes days. One object per process; only the one that holds the lease of the role does anything."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self.lease = RoleLease(registry.store.database, ROLE)
        self._registry = registry
        self._clock = clock
        self._through: date | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Passes days until ``stop`` is set; after an error of the database it tries again."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.step)
            except (sa.exc.DBAPIError, sa.exc.TimeoutError, BusyError, RuleBrokenError, OSError) as error:
                log.warning("day_not_passed", error=repr(error)[:300])
            await pause(stop, LOOK_SECONDS)
        try:
            await asyncio.to_thread(self.lease.release)
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, BusyError) as error:
            log.warning("lease_not_released", role=ROLE, error=repr(error)[:300])

    def step(self) -> int:
        """Passes the days that are over, if this process leads; returns their number.

        :raises RuleBrokenError: somebody has passed the same day by command at this moment.
        """
        count = 0
        while self.lease.hold():
            day = self._next_day()
            if day is None:
                break
            name = f"calendar/day-{day}"
            digest = sha256(name.encode()).hexdigest()
            submission = Submission(Caller(OFFICE, REGISTER), command_id(OFFICE, name), digest, None)
            self._registry.pass_day(submission, day)
            count += 1
            log.info("day_passed", day=day.isoformat(), holder=self.lease.holder)
        return count

    def _next_day(self) -> date | None:
        """The first day that is over and has not passed; ``None`` if there is none, or no platform yet."""
        over = today(self._clock) - timedelta(days=1)
        if self._through is not None and self._through >= over:
            return None
        last = self._registry.last_day()
        day = last + timedelta(days=1) if last is not None else self._registry.opening().opened_on
        if day is None or day > over:
            self._through = over if day is not None else None
            return None
        return day
