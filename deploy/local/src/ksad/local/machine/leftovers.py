"""What a killed `ksad up` left running on a data folder, and its end."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from ksad.local.machine.child import STOP_SECONDS
from ksad.local.machine.folder import BROKER, NoPlatformError
from ksad.local.machine.locks import holder, is_held

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

PENDING = re.compile(r"\..+\.[0-9a-f]{8}")
"""The name of a file that is being written, as `ksad.chassis.durable` and the tiles' folder make it."""


def living(folder: Folder) -> dict[str, psutil.Process]:
    """The processes of a platform that live, by name; each is known by the lock that it holds."""
    found = {path.stem: holder(path) for path in sorted(folder.locks.glob("*.lock"))}
    return {name: process for name, process in found.items() if process is not None}


def end_leftovers(folder: Folder) -> None:
    """Stops what a killed `ksad up` left running on this folder. The caller must own the folder.

    :raises NoPlatformError: something of it cannot be ended. A second platform on one store would harm both.
    """
    found = living(folder)
    broker = [process for name, process in found.items() if name == BROKER]
    services = [process for name, process in found.items() if name != BROKER]
    for left in (services, broker):  # A service that has lost its broker takes longer to end.
        _end(left)
    for path in sorted(folder.locks.glob("*.lock")):
        if is_held(path):
            process = holder(path)
            who = "whose number this user may not see" if process is None else f"number {process.pid}"
            raise NoPlatformError(
                f"{path.stem} of an earlier `ksad up` still runs on {folder.root}, a process {who}, and cannot be "
                "ended: end it as the user who started it, then start again"
            )
    folder.processes.unlink(missing_ok=True)
    folder.endpoints.unlink(missing_ok=True)


def sweep(folder: Folder) -> int:
    """Deletes files that a killed process was writing and never put in their place; returns their number.

    The caller must own the folder, and no process may run on it.
    """
    found = [path for path in folder.root.rglob(".*") if PENDING.fullmatch(path.name) and path.is_file()]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _end(left: list[psutil.Process]) -> None:
    """Asks processes to end, and kills those that do not."""
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with suppress(psutil.Error):
                end(process)
        deadline = time.monotonic() + STOP_SECONDS
        while left and time.monotonic() < deadline:
            left = [process for process in left if _lives(process)]
            time.sleep(0.02)


def _lives(process: psutil.Process) -> bool:
    """Whether a process is running; a zombie is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
