"""Locks that a child process holds for as long as it lives: by them it is known who is left of a killed `ksad up`.

The parent opens and locks a file, hands it to the child and closes it; then the child alone has it, and the system
takes it away when the child ends, however it ends. No clock and no process id is compared, so nothing can be mistaken.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 1.0
"""Whoever looks whether a lock is held has it himself for a moment."""


class HeldError(OSError):
    """Another process holds the lock."""


@contextmanager
def hold(path: Path) -> Iterator[int]:
    """An open file with an exclusive lock, to be handed to a child within the block.

    :raises HeldError: a process that lives has it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _locked(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise HeldError(f"{path} is held by a process of an earlier `ksad up`")
            time.sleep(0.02)
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process that lives holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def holder(path: Path) -> psutil.Process | None:
    """The process that holds the lock; None where nobody does, or where this user may not see who."""
    if is_held(path):
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if any(path.samefile(one.path) for one in process.open_files() if one.path.endswith(path.name)):
                    return process
    return None


def _locked(descriptor: int, how: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        return True
    return False
