"""Stores a province's feed: entries, trees and position are committed together, in SQLite or in JSON Lines.

Two trees are stored: the tip, over all entries, and the confirmed tree, over those that the newest verified checkpoint
covers. Entries that a checkpoint contradicts are moved aside as evidence.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ksad.ledger.log.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS feed (position INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, tip BLOB NOT NULL,
    checked INTEGER NOT NULL, confirmed BLOB NOT NULL, note BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS disputed (note BLOB NOT NULL, position INTEGER, raw BLOB);
CREATE VIEW IF NOT EXISTS confirmed AS
    SELECT position, raw FROM feed WHERE position < (SELECT checked FROM state) ORDER BY position;
"""


class InUseError(Exception):
    """Another process follows a feed into the same file."""


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Keeps other followers away from a file while the block runs; the lock ends with the process.

    The lock is a transaction on an SQLite file beside it, which is the same on every system.

    :raises InUseError: another process has it.
    """
    try:
        lock = sqlite3.connect(file.with_name(f"{file.name}.lock"), isolation_level=None, timeout=0)
    except sqlite3.Error:
        # The folder cannot be written to: opening the file itself says so better.
        yield
        return
    try:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise InUseError(f"another process follows into {file}") from error
        yield
    finally:
        lock.close()


class Confirmed(NamedTuple):
    """The last verified tree, and the signed note that confirms it (empty before the first)."""

    tree: Frontier
    note: bytes


class Kept(Protocol):
    """The storage of a follower."""

    def tip(self) -> Frontier:
        """The tree over all stored entries."""
        ...

    def confirmed(self) -> Confirmed:
        """The newest verified checkpoint, with its tree."""
        ...

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Stores the next leaves; returns the new tip."""
        ...

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The stored leaves [start, end)."""
        ...

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Stores a verified checkpoint."""
        ...

    def dispute(self, note: bytes) -> None:
        """Moves all unconfirmed entries aside, with the note that contradicts them."""
        ...

    def close(self) -> None:
        """Closes the storage."""
        ...


class SqliteKept:
    """An SQLite file: table ``feed``, view ``confirmed`` (covered by a checkpoint), table ``disputed`` (set aside)."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # What is stored is acknowledged, and may not come again; so it must survive a power failure.
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(SCHEMA)
        empty = Frontier.empty().to_bytes()
        self._connection.execute("INSERT OR IGNORE INTO state VALUES (1, 0, ?, 0, ?, x'')", (empty, empty))
        tip, confirmed, note = self._connection.execute("SELECT tip, confirmed, note FROM state").fetchone()
        self._tip = Frontier.from_bytes(tip)
        self._confirmed = Confirmed(Frontier.from_bytes(confirmed), note)

    def tip(self) -> Frontier:
        """The tree over all stored entries."""
        return self._tip

    def confirmed(self) -> Confirmed:
        """The newest verified checkpoint, with its tree."""
        return self._confirmed

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Stores the next leaves; returns the new tip."""
        after = self._extended(leaves)
        with self._transaction() as connection:
            connection.executemany("INSERT INTO feed VALUES (?, ?)", enumerate(leaves, self._tip.size))
            connection.execute("UPDATE state SET size = ?, tip = ?", (after.size, after.to_bytes()))
        self._tip = after
        return after

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The stored leaves [start, end)."""
        query = "SELECT raw FROM feed WHERE position >= ? AND position < ? ORDER BY position"
        for row in self._connection.execute(query, (start, end)):
            yield row[0]

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Stores a verified checkpoint."""
        values = (tree.size, tree.to_bytes(), note)
        self._connection.execute("UPDATE state SET checked = ?, confirmed = ?, note = ?", values)
        self._confirmed = Confirmed(tree, note)

    def dispute(self, note: bytes) -> None:
        """Moves all unconfirmed entries aside, with the note that contradicts them."""
        tree = self._confirmed.tree
        with self._transaction() as connection:
            connection.execute("INSERT INTO disputed VALUES (?, NULL, NULL)", (note,))
            connection.execute(
                "INSERT INTO disputed SELECT ?, position, raw FROM feed WHERE position >= ?", (note, tree.size)
            )
            connection.execute("DELETE FROM feed WHERE position >= ?", (tree.size,))
            connection.execute("UPDATE state SET size = checked, tip = confirmed")
        self._tip = tree

    def close(self) -> None:
        """Closes the storage."""
        self._connection.close()

    def _extended(self, leaves: Sequence[bytes]) -> Frontier:
        return self._tip.extended(map(leaf_hash, leaves))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _write(path: Path, content: bytes) -> None:
    """Replaces a file atomically, and waits until its content and its name are on the disk."""
    pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        pending.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        pending.unlink(missing_ok=True)


class LinesKept:
    """One event per line in ``FILE``; trees and position in ``FILE.state``; entries moved aside in
    ``FILE.disputed.SIZE``.

    Bytes after the stored position belong to a write that was interrupted, and are cut off when the file is opened.
    """

    def __init__(self, file: Path) -> None:
        self._path = file
        self._state = file.with_name(file.name + ".state")
        known = json.loads(self._state.read_text()) if self._state.exists() else {}
        self._tip = Frontier.from_bytes(bytes.fromhex(known.get("tip", "00" * 8)))
        tree = Frontier.from_bytes(bytes.fromhex(known.get("confirmed", "00" * 8)))
        self._confirmed = Confirmed(tree, known.get("note", "").encode())
        self._end = known.get("bytes", 0)
        self._sure = known.get("confirmed_bytes", 0)
        file.touch()
        os.truncate(file, self._end)

    def tip(self) -> Frontier:
        """The tree over all stored entries."""
        return self._tip

    def confirmed(self) -> Confirmed:
        """The newest verified checkpoint, with its tree."""
        return self._confirmed

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Stores the next leaves; returns the new tip."""
        lines = b"".join(leaf + b"\n" for leaf in leaves)
        with self._path.open("ab") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        self._tip = self._tip.extended(map(leaf_hash, leaves))
        self._end += len(lines)
        self._save()
        return self._tip

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The stored leaves [start, end)."""
        with self._path.open("rb") as file:
            first = self._confirmed.tree.size
            if start >= first:
                file.seek(self._sure)
                start, end = start - first, end - first
            for line in islice(file, start, end):
                yield line[:-1]

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Stores a verified checkpoint."""
        self._sure += sum(len(leaf) + 1 for leaf in self.leaves(self._confirmed.tree.size, tree.size))
        self._confirmed = Confirmed(tree, note)
        self._save()

    def dispute(self, note: bytes) -> None:
        """Moves all unconfirmed entries aside, with the note that contradicts them."""
        tree = self._confirmed.tree
        aside = self._path.with_name(f"{self._path.name}.disputed.{tree.size}")
        leaves = self.leaves(tree.size, self._tip.size)
        _write(aside, note + b"\n" + b"".join(leaf + b"\n" for leaf in leaves))
        self._tip, self._end = tree, self._sure
        self._save()
        # After the state, as in the constructor: interrupted here, the next start cuts the same bytes off.
        os.truncate(self._path, self._end)

    def close(self) -> None:
        """Closes the storage."""

    def _save(self) -> None:
        known = {
            "tip": self._tip.to_bytes().hex(),
            "bytes": self._end,
            "confirmed": self._confirmed.tree.to_bytes().hex(),
            "confirmed_bytes": self._sure,
            "note": self._confirmed.note.decode(),
        }
        _write(self._state, json.dumps(known).encode())
