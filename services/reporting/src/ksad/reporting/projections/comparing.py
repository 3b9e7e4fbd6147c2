"""Compares the rows of two generations, and reads rows in an order, a thousand at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.digest import lines
from ksad.reporting.projections.tables import table_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import sqlalchemy as sa

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Table
    from ksad.reporting.projections.generations import Generation

AT_ONCE = 1_000
"""Rows held at a time; on PostgreSQL the server keeps the others."""
Stored = tuple[Any, ...]


def stored_rows(connection: sa.Connection, table: Table, generation: int, order: Sequence[str]) -> Iterator[Stored]:
    """The stored rows of one table of a generation, by some expressions of SQL; text is ordered by its bytes."""
    name = table_name(table, generation)
    options = {}
    if connection.dialect.name == "postgresql":
        # A cursor with a name is kept by the server; without one, the driver fetches all rows at once.
        options["name"] = f"rows_{name}"
        order = [term if term in table.integers else f'{term} COLLATE "C"' for term in order]
    query = f"SELECT {', '.join(table.all_columns)} FROM {name} ORDER BY {', '.join(order)}"  # noqa: S608 - names from the code
    cursor = connection.connection.cursor(**options)
    try:
        cursor.execute(query)
        while page := cursor.fetchmany(AT_ONCE):
            yield from page
    finally:
        cursor.close()


def differing_rows(connection: sa.Connection, projection: Projection, one: Generation | None, other: Generation) -> int:
    """The number of rows that are in one generation and not, with equal values in all columns, in the other."""
    if one is None:
        return 0
    return sum(
        _differing(
            stored_rows(connection, table, one.number, table.key),
            stored_rows(connection, table, other.number, table.key),
            len(table.key),
        )
        for table in projection.tables
    )


def _differing(left: Iterator[Stored], right: Iterator[Stored], width: int) -> int:
    """Walks two sequences of rows side by side, both in the order of their keys of ``width`` columns."""
    count = 0
    here, there = next(left, None), next(right, None)
    while here is not None and there is not None:
        mine, others = here[:width], there[:width]
        if mine == others:
            count += 0 if here == there else 2
            here, there = next(left, None), next(right, None)
        elif mine < others:
            count, here = count + 1, next(left, None)
        else:
            count, there = count + 1, next(right, None)
    rest = (here is not None) + sum(1 for _ in left) + (there is not None) + sum(1 for _ in right)
    return count + rest


def dump(connection: sa.Connection, projection: Projection, generation: Generation) -> list[bytes]:
    """Each row as a canonical line, table by table; equal rows give equal lines on any database."""
    return [
        line
        for table in projection.tables
        for line in lines(table, stored_rows(connection, table, generation.number, table.key))
    ]
