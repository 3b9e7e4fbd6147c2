"""Health: ``/livez`` answers while the loop turns; ``/readyz`` means advancing or caught up, never just "running"."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STUCK_SECONDS = 15.0


class HealthCheck(NamedTuple):
    """What one check found. ``care`` is for what an operator must look at though the service does its work."""

    ok: bool
    detail: str
    care: bool = False

    def __str__(self) -> str:
        """The word that operators and programs go by, and the detail."""
        word = "FAILED" if not self.ok else "care" if self.care else "ok"
        return f"{word}: {self.detail}"


def set_aside(parked: int, quarantined: int) -> HealthCheck:
    """What is parked or quarantined waits alone: everything else flows, so the service stays ready and says so."""
    return HealthCheck(
        ok=True, detail=f"{parked} parked, {quarantined} quarantined", care=parked > 0 or quarantined > 0
    )


def contact_check(last: Callable[[], float], stuck_seconds: float = STUCK_SECONDS) -> Callable[[], HealthCheck]:
    """A check of somebody who gives a sign of life now and then: nothing that he would tell can be known without one.

    :param last: when that was, in seconds of the monotonic clock.
    """

    def check() -> HealthCheck:
        silent = time.monotonic() - last()
        return HealthCheck(silent < stuck_seconds, f"last heard {silent:.0f} s ago")

    return check


class ProgressCheck:
    """Ready while a position is at its head, or has moved within the last seconds.

    It is asked now and then only: what was level when it was asked last is given its seconds from now on.
    """

    def __init__(self, read: Callable[[], tuple[int, int]], stuck_seconds: float = STUCK_SECONDS) -> None:
        """:param read: gives (position, how many are left)."""
        self._read = read
        self._stuck_seconds = stuck_seconds
        self._seen: int | None = None
        self._moved: float | None = None

    def __call__(self) -> HealthCheck:
        """Look now."""
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
        """Whether the service is about to end: it still answers, and lets nobody wait."""
        self._waking: list[Callable[[], None]] = []
        self.broken: str | None = None
        """The background task that ended before the service did."""

    def add(self, name: str, check: Callable[[], HealthCheck]) -> None:
        """Ask this check from now on."""
        self._checks[name] = check

    def when_draining(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called when the service is about to end, so that those who wait look again."""
        self._waking.append(wake)

    def drain(self) -> None:
        """The service is about to end."""
        self.draining = True
        for wake in self._waking:
            wake()

    def check_all(self) -> tuple[bool, Mapping[str, str]]:
        """Whether the service is ready, and what each check says."""
        found = {}
        ready = not self.draining and self.broken is None
        for name, check in self._checks.items():
            try:
                result = check()
            except Exception as error:  # noqa: BLE001 - a check that fails in any way is a check that failed
                result = HealthCheck(ok=False, detail=f"{type(error).__name__}: {error}"[:200])
            ready = ready and result.ok
            found[name] = str(result)
        if self.draining:
            found["draining"] = "FAILED: the service is ending"
        if self.broken is not None:
            found["background"] = f"FAILED: {self.broken} has ended"
        return ready, found
