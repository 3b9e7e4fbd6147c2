"""How pages that are open learn that they would look otherwise now.

What is compared is the page itself, as its officer would be shown it: a change that the officer may not see changes
nothing there, and is not told. The log's signed head, which anybody may read, says when comparing is worth the while.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIVE = frozenset(
    {
        "/meja-saya",
        "/register",
        "/kerja-sama/{kunci}",
        "/tugas",
        "/tugas/{tugas}",
        "/laporan",
        "/laporan/{laporan}",
        "/dasbor",
    }
)
"""The routes of pages that follow what happens."""
LOOK_SECONDS = 2.0
"""How often the head of the log is asked for, by all lines together."""
LINES_MAX, LINES_OF_OFFICE_MAX = 200, 20
REST = 3
"""How many times as long as a comparison took none follows it."""
REST_SECONDS_MAX = 5.0
"""Also after one that took long, since a service did not answer."""


class Pulse:
    """Counts how often the log was seen to have grown; asks for its head only while somebody wants to know."""

    def __init__(self, look: Callable[[], str]) -> None:
        """:param look: gives the head; it may block, and refuses by a Problem."""
        self._look = look
        self._lock = Lock()
        self._asked = 0.0
        self._head: str | None = None
        self.beats = 0

    @property
    def stale(self) -> bool:
        """Whether nobody has asked for a while."""
        return time.monotonic() - self._asked >= LOOK_SECONDS

    def look(self) -> int:
        """The number of beats; asks for the head if nobody has for a while."""
        with self._lock:
            if self.stale:
                try:
                    head = self._look()
                except Problem:
                    head = self._head or ""
                self._asked = time.monotonic()
                self.beats += head != self._head
                self._head = head
            return self.beats


class ComparingTurn:
    """Lets lines compare one page at a time, and then none for a while, so that they take a quarter of the time.

    What is asked for by people goes on meanwhile, however often the log grows and however many pages are open.
    """

    def __init__(self) -> None:
        self._free_from = 0.0

    @property
    def free(self) -> bool:
        """Whether a line may compare its page now."""
        return time.monotonic() >= self._free_from

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The turn of one line, until the block ends. Lines share one thread, so none comes between."""
        began, self._free_from = time.monotonic(), math.inf
        try:
            yield
        finally:
            now = time.monotonic()
            self._free_from = now + min(REST * (now - began), REST_SECONDS_MAX)


class OpenLines:
    """The open lines of a process: a browser keeps one while a page that follows what happens is in sight."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: dict[str, int] = {}

    @contextmanager
    def one(self, office: str) -> Iterator[None]:
        """A line of an office, until the block ends.

        :raises Problem: 503, too many are open; browsers then ask from time to time.
        """
        with self._lock:
            own = self._open.get(office, 0)
            if own >= LINES_OF_OFFICE_MAX or sum(self._open.values()) >= LINES_MAX:
                detail = "Terlalu banyak halaman yang mengikuti perubahan. Halaman ini bertanya berkala saja."
                raise Problem(RefusalKind.UNAVAILABLE, "lines-few", detail, headers={"Retry-After": "60"})
            self._open[office] = own + 1
        try:
            yield
        finally:
            with self._lock:
                self._open[office] -= 1
                if not self._open[office]:
                    del self._open[office]
