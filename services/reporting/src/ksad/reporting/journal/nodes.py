"""Nodes of the tree over the journal, so that the root at any size is read and not hashed again.

A node of level 1 is the root over 256 leaves, one of level 2 over 256 of those. A size is then made of nodes of level
2, at most 255 of level 1, and at most 255 leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.ledger.log.tree import Frontier
from ksad.reporting.journal.tables import journal, nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 8
LEVELS = (1, 2)
AT_ONCE = 64
"""Nodes of a level that are made in one transaction. A journal of before the table catches up with what is appended."""

LEAVES = (
    sa.select(journal.c.leaf_hash)
    .where(journal.c.entry >= sa.bindparam("first"), journal.c.entry < sa.bindparam("end"))
    .order_by(journal.c.entry)
)
NODES = (
    sa.select(nodes.c.hash)
    .where(nodes.c.level == sa.bindparam("at"), nodes.c.number >= sa.bindparam("first"))
    .where(nodes.c.number < sa.bindparam("end"))
    .order_by(nodes.c.number)
)
NEXT = sa.select(sa.func.max(nodes.c.number)).where(nodes.c.level == sa.bindparam("at"))
ADD = sa.insert(nodes)


def _hashes(connection: sa.Connection, level: int, first: int, end: int) -> list[bytes]:
    """The hashes [first, end) of a level; of level 0 those of leaves. What is not there yet is missing at the end."""
    found = connection.execute(NODES if level else LEAVES, {"at": level, "first": first, "end": end})
    return [bytes(row[0]) for row in found]


def _root(hashes: Sequence[bytes]) -> bytes:
    return Frontier.empty().extended(hashes).root()


def complete(connection: sa.Connection, size: int) -> None:
    """Adds nodes that a journal of this size has and the table has not, some at a time."""
    for level in LEVELS:
        newest = connection.execute(NEXT, {"at": level}).scalar()
        first = 0 if newest is None else newest + 1
        end = min(size >> HEIGHT * level, first + AT_ONCE)
        if end <= first:
            continue
        below = _hashes(connection, level - 1, first << HEIGHT, end << HEIGHT)
        whole = len(below) >> HEIGHT
        rows = [
            {"level": level, "number": first + number, "hash": _root(below[number << HEIGHT : number + 1 << HEIGHT])}
            for number in range(whole)
        ]
        if rows:
            connection.execute(ADD, rows)


def frontier_at(connection: sa.Connection, size: int) -> Frontier:
    """The frontier over the first ``size`` leaves. What the table lacks is made of the level below."""
    made = Frontier.empty()
    for level in (*reversed(LEVELS), 0):
        width = HEIGHT * level
        # A whole tree of this level counts as one leaf here: its frontier has the same hashes.
        wide = Frontier(made.size >> width, made.hashes)
        wide = wide.extended(_hashes(connection, level, wide.size, size >> width))
        made = Frontier(wide.size << width, wide.hashes)
    return made
