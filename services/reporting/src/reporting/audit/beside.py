"""A second process that does pieces of a long work beside this one."""

from __future__ import annotations

import multiprocessing
import select
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

P = TypeVar("P")
R = TypeVar("R")


def possible() -> bool:
    """Whether this process may be copied: a copy takes along the locks of other threads, but not the threads."""
    return threading.active_count() == 1


class Copy(Generic[P, R]):
    """A copy of this process, which does one piece of work at a time. ``piece`` is the one that it has not answered."""

    def __init__(self, connection: Connection) -> None:
        self.alive = True
        self.piece: P | None = None
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(self, select.POLLIN)

    def fileno(self) -> int:
        """What its answers come through."""
        return self._connection.fileno()

    def give(self, piece: P) -> None:
        """Have it do the next piece."""
        self.piece = piece
        try:
            self._connection.send(piece)
        except OSError:
            self.alive = False

    def answered(self) -> bool:
        """Whether `answer` has not to wait."""
        return bool(self._poll.poll(0))

    def answer(self) -> R | None:
        """The result of the piece; None if the copy has died before it was done."""
        self.piece = None
        try:
            result: R = self._connection.recv()
        except (EOFError, OSError):
            self.alive = False
            return None
        return result


@contextmanager
def beside(work: Callable[[P], R]) -> Iterator[Copy[P, R]]:
    """A copy of this process for pieces of some work; it ends with the block."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(work, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Copy(ours)
    finally:
        ours.close()
        process.terminate()
        process.join()


def _serve(work: Callable[[P], R], connection: Connection, other_end: Connection) -> None:
    """Answer one piece after the other. What cannot be done ends the copy: who waits for it meets the cause himself."""
    other_end.close()
    with suppress(Exception):
        while True:
            connection.send(work(connection.recv()))
