"""A follower's records in its own database: position, lease, and the ids of events seen."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ksad.chassis.database import upsert
from ksad.chassis.leadership import ASK_SECONDS, HELD, LEASE_SECONDS, database_clock, note_leader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ksad.chassis.broker import Received
    from ksad.chassis.database import Database

FOLLOWER_ROLE = "follower"
"""The role of the process that applies the log's events."""

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

# All ids of a batch are one parameter, so that a statement is executed in one step: a driver that steps through
# hundreds of rows releases and waits for the interpreter's lock at each, while the event loop is busy.
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
    """Another process has taken over; this transaction must be rolled back."""


class StreamPosition(NamedTuple):
    """A follower's position: the stream's identity, and the sequence and storage time of the last message."""

    incarnation: str
    sequence: int
    stored_at: int


class Progress:
    """The records of one follower. Methods with a connection run in the caller's write transaction."""

    def __init__(self, database: Database, follower: str, owner: str) -> None:
        self.database = database
        self.follower = follower
        self.owner = owner
        self._asked = -math.inf
        self._mine = positions.c.follower == follower
        self._held = sa.and_(self._mine, positions.c.lease_owner == owner)
        self._fences = [self._fence(), self._fence("incarnation", "sequence", "stored_at")]
        with database.write() as connection:
            insert = (sqlite if database.dialect == "sqlite" else postgresql).insert(positions)
            row = {"incarnation": "", "sequence": 0, "stored_at": 0, "lease_owner": "", "lease_until": 0.0}
            connection.execute(insert.on_conflict_do_nothing(), {"follower": follower, **row})

    def acquire(self) -> StreamPosition | None:
        """Takes or keeps the lease; returns the position, or ``None`` while another process holds the lease."""
        free = sa.or_(positions.c.lease_owner == self.owner, positions.c.lease_until <= database_clock(self.database))
        with self.database.read() as connection:
            query = sa.select(free.label("free"), positions.c.lease_until).where(self._mine)
            found = connection.execute(query).one()
        if not found.free:
            if found.lease_until >= HELD:
                self._ask()
            return None
        lease = {"lease_owner": self.owner, "lease_until": HELD}
        with self.database.write() as connection:
            taken = connection.execute(sa.update(positions).where(self._mine, free).values(**lease)).rowcount == 1
            if not taken:
                return None
            note_leader(self.database, connection, FOLLOWER_ROLE, self.owner)
            return self.position(connection)

    def _ask(self) -> None:
        """Has the lease end soon, unless the process that holds it answers."""
        if time.monotonic() - self._asked < ASK_SECONDS:
            return
        self._asked = time.monotonic()
        with self.database.write() as connection:
            ends = database_clock(self.database) + LEASE_SECONDS
            held = positions.c.lease_until >= HELD
            connection.execute(sa.update(positions).where(self._mine, held).values(lease_until=ends))

    def asked_for(self, connection: sa.Connection) -> bool:
        """Whether another process wants the lease, and takes it unless `fence` is called soon.

        :raises LeaseLostError: it has it already.
        """
        query = sa.select(positions.c.lease_owner, positions.c.lease_until).where(self._mine)
        found = connection.execute(query).one()
        if found.lease_owner != self.owner:
            raise LeaseLostError(self.follower)
        return bool(found.lease_until < HELD)

    def release(self) -> None:
        """Returns the lease, so that another process can take over at once."""
        with self.database.write() as connection:
            connection.execute(sa.update(positions).where(self._held).values(lease_until=0.0))

    def fence(self, connection: sa.Connection, position: StreamPosition | None = None) -> None:
        """Locks and renews the lease until the transaction ends; with ``position``, also stores the position.

        :raises LeaseLostError: another process holds the lease.
        """
        values = position._asdict() if position is not None else {}
        moves = {f"to_{name}": value for name, value in values.items()}
        fence = self._fences[position is not None]
        if connection.execute(fence, moves).rowcount != 1:
            raise LeaseLostError(self.follower)

    def _fence(self, *columns: str) -> sa.Update:
        """The statement of `fence`, built once, because it runs in every transaction."""
        moves: dict[str, object] = {name: sa.bindparam(f"to_{name}") for name in columns}
        return sa.update(positions).where(self._held).values(lease_until=HELD, **moves)

    def note(self, connection: sa.Connection, events: Sequence[Received]) -> None:
        """Records the newest notification id of each service among these events."""
        newest = {event.position.service: event.position.notification for event in events}
        rows = [{"follower": self.follower, "service": name, "notification": at} for name, at in newest.items()]
        upsert(connection, heads, rows)

    def unseen(self, connection: sa.Connection, events: Sequence[Received]) -> list[Received]:
        """The events that were not seen before; records them as seen."""
        # Reversed, so that of an event that comes twice in a batch the first one is kept.
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
        """The stored position, whichever process holds the lease."""
        columns = (positions.c.incarnation, positions.c.sequence, positions.c.stored_at)
        return StreamPosition(*connection.execute(sa.select(*columns).where(self._mine)).one())

    def reached(self, connection: sa.Connection, service: str) -> int:
        """The notification id of the newest event of a service that was applied; 0 if there is none."""
        query = sa.select(heads.c.notification).where(heads.c.follower == self.follower, heads.c.service == service)
        return connection.execute(query).scalar() or 0
