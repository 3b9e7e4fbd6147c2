"""Brings stores back: what only the journal has before the services start, and a whole platform from an archive."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.places import SQLITE
from ksad.local.machine.calling import ask, bring_back

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder


class RestoredPlatform(NamedTuple):
    """What stands in the new folder, and the origin that its log goes on under."""

    entries: int
    events: dict[str, int]
    documents: int
    origin: str


def refill_stores(folder: Folder) -> dict[str, int]:
    """Append to the stores what the journal has of them and they lack, byte for byte; how many events each lacked.

    A service compares its store with the stream by itself. Where the stream is lost as well, an old store knows nothing
    of what it decided since: the next command would take the place of a fact that journal, feeds and archives have.

    :raises VerbFailedError: a store and the journal hold different events in one place.
    """
    url = folder.database_url("reporting")
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return {}
    lacking = ask(folder, "reporting", "reconcile", "--newest")["lacking"]
    if lacking:
        ask(folder, "reporting", "migrate")
    return {service: bring_back(folder, service, "refill", "--of", service) for service in lacking}


def restore_platform(file: Path, folder: Folder, keys: Path | None) -> RestoredPlatform:
    """Fill an empty data folder from an archive; start the platform on it afterwards.

    :param keys: the old folder of keys; without it the log goes on under a new origin, which names the old head.
    :raises FileExistsError: the folder is not empty.
    :raises VerbFailedError: the file is no archive, or not a whole one.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise FileExistsError(f"{folder.root} is not empty: name a new folder")
    try:
        folder.make()
        words = () if keys is None else ("--keys", str(keys))
        done = ask(folder, "reporting", "restore", "--from", str(file), *words)
        events = {
            "registry": bring_back(folder, "registry", "restore", "--of", "registry"),
            "supervision": bring_back(folder, "supervision", "restore"),
            "reporting": done["events"],
        }
    except BaseException:
        # Half a platform must not be started, nor be in the way of the next attempt.
        shutil.rmtree(folder.root, ignore_errors=True)
        raise
    return RestoredPlatform(done["entries"], events, done["documents"], done["origin"])
