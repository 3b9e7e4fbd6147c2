"""The digest of projected rows: equal rows give equal digests, in a database or in a replay."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Table


class Digest(NamedTuple):
    """SHA-256 over the lines of all projections in the order of their names, and how many rows each has."""

    sha256: str
    rows: dict[str, int]


def lines(table: Table, rows: Iterable[Sequence[Any]]) -> list[bytes]:
    """Every row as a canonical line, in the order of their bytes.

    :param rows: the values of ``table.all_columns``, JSON columns as sorted text.
    """
    # Rows are made of events, whose values are canonical: this is their canonical form, too. Each is made with room
    # to spare, which the longer copy gives back.
    return sorted([orjson.dumps((table.name, *row)) + b"\n" for row in rows])


def digest(projections: Iterable[Projection], rows: Callable[[Projection, Table], Iterable[Sequence[Any]]]) -> Digest:
    """The digest of some projections whose rows are asked for table by table."""
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
