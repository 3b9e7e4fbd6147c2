"""Runs pieces of a long computation in a second process, a fork of this one."""

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
"""Bytes that the pipe of answers buffers, so that the fork need not wait; the limit for unprivileged users on Linux."""


def possible() -> bool:
    """Whether this process may be forked: it has a single thread, since a fork inherits locks but not their threads."""
    return threading.active_count() == 1 and not multiprocessing.current_process().daemon


class Copy(Generic[P, R]):
    """A fork of this process, to which pieces of work are given. ``given`` holds those not answered yet.

    A fork that has died or could not be started answers ``None``; the caller then does the work.
    """

    def __init__(self) -> None:
        self.given: deque[P] = deque()
        self._pipes: tuple[Connection, Connection] | None = None
        self._poll = select.poll()

    def start(self, asking: Connection, answering: Connection) -> None:
        """Connects to a started fork at the other ends of these pipes."""
        self._pipes = asking, answering
        self._poll.register(answering, select.POLLIN)

    @property
    def alive(self) -> bool:
        """Whether it was started and is not known to have died."""
        return self._pipes is not None

    def give(self, piece: P) -> None:
        """Gives it another piece of work."""
        self.given.append(piece)
        if self._pipes is not None:
            with suppress(OSError):  # it has died, which `answer` will notice
                self._pipes[0].send(piece)

    def answered(self) -> bool:
        """Whether `answer` returns without waiting."""
        return self._pipes is None or bool(self._poll.poll(0))

    def answer(self) -> R | None:
        """Waits for the result of the first piece given; ``None`` if the fork has died."""
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
    """A fork of this process that applies ``work`` to pieces; it ends with the block."""
    copy = Copy[P, R]()
    with ExitStack() as stack:
        with suppress(OSError):  # too many processes or open files: all is done here
            _start(copy, work, stack)
        yield copy


def _start(copy: Copy[P, R], work: Callable[[P], R], stack: ExitStack) -> None:
    # A fork has the open archive and all that was read so far, without copying or reading it again.
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
    # Only the fork holds these ends now, so that the pipes end when it does.
    asked.close()
    answered.close()
    copy.start(asking, answering)


def _serve(
    work: Callable[[P], R], asked: Connection, answered: Connection, other_ends: tuple[Connection, Connection]
) -> None:
    """The fork's loop. An error ends the fork; the caller repeats the piece and meets the same error itself."""
    for end in other_ends:
        end.close()
    with suppress(Exception, KeyboardInterrupt):
        while True:
            answered.send(work(asked.recv()))
