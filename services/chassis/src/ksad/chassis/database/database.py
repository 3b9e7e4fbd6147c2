"""Transactions on SQLite and PostgreSQL.

A write transaction on SQLite is exclusive from its first statement (``BEGIN IMMEDIATE``): readers never wait, and
writers queue instead of failing midway. A commit is durable when it returns (WAL with ``synchronous=FULL``;
``fsync``). Waits for other transactions are limited to a few seconds, and writers leave connections for readers.
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

from ksad.chassis.database import sqlite
from ksad.chassis.database.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.chassis.settings import DatabaseSettings

WAIT_SECONDS = 5.0
WAITING_MAX = 60
"""The most writers that queue in one process; each occupies a worker thread, and readers need some as well."""
SHORTEST_SECONDS = 0.1
log = structlog.get_logger(__name__)


class Database:
    """The database of one service. Connections and errors are SQLAlchemy's, unless a docstring names others.

    :param url: ``sqlite:///PATH`` or ``postgresql://…``.
    :param wait_seconds: how long a transaction waits for a connection and for locks.
    """

    def __init__(self, url: str, pool_size: int = 8, wait_seconds: float = WAIT_SECONDS) -> None:
        self.url = url
        self.damage: str | None = None
        """The damage found in the file of an SQLite database; ``None`` if none was found."""
        self.refused: str | None = None
        """Why the last write transaction failed, if the database caused it; ``None`` after a successful one."""
        self.written = -math.inf
        """When the last write transaction was committed, in seconds of the monotonic clock."""
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if url.startswith("sqlite:") else "postgresql"
        address = sa.make_url(url) if self.dialect == "sqlite" else _driver().address_of(url)
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": wait_seconds}
        options |= (
            {"connect_args": {"check_same_thread": False}} if self.dialect == "sqlite" else {"pool_pre_ping": True}
        )
        self._engine = sa.create_engine(address, poolclass=sa.pool.QueuePool, **options)
        self.wait_seconds = wait_seconds
        # Half of the connections at most, since the pool may grow to twice its size; the others are left to readers.
        self._turns = BoundedSemaphore(1 if self.dialect == "sqlite" else pool_size)
        self._waiting = 0
        self._whole: sa.Connection | None = None
        self._checked = False
        self._counting = Lock()
        if self.dialect == "sqlite":
            sqlite.prepare(self._engine, self._damaged)
            self._reader = self._engine.execution_options(**{sqlite.READ_ONLY: True})
        else:
            _driver().prepare(self._engine, wait_seconds)
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @classmethod
    def from_settings(cls, settings: DatabaseSettings) -> Self:
        """The configured database of a service or command."""
        return cls(settings.database_url, settings.database_pool_size, settings.database_wait_seconds)

    @property
    def where(self) -> str:
        """Its file, or its address without the password, for people."""
        if self.dialect == "sqlite":
            return str(self.file)
        return self._engine.url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; ``None`` on PostgreSQL."""
        return Path(self._engine.url.database or "") if self.dialect == "sqlite" else None

    @contextmanager
    def write(self, deadline: float = math.inf) -> Iterator[sa.Connection]:
        """A write transaction: commits at the end of the block, rolls back on an exception.

        :raises BusyError: other writers did not finish in time; nothing was written.
        """
        if self._whole is not None:
            with self._whole.begin_nested():
                yield self._whole
            return
        deadline = min(deadline, time.monotonic() + self.wait_seconds)
        try:
            with self._turn(deadline), self._engine.connect() as connection:
                if self.dialect == "sqlite":
                    sqlite.wait_at_most(connection, _left(deadline))
                with connection.begin():
                    if self.dialect == "postgresql":
                        _driver().wait_at_most(connection, _left(deadline))
                    yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError) as error:
            self.refused = f"{type(error.orig).__name__}: {error.orig}"[:200]
            raise
        self.refused, self.written = None, time.monotonic()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Makes all transactions of the block parts of one, which commits at its end, or rolls back as a whole.

        For a verb that works alone: every transaction of this object takes part, whatever thread begins it.
        """
        with self.write() as connection:
            self._whole = connection
            try:
                yield
            finally:
                self._whole = None

    @contextmanager
    def _turn(self, deadline: float) -> Iterator[None]:
        """Queues the writers of a process. SQLite itself would let them sleep and try again."""
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
        if self._whole is not None:
            yield self._whole
            return
        with self._reader.connect() as connection, connection.begin():
            if self.dialect == "postgresql":
                _driver().read_patiently(connection)
            yield connection

    @contextmanager
    def reading(self, connection: sa.Connection | None) -> Iterator[sa.Connection]:
        """The given connection, or a new read transaction."""
        if connection is not None:
            yield connection
        else:
            with self.read() as own:
                yield own

    def check_pooler(self) -> None:
        """Checks, once, that there is no unsuitable connection pooler in front of PostgreSQL.

        :raises RefusedSettingError: a pooler mixes the prepared statements of its clients.
        """
        if self.dialect == "postgresql" and not self._checked:
            _driver().check_pooler(self._engine)
            self._checked = True

    def create(self, metadata: sa.MetaData) -> None:
        """Creates missing tables; two processes may do so at once.

        :raises RefusedSettingError: a pooler mixes the prepared statements of its clients.
        """
        self.check_pooler()
        with self.write() as connection:
            if self.dialect == "postgresql":
                # Otherwise two processes could both find a table missing. The number is arbitrary, but the same in all.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(230509)"))
            metadata.create_all(connection, checkfirst=True)

    def touch(self, connection: sa.Connection) -> None:
        """Makes the transaction write to disk when it commits, although it changes nothing."""
        if self.dialect == "sqlite":
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
        else:
            connection.exec_driver_sql("SELECT pg_current_xact_id()")

    def inspect(self, ended: Event) -> None:
        """Checks the structure of an SQLite file, which reads all of it; ``damage`` has the result.

        :param ended: set it to cancel the check.
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
        """Closes all pooled connections."""
        self._engine.dispose()


def _driver() -> Any:  # noqa: ANN401 - a module
    """What is PostgreSQL's own. Its driver is a tenth of what a service imports, and on SQLite not needed."""
    from ksad.chassis.database import postgresql  # noqa: PLC0415 - as just said

    return postgresql


def _left(deadline: float) -> float:
    return max(SHORTEST_SECONDS, deadline - time.monotonic())
