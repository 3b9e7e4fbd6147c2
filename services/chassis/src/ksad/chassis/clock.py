"""Clocks: the machine's, or a simulated one that all services of a platform share through a file.

Time enters with commands and is part of events. Code that folds events must not read a clock.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from ksad.chassis import durable
from ksad.contracts.dates import JAKARTA

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.chassis.settings import ServerSettings

# A clock that jumps further ahead than this is refused: recorded times never go back, so a wrong one would stay.
LEAP_MAX = timedelta(days=1)
AHEAD_MAX = timedelta(minutes=15)


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """The current time in UTC."""
        ...


class ServiceClock(Clock, Protocol):
    """The clock of a service that records times; implemented by the real and the simulated clock."""

    def leapt(self) -> timedelta | None:
        """How far the clock has jumped ahead since it was last trusted, if by more than a day; otherwise ``None``."""
        ...

    def trust(self) -> None:
        """Accepts the present time of the clock as correct."""
        ...


class RealClock:
    """The machine's clock, compared with the time since boot, which cannot be set."""

    def __init__(self) -> None:
        self.trust()

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)

    def leapt(self) -> timedelta | None:
        """How far the clock has jumped ahead since it was last trusted, if by more than a day; otherwise ``None``."""
        ahead = timedelta(seconds=time.time() - self._trusted - (time.clock_gettime(time.CLOCK_BOOTTIME) - self._up))
        return ahead if ahead > LEAP_MAX else None

    def trust(self) -> None:
        """Accepts the present time as correct. The time since boot includes the time that the machine sleeps."""
        self._trusted = time.time()
        self._up = time.clock_gettime(time.CLOCK_BOOTTIME)


class SimulatedClock:
    """A clock in a file: the time written there, plus the real time since the file was written."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen_ns = -1
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        """The simulated time in UTC."""
        modified_ns = self._file.stat().st_mtime_ns
        if modified_ns != self._seen_ns:
            self._start = datetime.fromisoformat(self._file.read_text().strip()).astimezone(UTC)
            self._seen_ns = modified_ns
        return self._start + timedelta(microseconds=max(0, time.time_ns() - modified_ns) // 1000)

    def leapt(self) -> timedelta | None:
        """``None``: a simulated clock is meant to jump."""
        return None

    def trust(self) -> None:
        """Does nothing: a simulated clock is always trusted."""


def set_simulated(file: Path, moment: datetime) -> None:
    """Sets the simulated clock of a platform, atomically, so that neither readers nor a crash see a partial time."""
    durable.replace(file, moment.astimezone(UTC).isoformat().encode(), durable.PRIVATE)


def not_before(moment: datetime, cause: datetime) -> datetime:
    """The time for an event that follows from another: not before its cause, if the cause is at most 15 minutes ahead.

    The cause may have been recorded by another machine, whose clock is a little ahead.
    """
    return cause if timedelta(0) < cause - moment <= AHEAD_MAX else moment


def today(clock: Clock) -> date:
    """The present date in Jakarta, by which the regulation's offices count."""
    return clock.now().astimezone(JAKARTA).date()


def clock_from(settings: ServerSettings) -> ServiceClock:
    """The configured clock."""
    if settings.clock == "simulated":
        assert settings.clock_file is not None  # noqa: S101 - settings refuse the other case
        return SimulatedClock(settings.clock_file)
    return RealClock()
