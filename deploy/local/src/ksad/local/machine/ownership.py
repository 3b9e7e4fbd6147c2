"""Ownership of a data folder: a lock held by one ``ksad up`` or ``ksad demo``, released even if it is killed."""

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
"""Longer than all processes together need to end."""


def take(folder: Folder) -> TextIO:
    """Takes ownership of a folder for as long as the returned file is open.

    :raises NoPlatformError: another process owns it; the message names the process.
    """
    # Opened without truncating it: the file has the process id of the owner, if there is one.
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
    """The id of the process that owns a folder; ``None`` if there is none."""
    if not folder.lock.exists():
        return None
    with folder.lock.open() as file:
        try:
            # A shared lock is refused exactly while the owner holds the exclusive one.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return int(file.read().strip() or 0)
    return None


def end(folder: Folder, seconds: float = END_SECONDS) -> int:
    """Asks the owner to stop its platform, and waits until it has; returns its process id.

    :raises NoPlatformError: no process owns the folder, or it does not end in time.
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
