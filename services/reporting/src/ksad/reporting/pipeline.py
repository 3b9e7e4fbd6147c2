"""The stages of reporting, and which stage wakes which, from an event in the stream to all that follows from it.

::

    stream -> follower      admits a batch into the journal,        and wakes feeds
              feeds         append what concerns each province,     and wake all that follow, and readers
              projections   fold the new entries into rows,         and wake the readings that wait for a position
              publisher     brings the feeds into their own stream
              anchors       record the feeds' heads of a day,       and wake the relay, which leads back to the stream
              checkpoints   sign what grew, once in an interval
    request -> compilations compile the reports that were asked for, and wake the relay

A stage also looks for work by itself at short intervals, because the stage before it may run in another process.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.ledger.log.errors import TransparencyError
from ksad.reporting.feeds.appender import BATCH as FEED_BATCH
from ksad.reporting.projections.live import LIVE_BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ksad.chassis.waiting import Arrivals
    from ksad.reporting.checkpoints import Anchors, Checkpoints
    from ksad.reporting.feeds.appender import Feeds
    from ksad.reporting.feeds.growth import Growth
    from ksad.reporting.feeds.publisher import Publisher
    from ksad.reporting.projections.runner import Runner
    from ksad.reporting.reports.passes import CompilationWorker

    Stage = Callable[[asyncio.Event], Awaitable[None]]

POLL_SECONDS, IDLE_SECONDS = 0.2, 1.0
BACKOFF_SECONDS = 0.5
log = structlog.get_logger(__name__)


class Pipeline:
    """The stages after the journal; each runs until the service ends."""

    def __init__(
        self,
        feeds: Feeds,
        growth: Growth,
        runner: Runner,
        arrivals: Arrivals,
        publisher: Publisher,
        anchors: Anchors,
        checkpoints: Checkpoints,
        compiling: CompilationWorker,
    ) -> None:

        def project() -> int:
            runner.renew()
            return runner.step()

        projecting = Worker("projections", project, full=LIVE_BATCH, done=arrivals.wake)
        anchoring = Worker("anchors", anchors.step)
        signing = Worker("checkpoints", checkpoints.step)
        compilations = Worker("compilations", compiling.step)

        def feed() -> int:
            count = feeds.step()
            projecting.wake()  # Also after an empty batch: another process may have fed these entries first.
            growth.tell(feeds.grown)
            if count:
                publisher.wake()
                anchoring.wake()
                signing.wake()
            return count

        feeding = Worker("feeds", feed, full=FEED_BATCH)
        self.admitted = feeding.wake
        """Call it, from any thread, after entries were admitted to the journal."""
        self.ordered = compilations.wake
        """Call it, from any thread, after a compilation was asked for."""
        self.stages: dict[str, Stage] = {
            "feeds": feeding.run,
            "projections": projecting.run,
            "feeds-publisher": publisher.run,
            "anchors": anchoring.run,
            "checkpoints": signing.run,
            "compilations": compilations.run,
        }


class Worker:
    """Calls a step repeatedly in one thread: immediately after a full batch, otherwise when woken or after a while.

    That is 0.2 seconds after work, and twice as long after each step that found none, up to a second.
    """

    def __init__(
        self, name: str, step: Callable[[], int], full: int = 1, done: Callable[[], None] | None = None
    ) -> None:
        """:param step: does a batch of work; returns its size.
        :param full: the size from which on another batch is expected to be waiting.
        :param done: called in the thread after each step that did something.
        """
        self._name = name
        self._step = step
        self._full = full
        self._done = done
        self._woken = threading.Event()

    def wake(self) -> None:
        """Announces that there may be work."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Works until stopped. After an error of database, disk or key it waits half a second and tries again."""
        ended = threading.Event()
        task = asyncio.create_task(asyncio.to_thread(self._loop, ended))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ended.set()
        self._woken.set()
        stopping.cancel()
        await task

    def _loop(self, ended: threading.Event) -> None:
        idle = POLL_SECONDS
        while not ended.is_set():
            # Cleared before the step, so that work announced during the step is not lost.
            self._woken.clear()
            began = time.monotonic()
            try:
                count = self._step()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError, TransparencyError) as error:
                log.warning("worker_backs_off", worker=self._name, error=str(error)[:300])
                ended.wait(BACKOFF_SECONDS)
                continue
            if count:
                idle = POLL_SECONDS
                milliseconds = round((time.monotonic() - began) * 1000, 2)
                log.info("work_done", worker=self._name, count=count, milliseconds=milliseconds)
                if self._done is not None:
                    self._done()
            if count < self._full:
                self._woken.wait(idle)
                idle = min(IDLE_SECONDS, idle * 2)
