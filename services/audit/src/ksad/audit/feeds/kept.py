"""What a province keeps of its feed: events, tree and position commit together, in SQLite or in a file of JSON Lines.

Two trees are kept: the tip, over everything stored, and the confirmed one, which the newest verified head signed. What
lies between them waits for the next head. What a head contradicts is set aside as evidence: it is no longer stored.
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


class Confirmed(NamedTuple):
    """The tree that was last verified, and the signed note that says so."""

    tree: Frontier
    note: bytes


class Kept(Protocol):
    """Where a follower stores."""

    def tip(self) -> Frontier:
        """The tree over everything stored."""
        ...

    def confirmed(self) -> Confirmed:
        """The newest head that was verified, with its tree."""
        ...

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Store the next leaves; the tree with them."""
        ...

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """What is stored from index ``start`` to before ``end``."""
        ...

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Remember a verified head."""
        ...

    def dispute(self, note: bytes) -> None:
        """Set aside whatever is not confirmed, with the note that contradicts it."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


class SqliteKept:
    """Table ``feed`` in one SQLite file, and the view ``confirmed`` of what is signed; ``disputed`` was set aside."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(SCHEMA)
        empty = Frontier.empty().to_bytes()
        self._connection.execute("INSERT OR IGNORE INTO state VALUES (1, 0, ?, 0, ?, x'')", (empty, empty))
        tip, confirmed, note = self._connection.execute("SELECT tip, confirmed, note FROM state").fetchone()
        self._tip = Frontier.from_bytes(tip)
        self._confirmed = Confirmed(Frontier.from_bytes(confirmed), note)

    def tip(self) -> Frontier:
        """The tree over everything stored."""
        return self._tip

    def confirmed(self) -> Confirmed:
        """The newest head that was verified, with its tree."""
        return self._confirmed

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Store the next leaves; the tree with them."""
        after = self._extended(leaves)
        with self._transaction() as connection:
            connection.executemany("INSERT INTO feed VALUES (?, ?)", enumerate(leaves, self._tip.size))
            connection.execute("UPDATE state SET size = ?, tip = ?", (after.size, after.to_bytes()))
        self._tip = after
        return after

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """What is stored from index ``start`` to before ``end``."""
        query = "SELECT raw FROM feed WHERE position >= ? AND position < ? ORDER BY position"
        for row in self._connection.execute(query, (start, end)):
            yield row[0]

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Remember a verified head."""
        values = (tree.size, tree.to_bytes(), note)
        self._connection.execute("UPDATE state SET checked = ?, confirmed = ?, note = ?", values)
        self._confirmed = Confirmed(tree, note)

    def dispute(self, note: bytes) -> None:
        """Set aside whatever is not confirmed, with the note that contradicts it."""
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
        """Let the file go."""
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
    """Write a file in place of the one that may be there: whole or not at all, and on the disk."""
    pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    pending.replace(path)


class LinesKept:
    """One event per line in ``FILE``, trees and position in ``FILE.state``; set aside are ``FILE.disputed.<size>``.

    Lines behind the position were being written when the process died: they are cut off when the file is opened.
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
        """The tree over everything stored."""
        return self._tip

    def confirmed(self) -> Confirmed:
        """The newest head that was verified, with its tree."""
        return self._confirmed

    def append(self, leaves: Sequence[bytes]) -> Frontier:
        """Store the next leaves; the tree with them."""
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
        """What is stored from index ``start`` to before ``end``."""
        with self._path.open("rb") as file:
            first = self._confirmed.tree.size
            if start >= first:
                file.seek(self._sure)
                start, end = start - first, end - first
            for line in islice(file, start, end):
                yield line[:-1]

    def confirm(self, tree: Frontier, note: bytes) -> None:
        """Remember a verified head."""
        self._sure += sum(len(leaf) + 1 for leaf in self.leaves(self._confirmed.tree.size, tree.size))
        self._confirmed = Confirmed(tree, note)
        self._save()

    def dispute(self, note: bytes) -> None:
        """Set aside whatever is not confirmed, with the note that contradicts it."""
        tree = self._confirmed.tree
        aside = self._path.with_name(f"{self._path.name}.disputed.{tree.size}")
        leaves = self.leaves(tree.size, self._tip.size)
        _write(aside, note + b"\n" + b"".join(leaf + b"\n" for leaf in leaves))
        self._tip, self._end = tree, self._sure
        self._save()
        os.truncate(self._path, self._end)

    def close(self) -> None:
        """Let the file go."""

    def _save(self) -> None:
        known = {
            "tip": self._tip.to_bytes().hex(),
            "bytes": self._end,
            "confirmed": self._confirmed.tree.to_bytes().hex(),
            "confirmed_bytes": self._sure,
            "note": self._confirmed.note.decode(),
        }
        _write(self._state, json.dumps(known).encode())
