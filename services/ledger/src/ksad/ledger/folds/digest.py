"""Digests of projections: equal rows give equal digests, whether they come from a database or from a replay."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Table


class Digest(NamedTuple):
    """SHA-256 (hex) over the lines of all projections, by name, and the number of rows of each projection."""

    sha256: str
    rows: dict[str, int]


def lines(table: Table, rows: Iterable[Sequence[Any]]) -> list[bytes]:
    """Each row as a canonical JSON line, sorted by bytes, so that the order of rows in a database does not matter.

    :param rows: the values of ``table.all_columns``, JSON columns as sorted text.
    """
    return sorted(_line(table, row) for row in rows)


def order(table: Table) -> tuple[str, ...]:
    """What SQL has to order rows by for their lines to come in the order of bytes: the key, with integers as text."""
    return tuple(f"CAST({column} AS TEXT)" if column in table.integers else column for column in table.key)


def digest(projections: Iterable[Projection], rows: Callable[[Projection, Table], Iterable[Sequence[Any]]]) -> Digest:
    """Computes the digest of projections, holding one row at a time.

    :param rows: returns the rows of a projection's table, as for `lines`, by :func:`order`; it is called again for a
        table whose rows come in another order, and all lines of that table are then held.
    """
    found = hashlib.sha256()
    counts: dict[str, int] = {}
    for projection in sorted(projections, key=lambda one: one.name):
        counts[projection.name] = 0
        for table in projection.tables:
            before = found.copy()
            count = _take(found.update, table, rows(projection, table))
            if count is None:
                found, dumped = before, lines(table, rows(projection, table))
                found.update(b"".join(dumped))
                count = len(dumped)
            counts[projection.name] += count
    return Digest(found.hexdigest(), counts)


def _take(into: Callable[[bytes], None], table: Table, rows: Iterable[Sequence[Any]]) -> int | None:
    """Adds the lines of a table; returns their number, or ``None`` if they come in another order than that of bytes."""
    count, last = 0, b""
    for row in rows:
        line = _line(table, row)
        if line < last:
            return None
        into(line)
        count, last = count + 1, line
    return count


def _line(table: Table, row: Sequence[Any]) -> bytes:
    # Rows hold values of canonical events, so this encoding is canonical as well. Appending the newline copies the
    # line, which returns the spare memory that the encoder reserves for each.
    return orjson.dumps((table.name, *row)) + b"\n"
