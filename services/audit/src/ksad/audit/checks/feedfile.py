"""Compares a feed as a province stored it (the follower's SQLite file, or JSON Lines) with the archive."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ksad.ledger.log.note import Verifier

SQLITE = b"SQLite format 3\x00"
# A leaf has at most 65,535 bytes; one more for the newline.
LINE_MAX = 65_536
UNREADABLE = (OSError, sqlite3.Error, ValueError)


class Compared(NamedTuple):
    """The result of a comparison, and the index of the first entry that differs (``None`` if none does)."""

    detail: str
    at: int | None


def compare(file: Path, hashes: Iterable[bytes], owed: int) -> Compared:
    """Compares stored entries with the ``owed`` entries that the province had to receive.

    The file may have fewer entries, but at least one and no others.
    """
    count, wanted = 0, iter(hashes)
    try:
        for raw in _read(file):
            right = next(wanted, None)
            if right is None:
                return Compared(f"entry {count} and what follows it came after this archive, or never happened", count)
            if leaf_hash(raw) != right:
                return Compared(f"entry {count} is not what the national log says: left out, added or changed", count)
            count += 1
    except UNREADABLE as error:
        return Compared(f"{file.name} cannot be read as a feed from entry {count} on: {error}", count)
    if not count:
        return Compared(f"{file.name} holds no entry, so it proves nothing; {owed} were owed", 0)
    if count < owed:
        return Compared(f"it has the first {count} of the {owed} entries that it had to receive", None)
    return Compared(f"all {count} entries are exactly what it had to receive", None)


def newer(file: Path, origin: str, keys: Iterable[Verifier], owed: int) -> str | None:
    """Explains that a file is newer than the archive, if a checkpoint signed with the feed's key proves it.

    Returns ``None`` otherwise. The follower stores that checkpoint; further entries without one prove nothing.
    """
    try:
        head = open_checkpoint(_kept_note(file), origin, keys)
        hashes = [leaf_hash(raw) for raw in _read(file)]
    except (*UNREADABLE, NoteError):
        return None
    if not owed < head.size <= len(hashes) or Frontier.empty().extended(hashes[: head.size]).root() != head.root:
        return None
    return (
        f"it has all {owed} entries, and {len(hashes) - owed} that came after this archive: {head.size} of them all "
        "are under a head that the feed's key signed, so ask for a newer archive"
    )


def _kept_note(file: Path) -> bytes:
    """The last checkpoint that the follower verified, from the database or the ``.state`` file."""
    if _is_sqlite(file):
        with _opened(file) as connection:
            found = connection.execute("SELECT note FROM state").fetchone()
            note = found[0] if found else b""
    else:
        state = json.loads(file.with_name(f"{file.name}.state").read_text())
        note = state["note"].encode() if isinstance(state, dict) and isinstance(state.get("note"), str) else b""
    if not isinstance(note, bytes):
        raise ValueError("the note is no text")  # noqa: TRY004 - what a file holds is a value
    return note


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(SQLITE)) == SQLITE


def _opened(file: Path) -> closing[sqlite3.Connection]:
    # Read-only: the province's file is evidence.
    return closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True))


def _read(file: Path) -> Iterator[bytes]:
    """The stored entries.

    :raises ValueError: the file is not a feed, or an entry is missing or malformed.
    """
    if _is_sqlite(file):
        yield from _rows(file)
        return
    with file.open("rb") as lines:
        while line := lines.readline(LINE_MAX):
            if not line.endswith(b"\n"):
                raise ValueError("a line is cut, or longer than an event can be")
            yield line[:-1]


def _rows(file: Path) -> Iterator[bytes]:
    with _opened(file) as connection:
        rows = connection.execute("SELECT * FROM feed ORDER BY position")
        names = tuple(name for name, *_ in rows.description)
        if names != ("position", "raw"):
            raise ValueError(f"a table feed with the columns {', '.join(names)} is none of ours")
        for position, (number, raw) in enumerate(rows):
            if type(number) is not int or number != position:
                raise ValueError(f"entry {position} is missing")
            if type(raw) is not bytes:
                raise ValueError(f"entry {position} is {type(raw).__name__}, not bytes")
            yield raw
