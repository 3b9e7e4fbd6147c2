"""A second process that does pieces of a long work beside this one."""

from __future__ import annotations

import fcntl
import multiprocessing
import select
import threading
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

P = TypeVar("P")
R = TypeVar("R")
ANSWER_SIZE = 1 << 20
"""Bytes that may wait to be taken, so that the copy may go on: as many as Linux lets everybody have."""


def possible() -> bool:
    """Whether this process may be copied: a copy takes along the locks of other threads, but not the threads."""
    return threading.active_count() == 1


class Copy(Generic[P, R]):
    """A copy of this process, which does what it is given piece by piece. ``given`` has what it has not answered."""

    def __init__(self, asking: Connection, answering: Connection) -> None:
        self.alive = True
        self.given: deque[P] = deque()
        self._asking = asking
        self._answering = answering
        self._poll = select.poll()
        self._poll.register(answering, select.POLLIN)

    def fileno(self) -> int:
        """What its answers come through."""
        return self._answering.fileno()

    def give(self, piece: P) -> None:
        """Have it do one more piece."""
        self.given.append(piece)
        with suppress(OSError):  # it has died, as its answer will tell
            self._asking.send(piece)

    def answered(self) -> bool:
        """Whether `answer` has not to wait."""
        return bool(self._poll.poll(0))

    def answer(self) -> R | None:
        """The result of the first piece given; None if the copy has died before it was done."""
        try:
            result: R = self._answering.recv()
        except (EOFError, OSError):
            self.alive = False
            return None
        self.given.popleft()
        return result


@contextmanager
def beside(work: Callable[[P], R]) -> Iterator[Copy[P, R]]:
    """A copy of this process for pieces of some work; it ends with the block."""
    context = multiprocessing.get_context("fork")
    asked, asking = context.Pipe(duplex=False)
    answering, answered = context.Pipe(duplex=False)
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # a smaller one works, too, but has the copy wait until its answer is taken
            fcntl.fcntl(answered, fcntl.F_SETPIPE_SZ, ANSWER_SIZE)
    process = context.Process(target=_serve, args=(work, asked, answered, (asking, answering)), daemon=True)
    process.start()
    asked.close()
    answered.close()
    try:
        yield Copy(asking, answering)
    finally:
        asking.close()
        answering.close()
        process.terminate()
        process.join()


def _serve(
    work: Callable[[P], R], asked: Connection, answered: Connection, other_ends: tuple[Connection, Connection]
) -> None:
    """Answer one piece after the other. What cannot be done ends the copy: who waits for it meets the cause himself."""
    for end in other_ends:
        end.close()
    with suppress(Exception):
        while True:
            answered.send(work(asked.recv()))
