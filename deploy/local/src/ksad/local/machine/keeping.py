"""Restores stores from the journal before services start, and a whole platform from an archive."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis import durable
from ksad.chassis.places import SERVICES, SQLITE
from ksad.local.machine.calling import ask, bring_back
from ksad.local.machine.stores import recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.local.machine.folder import Folder


class RestoredPlatform(NamedTuple):
    """The result of a restore: journal entries, events per store, documents, and the log's origin."""

    entries: int
    events: dict[str, int]
    documents: int
    origin: str


def refill_stores(folder: Folder) -> dict[str, int]:
    """Appends to the stores those of their events in the journal that they lack; returns their numbers by service.

    A running service compares its store with the stream. If the stream is lost as well, an old store does not contain
    its newer events: the next command would take the place of an event that journal, feeds and archives have.

    :raises VerbFailedError: a store and the journal have different events at the same place.
    """
    if is_untouched(folder):
        return {}
    url = folder.database_url("reporting")
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return {}
    lacking = ask(folder, "reporting", "reconcile", "--newest")["lacking"]
    if lacking:
        ask(folder, "reporting", "migrate")
    return {service: bring_back(folder, service, "refill", "--of", service) for service in lacking}


class RestoreSources(NamedTuple):
    """The archive to restore, and from outside it: public keys, the folder of old keys, kept checkpoints."""

    archive: Path
    key: Path | None = None
    keys: Path | None = None
    since: Sequence[Path] = ()

    def words(self) -> list[str]:
        """The arguments of reporting's verb."""
        words = ["--from", str(self.archive)]
        words += [] if self.key is None else ["--key", str(self.key)]
        words += [] if self.keys is None else ["--keys", str(self.keys)]
        return words + [word for path in self.since for word in ("--since", str(path))]


def note_untouched(folder: Folder) -> None:
    """Records how the files of the stores are when the platform has ended in good order.

    A store can lack what the journal has only if somebody has replaced it since, which this record tells.
    """
    found = _files(folder)
    if found is not None:
        durable.replace(folder.ended, json.dumps(found).encode(), durable.PRIVATE)


def is_untouched(folder: Folder) -> bool:
    """Whether the stores are as the last platform has left them; forgets the record, which holds for one start."""
    try:
        noted = json.loads(folder.ended.read_text())
    except (FileNotFoundError, ValueError):
        return False
    finally:
        folder.ended.unlink(missing_ok=True)
    return bool(noted == _files(folder))


def _files(folder: Folder) -> dict[str, list[int]] | None:
    """Inode, size and time of change of each file of the stores; None if one is no file of this machine."""
    if any(known.kind != "sqlite" for known in recorded(folder.root).values()):
        return None
    urls = [folder.database_url(service) for service in SERVICES]
    if not all(url.startswith(SQLITE) for url in urls):
        return None
    found = {}
    for path in [Path(url.removeprefix(SQLITE) + end) for url in urls for end in ("", "-wal")]:
        if path.exists():
            said = path.stat()
            found[str(path)] = [said.st_ino, said.st_size, said.st_mtime_ns]
    return found


def restore_platform(sources: RestoreSources, folder: Folder) -> RestoredPlatform:
    """Verifies an archive and fills an empty data folder from it. The platform can then be started on it.

    :raises FileExistsError: the folder is not empty.
    :raises VerbFailedError: the archive does not verify, is not of these keys, or a database is not empty.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise FileExistsError(f"{folder.root} is not empty: name a new folder")
    try:
        folder.make()
        done = ask(folder, "reporting", "restore", *sources.words())
        folder.named(done["platform"])
        events = {
            "registry": bring_back(folder, "registry", "restore", "--of", "registry"),
            "supervision": bring_back(folder, "supervision", "restore"),
            "reporting": done["events"],
        }
        folder.recognise_stores()
    except BaseException:
        # A partial platform must not be started, nor prevent the next attempt.
        shutil.rmtree(folder.root, ignore_errors=True)
        raise
    return RestoredPlatform(done["entries"], events, done["documents"], done["origin"])
