"""Backups of a data folder: a consistent copy, made while the platform runs, that is known to be complete.

A backup grows in ``NAME.pending``, which holds a mark from its first moment on, and gets its name when everything in it
is on the disk. Its manifest ``backup.json`` is written last and has the size and the SHA-256 of every file. Whatever
takes a backup up asks for the manifest: what a killed command left behind is refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis import durable
from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import PORTAL
from ksad.local.machine.snapshots import at_one_instant, copy_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ksad.local.machine.folder import Folder

SESSIONS = ("sessions", "logins")
"""The tables of the portal that no backup has: what offices keep there is kept, nobody stays signed in."""
BEFORE = ("platform", "stores.json", "clock", "keys", "log", "feeds")
"""Copied before the databases: a signature newer than the copied journal would look like a fork."""
AFTER = ("documents",)
"""Copied after the databases, whose events refer to it."""
MANIFEST = "backup.json"
UNFINISHED = "backup.unfinished"
FORMAT = "ksad-backup/1"
WORKING = {"lock", "locks", "logs", "nats"}
"""What a refused start on a backup leaves in it."""
SHOWN = 3
BLOCK = 1 << 20


class BackupError(Exception):
    """A backup cannot be made, or is not complete; the message says why."""


class FileRecord(NamedTuple):
    """The size of a file in bytes, and its SHA-256 (hex)."""

    size: int
    sha256: str


def backup(folder: Folder, out: Path, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Copies a data folder to a new folder; returns the size of each part in bytes.

    The databases are copied as of one instant, so that none contains an effect whose cause is missing in another.

    :param progress: called with the numbers of parts copied and in total.
    :raises BackupError: a database is on PostgreSQL, which has its own backups, ``out`` is not empty, or another backup
        is being written to it.
    """
    urls = {service: folder.database_url(service) for service in SERVICES}
    foreign = [service for service, url in urls.items() if not url.startswith("sqlite:///")]
    if foreign:
        raise BackupError(
            f"{', '.join(foreign)} on PostgreSQL: copy the cluster with pg_basebackup, or take an archive with "
            "`ksad audit export`, which `ksad restore` brings back on either database (docs/operating.md)"
        )
    if out.exists() and any(out.iterdir()):
        raise BackupError(f"{out} is not empty: name a new folder")
    databases = {service: url.removeprefix("sqlite:///") for service, url in urls.items()}
    portal = folder.root / f"{PORTAL}.sqlite"
    with ExitStack() as held:
        pending = held.enter_context(closing(_Pending(out)))
        copied = _copy_all(
            folder, pending.root, databases | ({PORTAL: str(portal)} if portal.exists() else {}), progress
        )
        pending.complete(folder)
    return copied


