"""Who leads a role of a service, since when, and in which term; and leases for roles that have no table of their own.

A role is what only one of the processes that share a database does at a time, such as following the log. The leader of
each role stands in the table ``leaders``. The term grows by one whenever the leader changes, and never goes back.
"""

from __future__ import annotations

import math
import os
import socket
import time
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ksad.chassis.status import LeaderStatus

if TYPE_CHECKING:
    from ksad.chassis.database import Database

LEASE_SECONDS = 2.5
"""How long the process that holds a lease has to answer another one that asks for it."""
ASK_SECONDS = 1.0
"""How often a process that stands by asks. A lease that nobody asks for is held without being renewed, so that an idle
service writes nothing."""
HELD = 1e15
"""The end of a lease that nobody has asked for, far later than any clock tells."""

metadata = sa.MetaData()
leaders = sa.Table(
    "leaders",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("term", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("lease_until", sa.Float, nullable=False),
)


def new_holder() -> str:
    """A name for this process, or for one of several objects in it: host, process, and something random."""
    return f"{socket.gethostname()}/{os.getpid()}/{token_hex(6)}"


def database_clock(database: Database) -> sa.ColumnElement[float]:
    """The time in seconds since 1970 by one clock for all processes that share a database."""
    if database.dialect == "sqlite":
        return sa.bindparam(None, callable_=time.time, type_=sa.Float)
    return sa.cast(sa.extract("epoch", sa.func.clock_timestamp()), sa.Float)


def leaders_of(database: Database) -> list[LeaderStatus]:
    """The newest leader of each role of a service."""
    with database.read() as connection:
        rows = connection.execute(sa.select(leaders).where(leaders.c.term > 0).order_by(leaders.c.role)).all()
    return [
        LeaderStatus(
            role=row.role,
            holder=row.holder,
            term=row.term,
            since=datetime.fromtimestamp(row.since, UTC).replace(microsecond=0),
        )
        for row in rows
    ]


def note_leader(database: Database, connection: sa.Connection, role: str, holder: str) -> None:
    """Notes who leads a role from now on, in the transaction in which it began to. The same holder keeps its term."""
    _add_role(database, connection, role)
    change = sa.update(leaders).where(leaders.c.role == role, leaders.c.holder != holder)
    connection.execute(change.values(holder=holder, term=leaders.c.term + 1, since=database_clock(database)))


def _add_role(database: Database, connection: sa.Connection, role: str) -> None:
    """Adds the row of a role that nobody has led yet."""
    insert = (sqlite if database.dialect == "sqlite" else postgresql).insert(leaders).on_conflict_do_nothing()
    connection.execute(insert, {"role": role, "holder": "", "term": 0, "since": 0.0, "lease_until": 0.0})


class RoleLease:
    """The lease of a role. One object per process and role, used from one thread at a time."""

    def __init__(self, database: Database, role: str) -> None:
        self.role = role
        self.holder = new_holder()
        self.leads = False
        """Whether this process led when it last looked."""
        self._database = database
        self._asked = -math.inf
        self._mine = leaders.c.role == role

    def hold(self) -> bool:
        """Takes or keeps the lease; call it several times within `LEASE_SECONDS`. Returns whether this process leads.

        It writes only when the leader changes or another process asks.
        """
        self.leads = False
        clock = database_clock(self._database)
        query = sa.select(leaders.c.holder, leaders.c.lease_until, (leaders.c.lease_until <= clock).label("free"))
        with self._database.read() as connection:
            found = connection.execute(query.where(self._mine)).one_or_none()
        if found is not None and found.holder != self.holder and not found.free:
            if found.lease_until >= HELD:
                self._ask()
            return False
        if found is None or found.holder != self.holder or found.lease_until < HELD:
            self.leads = self._take()
        else:
            self.leads = True
        return self.leads

    def release(self) -> None:
        """Returns the lease, so that another process can take over at once."""
        self.leads = False
        with self._database.write() as connection:
            mine = sa.and_(self._mine, leaders.c.holder == self.holder)
            connection.execute(sa.update(leaders).where(mine).values(lease_until=0.0))

    def fence(self, connection: sa.Connection) -> bool:
        """Whether this process still leads; holds the row until the transaction ends, so that nobody takes over."""
        mine = sa.and_(self._mine, leaders.c.holder == self.holder)
        return connection.execute(sa.update(leaders).where(mine).values(lease_until=HELD)).rowcount == 1

    def _take(self) -> bool:
        clock = database_clock(self._database)
        with self._database.write() as connection:
            _add_role(self._database, connection, self.role)
            query = sa.select(leaders.c.holder, (leaders.c.lease_until <= clock).label("free")).where(self._mine)
            # Locked, because on PostgreSQL two could otherwise read the same free lease.
            found = connection.execute(query.with_for_update()).one()
            if found.holder != self.holder and not found.free:
                return False
            note_leader(self._database, connection, self.role, self.holder)
            connection.execute(sa.update(leaders).where(self._mine).values(lease_until=HELD))
        return True

    def _ask(self) -> None:
        """Has the lease end soon, unless the process that holds it answers."""
        if time.monotonic() - self._asked < ASK_SECONDS:
            return
        self._asked = time.monotonic()
        with self._database.write() as connection:
            ends = database_clock(self._database) + LEASE_SECONDS
            held = sa.and_(self._mine, leaders.c.lease_until >= HELD)
            connection.execute(sa.update(leaders).where(held).values(lease_until=ends))
