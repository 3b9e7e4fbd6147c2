"""A follower's book-keeping in its own database: position, lease, and the ids of the events it has seen."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ksad.chassis.database import upsert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ksad.chassis.broker import Received
    from ksad.chassis.database import Database

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


class StreamPosition(NamedTuple):
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
        self._held = sa.and_(self._mine, positions.c.lease_owner == owner)
        self._fences = [self._fence(), self._fence("incarnation", "sequence", "stored_at")]
        with database.write() as connection:
            insert = (sqlite if database.dialect == "sqlite" else postgresql).insert(positions)
            row = {"incarnation": "", "sequence": 0, "stored_at": 0, "lease_owner": "", "lease_until": 0.0}
            connection.execute(insert.on_conflict_do_nothing(), {"follower": follower, **row})

    def acquire(self) -> StreamPosition | None:
        """Take or keep the lease; the position, or None while another process holds it."""
        free = sa.or_(positions.c.lease_owner == self.owner, positions.c.lease_until <= self._clock())
        with self.database.read() as connection:
            if not connection.execute(sa.select(free).where(self._mine)).scalar_one():
                return None
        lease = {"lease_owner": self.owner, "lease_until": self._clock() + LEASE_SECONDS}
        with self.database.write() as connection:
            taken = connection.execute(sa.update(positions).where(self._mine, free).values(**lease)).rowcount == 1
            return self.position(connection) if taken else None

    def release(self) -> None:
        """Give the lease back, so that another process need not wait for its end."""
        with self.database.write() as connection:
            connection.execute(sa.update(positions).where(self._held).values(lease_until=0.0))

    def fence(self, connection: sa.Connection, position: StreamPosition | None = None) -> None:
        """Hold the lease against all others until this transaction ends, and move to the position with it.

        :raises LeaseLostError: another process holds it.
        """
        values = position._asdict() if position is not None else {}
        moves = {f"to_{name}": value for name, value in values.items()}
        fence = self._fences[position is not None]
        if connection.execute(fence, moves).rowcount != 1:
            raise LeaseLostError(self.follower)

    def _fence(self, *columns: str) -> sa.Update:
        """The statement, made once: it runs in every transaction of the follower."""
        moves: dict[str, object] = {name: sa.bindparam(f"to_{name}") for name in columns}
        return sa.update(positions).where(self._held).values(lease_until=self._clock() + LEASE_SECONDS, **moves)

    def note(self, connection: sa.Connection, events: Sequence[Received]) -> None:
        """Remember how far the events of each service have come."""
        newest = {event.position.service: event.position.notification for event in events}
        rows = [{"follower": self.follower, "service": name, "notification": at} for name, at in newest.items()]
        upsert(connection, heads, rows)

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

    def position(self, connection: sa.Connection) -> StreamPosition:
        """The position, whoever holds the lease."""
        columns = (positions.c.incarnation, positions.c.sequence, positions.c.stored_at)
        return StreamPosition(*connection.execute(sa.select(*columns).where(self._mine)).one())

    def reached(self, connection: sa.Connection, service: str) -> int:
        """The notification id of the newest event of a service that was taken in, 0 where there is none."""
        query = sa.select(heads.c.notification).where(heads.c.follower == self.follower, heads.c.service == service)
        return connection.execute(query).scalar() or 0

    def _clock(self) -> sa.ColumnElement[float]:
        """The time in seconds, by the clock that all who share the database share."""
        if self.database.dialect == "sqlite":
            return sa.bindparam(None, callable_=time.time, type_=sa.Float)
        return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)
