"""A second process that does pieces of a long work beside this one."""

from __future__ import annotations

import fcntl
import multiprocessing
import select
import threading
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
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
    return threading.active_count() == 1 and not multiprocessing.current_process().daemon


class Copy(Generic[P, R]):
    """A copy of this process, which does what it is given piece by piece. ``given`` has what it has not answered.

    One that has died, or could not be made, answers None.
    """

    def __init__(self) -> None:
        self.given: deque[P] = deque()
        self._pipes: tuple[Connection, Connection] | None = None
        self._poll = select.poll()

    def start(self, asking: Connection, answering: Connection) -> None:
        """From now on there is one, at the other ends of these."""
        self._pipes = asking, answering
        self._poll.register(answering, select.POLLIN)

    @property
    def alive(self) -> bool:
        """Whether it has not died, as far as is known."""
        return self._pipes is not None

    def give(self, piece: P) -> None:
        """Have it do one more piece."""
        self.given.append(piece)
        if self._pipes is not None:
            with suppress(OSError):  # it has died, as its answer will tell
                self._pipes[0].send(piece)

    def answered(self) -> bool:
        """Whether `answer` has not to wait."""
        return self._pipes is None or bool(self._poll.poll(0))

    def answer(self) -> R | None:
        """The result of the first piece given; None if the copy has died before it was done."""
        if self._pipes is None:
            return None
        try:
            result: R = self._pipes[1].recv()
        except (EOFError, OSError):
            self._pipes = None
            return None
        self.given.popleft()
        return result


@contextmanager
def beside(work: Callable[[P], R]) -> Iterator[Copy[P, R]]:
    """A copy of this process for pieces of some work; it ends with the block."""
    copy = Copy[P, R]()
    with ExitStack() as stack:
        with suppress(OSError):  # too many processes or open files: all is done here
            _start(copy, work, stack)
        yield copy


def _start(copy: Copy[P, R], work: Callable[[P], R], stack: ExitStack) -> None:
    context = multiprocessing.get_context("fork")
    asked, asking = map(stack.enter_context, context.Pipe(duplex=False))
    answering, answered = map(stack.enter_context, context.Pipe(duplex=False))
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # a smaller one works, too, but has the copy wait until its answer is taken
            fcntl.fcntl(answered, fcntl.F_SETPIPE_SZ, ANSWER_SIZE)
    process = context.Process(target=_serve, args=(work, asked, answered, (asking, answering)), daemon=True)
    process.start()
    stack.callback(process.join)
    stack.callback(process.terminate)
    asked.close()
    answered.close()
    copy.start(asking, answering)


def _serve(
    work: Callable[[P], R], asked: Connection, answered: Connection, other_ends: tuple[Connection, Connection]
) -> None:
    """Answer one piece after the other. What cannot be done ends the copy: who waits for it meets the cause himself."""
    for end in other_ends:
        end.close()
    with suppress(Exception, KeyboardInterrupt):
        while True:
            answered.send(work(asked.recv()))
