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


class Clock(Protocol):
    """Two implementations: the real and the simulated clock."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        return datetime.now(UTC)


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


def set_simulated(file: Path, moment: datetime) -> None:
    """Set the clock that the services of one platform share; atomic, so that no reader sees half an instant."""
    pending = file.with_suffix(".pending")
    pending.write_text(moment.astimezone(UTC).isoformat())
    os.replace(pending, file)  # noqa: PTH105 - the same call with its durability contract in the name


def today(clock: Clock) -> date:
    """The day it is in Asia/Jakarta: the days of the regulation's offices."""
    return clock.now().astimezone(JAKARTA).date()


def clock_from(settings: Settings) -> Clock:
    """The clock that the settings name."""
    if settings.clock == "simulated":
        assert settings.clock_file is not None  # noqa: S101 - settings refuse the other case
        return SimulatedClock(settings.clock_file)
    return RealClock()
