"""Signals that end a command that runs a platform: SIGINT, SIGTERM, SIGHUP, all handled alike."""

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
    """Makes all of them raise KeyboardInterrupt, even if the shell started this command with SIGINT ignored."""
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)


@contextmanager
def shielded() -> Iterator[None]:
    """Defers signals until the end of the block, in the main thread.

    The signals are recorded, not ignored: what is ignored here would be ignored in child processes as well.
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
