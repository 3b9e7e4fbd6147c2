"""Who owns a data folder: one ``ksad up`` or ``ksad demo`` at a time, known by a lock that a killed one cannot keep."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from ksad.local.machine.folder import NoPlatformError

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

END_SECONDS = 60.0
"""Longer than all processes together may take to end."""


def take(folder: Folder) -> TextIO:
    """Become the owner of a folder for as long as the returned file stays open.

    :raises NoPlatformError: another process owns it; the message names it.
    """
    file = folder.lock.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise NoPlatformError(
            f"a platform already runs on {folder.root} (process {owner(folder)}): "
            f"use it, or end it with `ksad down --data-dir {folder.root}`"
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def owner(folder: Folder) -> int | None:
    """The process that owns a folder now, or None."""
    if not folder.lock.exists():
        return None
    with folder.lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(file.read().strip() or 0)
    return None


def end(folder: Folder, seconds: float = END_SECONDS) -> int:
    """Ask the owner to end its platform and wait until it has; its process id.

    :raises NoPlatformError: nobody owns the folder, or the owner does not end in time.
    """
    found = owner(folder)
    if found is None:
        raise NoPlatformError(f"no platform runs on {folder.root}: there is nothing to end")
    with suppress(ProcessLookupError):
        os.kill(found, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while owner(folder) == found:
        if time.monotonic() > deadline:
            raise NoPlatformError(f"process {found} did not end within {seconds:.0f} s; see {folder.logs}")
        time.sleep(0.05)
    return found
