"""A feed as a province has it: the follower's SQLite file, or one event per line."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SQLITE = b"SQLite format 3\x00"
LINE_MAX = 65_536


class Compared(NamedTuple):
    """What was found, and the first entry that differs."""

    detail: str
    at: int | None


def first_difference(file: Path, hashes: Iterable[bytes]) -> Compared:
    """Compare what a province has with what it had to receive; it may lag behind, it may hold nothing else."""
    count = 0
    try:
        for index, (raw, wanted) in enumerate(zip_longest(_read(file), hashes)):
            if raw is None:
                return Compared(f"its {count} entries are the first of what it had to receive", None)
            if wanted is None:
                return Compared(f"entry {index} and what follows it came after this archive, or never happened", index)
            if leaf_hash(raw) != wanted:
                return Compared(f"entry {index} is not what the national log says: left out, added or changed", index)
            count += 1
    except (OSError, sqlite3.Error, ValueError) as error:
        return Compared(f"{file.name} cannot be read as a feed from entry {count} on: {error}", count)
    return Compared(f"all {count} entries are exactly what it had to receive", None)


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        is_sqlite = opened.read(len(SQLITE)) == SQLITE
    if is_sqlite:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            for position, (number, raw) in enumerate(connection.execute("SELECT * FROM feed ORDER BY position")):
                if number != position:
                    raise ValueError(f"entry {position} is missing")
                yield raw
        return
    with file.open("rb") as lines:
        while line := lines.readline(LINE_MAX):
            if not line.endswith(b"\n"):
                raise ValueError("a line is cut, or longer than an event can be")
            yield line[:-1]