class _Pending:
    """The folder in which a backup grows. It is removed on ``close`` unless it was completed before."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.root = out.with_name(f"{out.name}.pending")
        mark = self.root / UNFINISHED
        if self.root.exists() and not mark.exists():
            raise BackupError(f"{self.root} is in the way: it is not the beginning of a backup")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._mark = mark.open("a")
        try:
            fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._mark.close()
            raise BackupError(f"another backup is being written to {self.root}") from error
        for path in self.root.iterdir():  # The beginning that a killed command left behind.
            if path != mark:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        durable.sync(self.root)

    def complete(self, folder: Folder) -> None:
        """Writes the manifest, waits until all is on the disk, and gives the folder its name."""
        names = sorted(str(path.relative_to(self.root)) for path in files(self.root) if path.name != UNFINISHED)
        manifest = {
            "format": FORMAT,
            "platform": folder.made().named(""),
            "release": version("ksad-local"),
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": {name: record_of(self.root / name)._asdict() for name in names},
        }
        for path in (*(self.root / name for name in names), *folders(self.root)):
            durable.sync(path)
        durable.replace(self.root / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode(), durable.PRIVATE)
        (self.root / UNFINISHED).unlink()
        durable.sync(self.root)
        self.root.replace(self._out)
        durable.sync(self._out.parent)

    def close(self) -> None:
        """Removes what was not completed."""
        if (self.root / UNFINISHED).exists():
            shutil.rmtree(self.root, ignore_errors=True)
        self._mark.close()


def _copy_all(
    folder: Folder, out: Path, databases: Mapping[str, str], progress: Callable[[int, int], None] | None
) -> dict[str, int]:
    copied: dict[str, int] = {}
    total = len((*BEFORE, *databases, *AFTER))

    def note(part: str, size: int) -> None:
        copied[part] = size
        if progress is not None:
            progress(len(copied), total)

    for part in BEFORE:
        note(part, _copy(folder.root / part, out / part))
    with ExitStack() as held:
        for service, snapshot in zip(databases, at_one_instant(held, databases.values()), strict=True):
            target = out / f"{service}.sqlite"
            copy_database(snapshot, target, forgetting=SESSIONS if service == PORTAL else ())
            note(target.name, target.stat().st_size)
    for part in AFTER:
        note(part, _copy(folder.root / part, out / part))
    return {part: size for part, size in copied.items() if (out / part).exists()}


def _copy(source: Path, target: Path) -> int:
    """Copies a file or folder, if it exists; returns the number of bytes.

    What is replaced or removed meanwhile has a newer one in its place, or can be made again; files that are still being
    written have names that begin with a dot.
    """
    if not source.is_dir():
        return _copy_file(source, target)
    size = 0
    for path in folders(source):  # Empty ones, too: a page may say to copy from one.
        (target / path.relative_to(source)).mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in files(source):
        if not path.name.startswith(".") and path.suffix != ".pending":
            size += _copy_file(path, target / path.relative_to(source))
    return size


def _copy_file(source: Path, target: Path) -> int:
    with suppress(FileNotFoundError):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(source, target)
        return target.stat().st_size
    return 0


def faults(root: Path) -> list[str]:
    """What is wrong with a backup: files that are missing, changed or foreign, and databases that are not sound.

    :raises BackupError: it has no manifest: it was not finished, or is no backup.
    """
    known = read_manifest(root)
    found = {str(path.relative_to(root)) for path in files(root)} - {MANIFEST}
    found = {name for name in found if name.partition("/")[0] not in WORKING}
    wrong = [f"{name} is missing" for name in sorted(known.keys() - found)]
    wrong += [f"{name} is not of this backup" for name in sorted(found - known.keys())]
    wrong += [f"{name} was changed" for name in sorted(known.keys() & found) if record_of(root / name) != known[name]]
    copied = [one for one in (*SERVICES, PORTAL) if one in SERVICES or f"{one}.sqlite" in known]
    return wrong or [f"{service}.sqlite: {fault}" for service in copied for fault in _unsound(root, service)]


def _unsound(root: Path, service: str) -> Iterator[str]:
    file = root / f"{service}.sqlite"
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        yield str(found)


def read_manifest(root: Path) -> dict[str, FileRecord]:
    """The files of a backup by name.

    :raises BackupError: it has no manifest that can be read.
    """
    if (root / UNFINISHED).exists() or not (root / MANIFEST).exists():
        raise BackupError(f"{root} is no finished backup: take another one with `ksad backup`")
    try:
        stored: dict[str, Any] = json.loads((root / MANIFEST).read_bytes())
        if stored["format"] != FORMAT:
            raise BackupError(f"{root / MANIFEST} is {stored['format']}, and this release reads {FORMAT}")
        return {name: FileRecord(one["size"], one["sha256"]) for name, one in stored["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"{root / MANIFEST} cannot be read: take another backup") from error


def made_at(root: Path) -> datetime:
    """When a backup was made.

    :raises BackupError: it has no manifest that can be read.
    """
    read_manifest(root)
    return datetime.fromisoformat(json.loads((root / MANIFEST).read_bytes())["made_at"])


def take_up(root: Path) -> None:
    """Makes a complete backup a data folder like any other; a folder that is no backup is left alone.

    :raises BackupError: it was not finished, or is not as it was written.
    """
    if (root / UNFINISHED).exists():
        raise BackupError(f"{root} is a backup that was not finished: start on another one")
    if not (root / MANIFEST).exists():
        return
    known = read_manifest(root)
    wrong = [name for name, one in known.items() if not (root / name).is_file() or record_of(root / name) != one]
    if wrong:
        raise BackupError(
            f"{root} is not the backup that was written: {', '.join(wrong[:SHOWN])}; start on another one"
        )
    (root / MANIFEST).unlink()
    durable.sync(root)


def restore_backup(source: Path, target: Path) -> int:
    """Copies a complete backup to a new data folder, on which the platform can be started; the number of files.

    :raises BackupError: the backup is not complete, or the folder is not empty.
    """
    wrong = faults(source)
    if wrong:
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise BackupError(f"{source} is not the backup that was written: {'; '.join(wrong[:SHOWN])}{more}")
    if target.exists() and any(target.iterdir()):
        raise BackupError(f"{target} is not empty: name a new folder")
    with closing(_Pending(target)) as pending:
        names = read_manifest(source)
        for name in names:
            _copy_file(source / name, pending.root / name)
        for path in (*files(pending.root), *folders(pending.root)):
            durable.sync(path)
        (pending.root / UNFINISHED).unlink()
        pending.root.replace(target)
        durable.sync(target.parent)
    return len(names)


def record_of(path: Path) -> FileRecord:
    """The size and the hash of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileRecord(path.stat().st_size, digest)


def files(root: Path) -> Iterator[Path]:
    """All files below a folder; what disappears meanwhile is left out."""
    for folder, _, names in os.walk(root):
        yield from (Path(folder) / name for name in names)


def folders(root: Path) -> Iterator[Path]:
    """A folder and all below it, the innermost first."""
    for folder, _, _ in os.walk(root, topdown=False):
        yield Path(folder)
