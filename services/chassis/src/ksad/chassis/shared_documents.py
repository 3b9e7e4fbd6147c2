"""Looks after the bucket in which documents are kept: that it answers, and locks what it is given."""

from __future__ import annotations

import asyncio

import structlog

from ksad.chassis.broker import pause
from ksad.chassis.bucket import Bucket, BucketAwayError
from ksad.chassis.health import HealthCheck, Remedy

LOOK_SECONDS = 15.0
log = structlog.get_logger(__name__)


class SharedDocuments:
    """Asks every fifteen seconds.

    A bucket that does not lock is an operator's fault and makes the service unready. One that does not answer leaves
    all work without documents possible, and would take all machines out at once: it is told, and the service stays.
    """

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._fault: str | None = "has not been asked yet"
        self._away: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Asks until ``stop`` is set."""
        while not stop.is_set():
            await asyncio.to_thread(self._look)
            await pause(stop, LOOK_SECONDS)

    def check(self) -> HealthCheck:
        """The last answer, for ``/readyz``."""
        if self._away is not None:
            return HealthCheck(ok=True, detail=f"documents are out of reach: {self._away}"[:300], care=True)
        if self._fault is not None:
            return HealthCheck(ok=False, detail=f"{self._bucket.where} {self._fault}", remedy=Remedy.OPERATOR)
        return HealthCheck(ok=True, detail=f"{self._bucket.where} locks what it is given")

    def _look(self) -> None:
        try:
            self._fault, away = self._bucket.fault(), None
        except BucketAwayError as error:
            away = str(error)
            if self._away is None:
                log.warning("documents_away", error=away)
        self._away = away
