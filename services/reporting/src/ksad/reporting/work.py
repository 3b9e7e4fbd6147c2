"""Reporting's own work beside its follower: projections and feeds kept at the journal's head, each in a thread."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

POLL_SECONDS = 0.2
BACKOFF_SECONDS = 0.5
log = structlog.get_logger(__name__)


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
