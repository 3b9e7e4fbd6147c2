"""Who wakes whom in reporting, from an event in the stream to everything that follows from it.

::

    stream -> follower      admits a batch into the journal,        and wakes feeds
              feeds         append what concerns each province,     and wake projections, readers, publisher, anchors
              projections   fold the new entries into rows,         and wake the readings that wait for a position
              publisher     brings the feeds into their own stream
              anchors       record the feeds' heads of a day,       and wake the relay, which leads back to the stream
              checkpoints   sign what grew, once in an interval

A stage that is not woken looks by itself after a moment, for another process may have done what comes before it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.reporting.feeds.appender import BATCH as FEED_BATCH
from ksad.reporting.projections.runner import LIVE_BATCH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ksad.chassis.waiting import Arrivals
    from ksad.reporting.checkpoints import Anchors, Checkpoints
    from ksad.reporting.feeds.appender import Feeds
    from ksad.reporting.feeds.growth import Growth
    from ksad.reporting.feeds.publisher import Publisher
    from ksad.reporting.projections.runner import Runner

    Stage = Callable[[asyncio.Event], Awaitable[None]]

POLL_SECONDS = 0.2
BACKOFF_SECONDS = 0.5
log = structlog.get_logger(__name__)


class Pipeline:
    """The stages behind the journal, each of which runs until the service ends."""

    def __init__(
        self,
        feeds: Feeds,
        growth: Growth,
        runner: Runner,
        arrivals: Arrivals,
        publisher: Publisher,
        anchors: Anchors,
        checkpoints: Checkpoints,
    ) -> None:
        projecting = Worker("projections", runner.step, full=LIVE_BATCH, done=arrivals.wake)
        anchoring = Worker("anchors", anchors.step)
        signing = Worker("checkpoints", checkpoints.step)

        def feed() -> int:
            count = feeds.step()
            projecting.wake()  # Whatever came of it: where another process was faster, there is something to fold too.
            growth.tell(feeds.grown)
            if count:
                publisher.wake()
                anchoring.wake()
            return count

        feeding = Worker("feeds", feed, full=FEED_BATCH)
        self.admitted = feeding.wake
        """To be called when entries were admitted to the journal; from any thread."""
        self.stages: dict[str, Stage] = {
            "feeds": feeding.run,
            "projections": projecting.run,
            "feeds-publisher": publisher.run,
            "anchors": anchoring.run,
            "checkpoints": signing.run,
        }


class Worker:
    """Calls a step again and again in one thread: at once after a full batch, else when woken, or by a poll."""

    def __init__(
        self, name: str, step: Callable[[], int], full: int = 1, done: Callable[[], None] | None = None
    ) -> None:
        """:param done: called in the thread after each step that did something."""
        self._name = name
        self._step = step
        self._full = full
        self._done = done
        self._woken = threading.Event()

    def wake(self) -> None:
        """There may be work."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stopped. A fault of the database backs off and is tried again."""
        ended = threading.Event()
        task = asyncio.create_task(asyncio.to_thread(self._loop, ended))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ended.set()
        self._woken.set()
        stopping.cancel()
        await task

    def _loop(self, ended: threading.Event) -> None:
        while not ended.is_set():
            self._woken.clear()
            began = time.monotonic()
            try:
                count = self._step()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                log.warning("worker_backs_off", worker=self._name, error=str(error)[:300])
                ended.wait(BACKOFF_SECONDS)
                continue
            if count:
                milliseconds = round((time.monotonic() - began) * 1000, 2)
                log.info("work_done", worker=self._name, count=count, milliseconds=milliseconds)
                if self._done is not None:
                    self._done()
            if count < self._full:
                self._woken.wait(POLL_SECONDS)
