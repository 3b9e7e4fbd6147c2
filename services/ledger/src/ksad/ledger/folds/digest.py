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
    # Rows hold values of canonical events, so this encoding is canonical as well. Appending the newline copies the
    # line, which returns the spare memory that the encoder reserves for each.
    return sorted([orjson.dumps((table.name, *row)) + b"\n" for row in rows])


def digest(projections: Iterable[Projection], rows: Callable[[Projection, Table], Iterable[Sequence[Any]]]) -> Digest:
    """Computes the digest of projections.

    :param rows: returns the rows of a projection's table, as for `lines`.
    """
    found = hashlib.sha256()
    counts: dict[str, int] = {}
    for projection in sorted(projections, key=lambda one: one.name):
        counts[projection.name] = 0
        for table in projection.tables:
            dumped = lines(table, rows(projection, table))
            counts[projection.name] += len(dumped)
            for line in dumped:
                found.update(line)
    return Digest(found.hexdigest(), counts)
