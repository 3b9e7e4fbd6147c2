"""A follower's book-keeping in its own database: position, lease, and the ids of the events it has seen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    sa.Column("event_id", sa.LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)


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
        if not events:
            return []
        rows = [{"follower": self.follower, "event_id": event.envelope.id.bytes} for event in events]
        insert = self._insert(inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
        fresh = {bytes(value) for value in connection.execute(insert, rows).scalars()}
        found = []
        for event in events:
            if event.envelope.id.bytes in fresh:
                fresh.remove(event.envelope.id.bytes)
                found.append(event)
        return found

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
