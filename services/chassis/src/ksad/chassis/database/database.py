"""Transactions on either database.

A write transaction is exclusive on SQLite from its first statement (``BEGIN IMMEDIATE``): readers never wait, writers
queue instead of failing half-way. Every commit is durable when it returns (WAL with ``synchronous=FULL``; ``fsync``).
Nobody waits longer than a few seconds for another one's transaction, and writers leave connections to the readers.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock
from typing import TYPE_CHECKING, Any, Literal, Self

import sqlalchemy as sa
import structlog

from ksad.chassis.database import postgresql, sqlite
from ksad.chassis.database.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.chassis.settings import DatabaseSettings

WAIT_SECONDS = 5.0
WAITING_MAX = 60
"""Writers that may queue in one process: each holds a worker thread, of which readers need some, too."""
SHORTEST_SECONDS = 0.1
log = structlog.get_logger(__name__)


class Database:
    """The engine of one service. Connections are SQLAlchemy's; so are the errors, except where a docstring says so.

    :param wait_seconds: how long a transaction waits for a connection and for the locks of others.
    """

    def __init__(self, url: str, pool_size: int = 8, wait_seconds: float = WAIT_SECONDS) -> None:
        self.url = url
        self.damage: str | None = None
        """What was found to be wrong with the file of an SQLite database."""
        self.refused: str | None = None
        """Why the last write transaction failed, where that was the database's doing; None after one that did not."""
        self.written = -math.inf
        """When a write transaction was committed last, in seconds of the monotonic clock."""
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if url.startswith("sqlite:") else "postgresql"
        address = sa.make_url(url) if self.dialect == "sqlite" else postgresql.address_of(url)
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": wait_seconds}
        options |= (
            {"connect_args": {"check_same_thread": False}} if self.dialect == "sqlite" else {"pool_pre_ping": True}
        )
        self._engine = sa.create_engine(address, poolclass=sa.pool.QueuePool, **options)
        self._wait_seconds = wait_seconds
        self._turns = BoundedSemaphore(1 if self.dialect == "sqlite" else pool_size)
        self._waiting = 0
        self._checked = False
        self._counting = Lock()
        if self.dialect == "sqlite":
            sqlite.prepare(self._engine, self._damaged)
            self._reader = self._engine.execution_options(**{sqlite.READ_ONLY: True})
        else:
            postgresql.prepare(self._engine, wait_seconds)
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @classmethod
    def from_settings(cls, settings: DatabaseSettings) -> Self:
        """The database that a service, or one of its verbs, is told to use."""
        return cls(settings.database_url, settings.database_pool_size, settings.database_wait_seconds)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self._engine.url.database or "") if self.dialect == "sqlite" else None

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: commits when the block ends, rolls back when it raises.

        :raises BusyError: other writers were not done in time; nothing was done here.
        """
        deadline = time.monotonic() + self._wait_seconds
        try:
            with self._turn(deadline), self._engine.connect() as connection:
                if self.dialect == "sqlite":
                    sqlite.wait_at_most(connection, _left(deadline))
                with connection.begin():
                    if self.dialect == "postgresql":
                        postgresql.wait_at_most(connection, _left(deadline))
                    yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            self.refused = f"{type(error.orig).__name__}: {error.orig}"[:200]
            raise
        self.refused, self.written = None, time.monotonic()

    @contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        """Writers of one process queue here: SQLite lets those of several sleep and try again."""
        with self._counting:
            if self._waiting >= WAITING_MAX:
                raise BusyError(f"{self._waiting} write transactions of this process wait already")
            self._waiting += 1
        try:
            mine = self._turns.acquire(timeout=_left(deadline))
        finally:
            with self._counting:
                self._waiting -= 1
        if not mine:
            raise BusyError("another write transaction of this process does not end")
        try:
            yield
        finally:
            self._turns.release()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction that sees one consistent state from its first statement on."""
        with self._reader.connect() as connection, connection.begin():
            if self.dialect == "postgresql":
                postgresql.read_patiently(connection)
            yield connection

    @contextmanager
    def reading(self, connection: sa.Connection | None) -> Iterator[sa.Connection]:
        """The given connection, or a read transaction of its own."""
        if connection is not None:
            yield connection
        else:
            with self.read() as own:
                yield own

    def check_pooler(self) -> None:
        """Look once what lies between here and the database.

        :raises RefusedSettingError: there is a pooler before the database that mixes its clients up.
        """
        if self.dialect == "postgresql" and not self._checked:
            postgresql.check_pooler(self._engine)
            self._checked = True

    def create(self, metadata: sa.MetaData) -> None:
        """Create the tables that do not exist yet; two processes may do so at once.

        :raises RefusedSettingError: there is a pooler before the database that mixes its clients up.
        """
        self.check_pooler()
        with self.write() as connection:
            if self.dialect == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(230509)"))
            metadata.create_all(connection, checkfirst=True)

    def touch(self, connection: sa.Connection) -> None:
        """Have the transaction reach the disk when it commits, although it changes nothing."""
        if self.dialect == "sqlite":
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        else:
            connection.exec_driver_sql("SELECT pg_current_xact_id()")

    def inspect(self, ended: Event) -> None:
        """Look for faults in the structure of an SQLite file; ``damage`` says what was found. It reads all of it.

        :param ended: set it to have the inspection given up.
        """
        if self.dialect == "sqlite":
            with self.read() as connection:
                found = sqlite.inspect(connection, ended)
            if found is not None:
                self._damaged(found)

    def _damaged(self, found: str) -> None:
        if self.damage is None:
            log.error("database_damaged", file=str(self.file), found=found[:500])
        self.damage = found

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def _left(deadline: float) -> float:
    return max(SHORTEST_SECONDS, deadline - time.monotonic())
