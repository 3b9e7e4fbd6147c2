"""The tables of the journal, and of the frontiers of the trees over it and over the feeds."""

from __future__ import annotations

import sqlalchemy as sa

from ksad.ledger.log.tree import Frontier

metadata = sa.MetaData()
journal = sa.Table(
    "journal",
    metadata,
    sa.Column("entry", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("leaf_hash", sa.LargeBinary, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("notification", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("stream", "version", name="journal_stream"),
    sa.Index("journal_position", "service", "notification"),
)
held = sa.Table(
    "journal_held",
    metadata,
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("waits_for", sa.Uuid, nullable=False, index=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("notification", sa.BigInteger, nullable=False),
)
frontiers = sa.Table(
    "frontiers",
    metadata,
    sa.Column("log", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("frontier", sa.LargeBinary, nullable=False),
)
nodes = sa.Table(
    "journal_nodes",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
"""The roots over 256 leaves (level 1) and over 256 of those (level 2)."""

NATIONAL = "national"
"""The name of the journal's row in ``frontiers``; each province's feed has one as well."""

conflicts = sa.Table(
    "journal_conflicts",
    metadata,
    sa.Column("leaf_hash", sa.LargeBinary, primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)
"""Events with the id of an admitted one and other bytes: a service's store was altered or rolled back."""


# Statements are built once: building one takes longer than executing it.
LOAD = sa.select(frontiers.c.frontier).where(frontiers.c.log == sa.bindparam("name"))
SAVE = sa.update(frontiers).where(frontiers.c.log == sa.bindparam("name"))
ADD = sa.insert(frontiers)


def load_frontier(connection: sa.Connection, log: str) -> Frontier:
    """The frontier of a log; empty if it has no leaf yet."""
    stored = connection.execute(LOAD, {"name": log}).scalar()
    return Frontier.from_bytes(bytes(stored)) if stored is not None else Frontier.empty()


def save_frontier(connection: sa.Connection, log: str, frontier: Frontier) -> None:
    """Stores a log's frontier, in the transaction that appends its leaves."""
    values = {"size": frontier.size, "frontier": frontier.to_bytes()}
    if connection.execute(SAVE, {"name": log, **values}).rowcount == 0:
        connection.execute(ADD, {"log": log, **values})
