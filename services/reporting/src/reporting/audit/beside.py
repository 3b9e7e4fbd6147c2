"""A second process for half of a long work."""

from __future__ import annotations

import multiprocessing
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

T = TypeVar("T")


def possible() -> bool:
    """Whether this process may be copied: a copy takes along the locks of other threads, but not the threads."""
    return threading.active_count() == 1


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T | None]]:
    """Do some work in a copy of this process; gives what waits for its result, which is None if the copy has died."""
    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    copy = context.Process(target=_send, args=(work, sending), daemon=True)
    copy.start()
    sending.close()
    try:
        yield partial(_received, receiving)
    finally:
        receiving.close()
        copy.terminate()
        copy.join()


def _send(work: Callable[[], object], sending: Connection) -> None:
    with sending:
        sending.send(work())


def _received(receiving: Connection) -> Any:  # noqa: ANN401 - whatever the work gives
    try:
        return receiving.recv()
    except (EOFError, OSError):
        return None
