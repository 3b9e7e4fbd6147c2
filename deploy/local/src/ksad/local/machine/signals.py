"""How a command that runs a platform is ended: Ctrl-C, ``kill``, or a terminal that closes, all in good order."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals() -> None:
    """Have all of them raise KeyboardInterrupt, also where the shell has started this command with SIGINT ignored."""
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def shielded() -> Iterator[None]:
    """Let a step of the main thread finish; a signal that came meanwhile is delivered afterwards.

    The handlers record instead of ignoring: what is ignored here would stay ignored in a child process.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def record(number: int, _: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, record) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
