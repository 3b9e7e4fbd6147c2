"""Backups of a data folder: everything at one instant, copied while the platform runs."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from ksad.chassis.places import SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ksad.local.machine.folder import Folder

LOCK_SECONDS = 30.0
BEFORE = ("platform", "clock", "keys", "log", "feeds")
"""What was signed must not be newer than the journal that is copied: it would be taken for a fork."""
AFTER = ("documents",)
"""What the facts in the copied databases refer to."""


def backup(folder: Folder, out: Path, progress: Callable[[int, int], None] | None = None) -> dict[str, int]:
    """Copy into a new folder; the size of each part in bytes.

    The three databases are copied as they were at one instant: none of them then knows an effect whose cause another
    one has lost.

    :raises ValueError: a service is on PostgreSQL, whose backups are its own, or ``out`` is not empty.
    """
    urls = {service: folder.database_url(service) for service in SERVICES}
    foreign = [service for service, url in urls.items() if not url.startswith("sqlite:///")]
    if foreign:
        raise ValueError(
            f"{', '.join(foreign)} on PostgreSQL: copy the cluster with pg_basebackup, or take an archive with "
            "`ksad audit export`, which `ksad restore` brings back on either database (docs/operating.md)"
        )
    if out.exists() and any(out.iterdir()):
        raise ValueError(f"{out} is not empty: name a new folder")
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    copied: dict[str, int] = {}

    def note(part: str, size: int) -> None:
        copied[part] = size
        if progress is not None:
            progress(len(copied), len((*BEFORE, *SERVICES, *AFTER)))

    for part in BEFORE:
        note(part, _copy(folder.root / part, out / part))
    with ExitStack() as held:
        snapshots = _at_one_instant(held, [url.removeprefix("sqlite:///") for url in urls.values()])
        for service, snapshot in zip(SERVICES, snapshots, strict=True):
            target = out / f"{service}.sqlite"
            with closing(sqlite3.connect(target)) as copy:
                snapshot.backup(copy)
            note(target.name, target.stat().st_size)
    for part in AFTER:
        note(part, _copy(folder.root / part, out / part))
    return {part: size for part, size in copied.items() if (out / part).exists()}


def _copy(source: Path, target: Path) -> int:
    """Copy a file or a folder, where there is one; its bytes."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.pending"))
        return sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    if source.exists():
        shutil.copy2(source, target)
        return target.stat().st_size
    return 0


def _at_one_instant(held: ExitStack, paths: Iterable[str]) -> list[sqlite3.Connection]:
    """Readers of all databases, each at the same instant: begun while nobody could write to any of them."""
    listed = list(paths)
    with ExitStack() as locked:
        for path in listed:
            lock = locked.enter_context(closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)))
            lock.execute("BEGIN IMMEDIATE")
        readers = []
        for path in listed:
            reader = held.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            readers.append(reader)
    return readers
