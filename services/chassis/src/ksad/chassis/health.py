"""Health checks: ``/livez`` answers while the process runs; ``/readyz`` requires progress or being up to date."""

from __future__ import annotations

import time
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STUCK_SECONDS = 15.0


class Remedy(StrEnum):
    """Who has to act before a check that fails is good again; those without one become good by themselves."""

    OPERATOR = "operator"
    """Waiting mends nothing: a key, a disk or a database has to be put right, as the check's detail says."""
    BROKER = "restart-broker"
    """The broker is there and refuses what it should serve; it does so until it is started again."""


class HealthCheck(NamedTuple):
    """The result of a check. ``care`` marks what an operator should examine although the service works."""

    ok: bool
    detail: str
    care: bool = False
    remedy: Remedy | None = None

    def __str__(self) -> str:
        """``ok``, ``care`` or ``FAILED``, followed by the detail."""
        word = "FAILED" if not self.ok else "care" if self.care else "ok"
        return f"{word}: {self.detail}"


class Readiness(NamedTuple):
    """Whether a service is ready, what each check says, and what the failing ones need where waiting is not enough."""

    ready: bool
    checks: Mapping[str, str]
    remedies: Mapping[str, Remedy]


def set_aside(parked: int, quarantined: int) -> HealthCheck:
    """The check of parked events and quarantined messages. They stop nothing else, so the service stays ready."""
    return HealthCheck(
        ok=True, detail=f"{parked} parked, {quarantined} quarantined", care=parked > 0 or quarantined > 0
    )


def contact_check(
    last: Callable[[], float],
    stuck_seconds: float = STUCK_SECONDS,
    refused: Callable[[], str | None] = lambda: None,
) -> Callable[[], HealthCheck]:
    """A check that the broker still answers and does what it is asked for.

    :param last: returns when it last did, in seconds of the monotonic clock.
    :param refused: returns what it refuses although it answers; ``None`` if it refuses nothing.
    """

    def check() -> HealthCheck:
        silent = time.monotonic() - last()
        if silent >= stuck_seconds:
            return HealthCheck(ok=False, detail=f"last heard {silent:.0f} s ago")
        reason = refused()
        if reason is not None:
            return HealthCheck(ok=False, detail=reason, remedy=Remedy.BROKER)
        return HealthCheck(ok=True, detail=f"last heard {silent:.0f} s ago")

    return check


class ProgressCheck:
    """A check that holds while a position is up to date, or has advanced within ``stuck_seconds``.

    Checks are made occasionally. A position that was up to date at the last check gets the full time from now on.
    """

    def __init__(self, read: Callable[[], tuple[int, int]], stuck_seconds: float = STUCK_SECONDS) -> None:
        """:param read: returns the position, and the number of items left."""
        self._read = read
        self._stuck_seconds = stuck_seconds
        self._seen: int | None = None
        self._moved: float | None = None

    def __call__(self) -> HealthCheck:
        """Checks now."""
        position, left = self._read()
        now = time.monotonic()
        if left == 0:
            self._moved = None
        elif position != self._seen or self._moved is None:
            self._moved = now
        self._seen = position
        standing = 0.0 if self._moved is None else now - self._moved
        return HealthCheck(standing < self._stuck_seconds, f"at {position}, {left} left, standing for {standing:.1f} s")


class Health:
    """The named checks of a service."""

    def __init__(self) -> None:
        self._checks: dict[str, Callable[[], HealthCheck]] = {}
        self.draining = False
        """Whether the service is about to stop. It still answers, but lets no request wait."""
        self._waking: list[Callable[[], None]] = []
        self.broken: str | None = None
        """The name of a background task that ended before the service."""

    def add(self, name: str, check: Callable[[], HealthCheck]) -> None:
        """Adds a check."""
        self._checks[name] = check

    def when_draining(self, wake: Callable[[], None]) -> None:
        """Registers a function that is called when the service is about to stop, to end waits."""
        self._waking.append(wake)

    def drain(self) -> None:
        """Announces that the service is about to stop."""
        self.draining = True
        for wake in self._waking:
            wake()

    def check_all(self) -> Readiness:
        """Whether the service is ready, the result of each check as text, and what the failing ones need."""
        found = {}
        remedies = {}
        ready = not self.draining and self.broken is None
        for name, check in self._checks.items():
            try:
                result = check()
            except Exception as error:  # noqa: BLE001 - a check that fails in any way is a check that failed
                result = HealthCheck(ok=False, detail=f"{type(error).__name__}: {error}"[:200])
            ready = ready and result.ok
            found[name] = str(result)
            if not result.ok and result.remedy is not None:
                remedies[name] = result.remedy
        if self.draining:
            found["draining"] = "FAILED: the service is ending"
        if self.broken is not None:
            found["background"] = f"FAILED: {self.broken} has ended"
        return Readiness(ready, found, remedies)
