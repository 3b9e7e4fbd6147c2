"""Databases in files, read as of one instant and copied."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LOCK_SECONDS = 30.0


def at_one_instant(held: ExitStack, paths: Iterable[str]) -> list[sqlite3.Connection]:
    """Connections that read all databases as of one instant: their transactions begin while no writer can commit."""
    listed = list(paths)
    with ExitStack() as locked:
        for path in listed:
            lock = locked.enter_context(closing(sqlite3.connect(path, timeout=LOCK_SECONDS, isolation_level=None)))
            lock.execute("BEGIN IMMEDIATE")
        readers = []
        for path in listed:
            reader = held.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            reader.execute("BEGIN")
            # A deferred transaction sees the state of its first read, not of its BEGIN.
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
            readers.append(reader)
    return readers


def copy_database(source: sqlite3.Connection, target: Path, *, forgetting: Iterable[str] = ()) -> None:
    """Copies what a connection reads into a new file.

    :param forgetting: tables whose rows are left out, those of them that there are.
    """
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        if forgotten := there.intersection(forgetting):
            for name in forgotten:
                copy.execute(f'DELETE FROM "{name}"')  # noqa: S608 - a name of ours
            copy.commit()
            # What was deleted stays in free pages otherwise.
            copy.execute("VACUUM")
