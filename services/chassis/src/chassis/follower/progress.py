"""A follower's book-keeping in its own database: position, lease, and the ids of the events it has seen."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chassis.broker import Received
    from chassis.database import Database

LEASE_SECONDS = 3.0
"""How long a follower that was killed keeps its place; renewed every second while it lives."""

metadata = sa.MetaData()
positions = sa.Table(
    "follower_positions",
    metadata,
    sa.Column("follower", sa.Text, primary_key=True),
    sa.Column("incarnation", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("stored_at", sa.BigInteger, nullable=False),
    sa.Column("lease_owner", sa.Text, nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
)
heads = sa.Table(
    "follower_heads",
    metadata,
    sa.Column("follower", sa.Text, primary_key=True),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("notification", sa.BigInteger, nullable=False),
)
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("follower", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sqlite_with_rowid=False,
)

# All ids of a batch in one value, so that a statement is one step: a driver that steps through hundreds of rows gives
# up the interpreter's lock at each, and waits for it as often while the event loop is busy.
KNOWN = {
    "sqlite": sa.text(
        "SELECT event_id FROM inbox WHERE follower = :follower AND event_id IN (SELECT value FROM json_each(:ids))"
    ),
    "postgresql": sa.text(
        "SELECT event_id FROM inbox WHERE follower = :follower AND event_id = ANY(CAST(:ids AS uuid[]))"
    ),
}
REMEMBER = {
    "sqlite": sa.text("INSERT INTO inbox (follower, event_id) SELECT :follower, value FROM json_each(:ids)"),
    "postgresql": sa.text(
        "INSERT INTO inbox (follower, event_id) SELECT CAST(:follower AS text), unnest(CAST(:ids AS uuid[]))"
    ),
}


class LeaseLostError(Exception):
    """Another process has taken over: nothing of this transaction may be kept."""


class Position(NamedTuple):
    """How far a follower has come: the incarnation of the stream, and the sequence and time of its last message."""

    incarnation: str
    sequence: int
    stored_at: int


class Progress:
    """The rows of one follower. Methods with a connection run inside the caller's write transaction."""

    def __init__(self, database: Database, follower: str, owner: str) -> None:
        self.database = database
        self.follower = follower
        self.owner = owner
        self._mine = positions.c.follower == follower
        self._insert = (sqlite if database.dialect == "sqlite" else postgresql).insert
        database.create(metadata)
        with database.write() as connection:
            start = self._insert(positions).on_conflict_do_nothing()
            row = {"incarnation": "", "sequence": 0, "stored_at": 0, "lease_owner": "", "lease_until": 0.0}
            connection.execute(start, {"follower": follower, **row})

    def acquire(self) -> Position | None:
        """Take or keep the lease; the position, or None while another process holds it."""
        with self.database.read() as connection:
            owner, until = connection.execute(
                sa.select(positions.c.lease_owner, positions.c.lease_until).where(self._mine)
            ).one()
            if owner != self.owner and until > self._now(connection):
                return None
        with self.database.write() as connection:
            now = self._now(connection)
            free = sa.or_(positions.c.lease_owner == self.owner, positions.c.lease_until <= now)
            lease = {"lease_owner": self.owner, "lease_until": now + LEASE_SECONDS}
            row = connection.execute(
                sa.update(positions)
                .where(self._mine, free)
                .values(**lease)
                .returning(positions.c.incarnation, positions.c.sequence, positions.c.stored_at)
            ).one_or_none()
        return Position(*row) if row is not None else None

    def release(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self.database.write() as connection:
            mine = sa.and_(self._mine, positions.c.lease_owner == self.owner)
            connection.execute(sa.update(positions).where(mine).values(lease_until=0.0))

    def fence(self, connection: sa.Connection) -> None:
        """Hold the lease against all others until this transaction ends, and make it last.

        :raises LeaseLostError: another process holds it.
        """
        self._write(connection, {})

    def advance(self, connection: sa.Connection, position: Position, events: Sequence[Received]) -> None:
        """Move the position, and remember how far each service's events have come."""
        self._write(connection, position._asdict())
        newest = {event.service: event.notification for event in events}
        rows = [{"follower": self.follower, "service": name, "notification": at} for name, at in newest.items()]
        if rows:
            insert = self._insert(heads)
            changed = {"notification": insert.excluded.notification}
            connection.execute(insert.on_conflict_do_update(index_elements=["follower", "service"], set_=changed), rows)

    def unseen(self, connection: sa.Connection, events: Sequence[Received]) -> list[Received]:
        """The events that come for the first time; from now on they have been seen."""
        first = {event.envelope.id: event for event in reversed(events)}
        ids = self._array(first)
        known = {UUID(str(row[0])) for row in connection.execute(KNOWN[self.database.dialect], ids)}
        fresh = {key: event for key, event in first.items() if key not in known}
        if fresh:
            connection.execute(REMEMBER[self.database.dialect], self._array(fresh))
        return [event for event in events if fresh.get(event.envelope.id) is event]

    def _array(self, ids: Iterable[UUID]) -> dict[str, object]:
        if self.database.dialect == "sqlite":
            return {"follower": self.follower, "ids": json.dumps([key.hex for key in ids])}
        return {"follower": self.follower, "ids": list(ids)}

    def position(self, connection: sa.Connection) -> Position:
        """The position, whoever holds the lease."""
        columns = (positions.c.incarnation, positions.c.sequence, positions.c.stored_at)
        return Position(*connection.execute(sa.select(*columns).where(self._mine)).one())

    def reached(self, connection: sa.Connection, service: str) -> int:
        """The notification id of the newest event of a service that was taken in, 0 where there is none."""
        query = sa.select(heads.c.notification).where(heads.c.follower == self.follower, heads.c.service == service)
        return connection.execute(query).scalar() or 0

    def _write(self, connection: sa.Connection, values: dict[str, object]) -> None:
        until = self._now(connection) + LEASE_SECONDS
        mine = sa.and_(self._mine, positions.c.lease_owner == self.owner)
        if connection.execute(sa.update(positions).where(mine).values(lease_until=until, **values)).rowcount != 1:
            raise LeaseLostError(self.follower)

    def _now(self, connection: sa.Connection) -> float:
        """The time in seconds, by the clock that all who share the database share."""
        if self.database.dialect == "sqlite":
            return time.time()
        return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())
