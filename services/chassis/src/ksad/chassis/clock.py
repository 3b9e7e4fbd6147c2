"""The clocks: the machine's, or a simulated one that all services of one platform share through a file.

Time enters with commands and is then in the event: nothing that folds events may ask a clock.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.chassis.settings import Settings

JAKARTA = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian Time has had no daylight saving since 1964."""
LEAP_MAX = timedelta(days=1)
AHEAD_MAX = timedelta(minutes=15)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...


class ServiceClock(Clock, Protocol):
    """The clock of a service that records times. Two implementations: the real and the simulated clock."""

    def leapt(self) -> timedelta | None:
        """How far the clock has leapt ahead since it was last trusted, where that is more than anybody sets it by."""
        ...

    def trust(self) -> None:
        """What the clock says now is taken for the time."""
        ...


class RealClock:
    """The machine's clock, held against the machine's own count of seconds, which nobody can set."""

    def __init__(self) -> None:
        self.trust()

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)

    def leapt(self) -> timedelta | None:
        """How far the clock has leapt ahead since it was last trusted, where that is more than a day."""
        ahead = timedelta(seconds=time.time() - self._trusted - (time.clock_gettime(time.CLOCK_BOOTTIME) - self._up))
        return ahead if ahead > LEAP_MAX else None

    def trust(self) -> None:
        """What the clock says now is taken for the time; it counts on while the machine sleeps."""
        self._trusted = time.time()
        self._up = time.clock_gettime(time.CLOCK_BOOTTIME)


class SimulatedClock:
    """A clock that stands in a file: the instant written there, plus the real time since the file was written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen_ns = -1
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        """The simulated moment, in UTC."""
        modified_ns = self._file.stat().st_mtime_ns
        if modified_ns != self._seen_ns:
            self._start = datetime.fromisoformat(self._file.read_text().strip()).astimezone(UTC)
            self._seen_ns = modified_ns
        return self._start + timedelta(microseconds=max(0, time.time_ns() - modified_ns) // 1000)

    def leapt(self) -> timedelta | None:
        """Nothing: leaping ahead is what it is for."""
        return None

    def trust(self) -> None:
        """It is trusted anyway."""


def set_simulated(file: Path, moment: datetime) -> None:
    """Set the clock that the services of one platform share; atomic, so that no reader sees half an instant."""
    pending = file.with_suffix(".pending")
    pending.write_text(moment.astimezone(UTC).isoformat())
    os.replace(pending, file)  # noqa: PTH105 - the same call with its durability contract in the name


def not_before(moment: datetime, cause: datetime) -> datetime:
    """The moment of what follows from a fact that another machine recorded, whose clock may be a little ahead."""
    return cause if timedelta(0) < cause - moment <= AHEAD_MAX else moment


def today(clock: Clock) -> date:
    """The day it is in Asia/Jakarta: the days of the regulation's offices."""
    return clock.now().astimezone(JAKARTA).date()


def clock_from(settings: Settings) -> ServiceClock:
    """The clock that the settings name."""
    if settings.clock == "simulated":
        assert settings.clock_file is not None  # noqa: S101 - settings refuse the other case
        return SimulatedClock(settings.clock_file)
    return RealClock()
