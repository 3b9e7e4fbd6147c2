"""One database per service, SQLite or PostgreSQL, behind the same few calls.

A write transaction is exclusive on SQLite from its first statement (``BEGIN IMMEDIATE``): readers never wait, writers
queue instead of failing half-way. Every commit is durable when it returns (WAL with ``synchronous=FULL``; ``fsync``).
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ksad.chassis.settings import RefusedSettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUSY_TIMEOUT_MS = 30_000
CONNECT_SECONDS = 5
"""How long a PostgreSQL that takes a connection and says nothing is waited for; the driver itself waits two minutes."""
UPSERT_ROWS_MAX = 500


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        connection.isolation_level = None
        cursor = connection.cursor()
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            message = f"SQLite journal mode is {mode}, not WAL: put the database on a local disk"
            raise RefusedSettingError(message)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get("ksad_read_only", False)
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")


class Database:
    """The engine of one service. Connections are SQLAlchemy's; so are the errors, except where a docstring says so."""

    def __init__(self, url: str, pool_size: int = 8) -> None:
        address = sa.make_url(url)
        if address.drivername == "postgresql":
            query = {"connect_timeout": str(CONNECT_SECONDS), **address.query}
            address = address.set(drivername="postgresql+psycopg", query=query)
        self.url = url
        self.dialect: Literal["sqlite", "postgresql"] = (
            "sqlite" if address.get_backend_name() == "sqlite" else "postgresql"
        )
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": True}
        if self.dialect == "sqlite":
            options = {"pool_size": pool_size, "max_overflow": pool_size, "connect_args": {"check_same_thread": False}}
        self._engine = sa.create_engine(address, poolclass=sa.pool.QueuePool, **options)
        self._writing = Lock()
        if self.dialect == "sqlite":
            _prepare_sqlite(self._engine)
            self._reader = self._engine.execution_options(ksad_read_only=True)
        else:
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A write transaction: commits when the block ends, rolls back when it raises."""
        with self._turn(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets waiting writers sleep and try again: those of one process rather queue."""
        if self.dialect == "postgresql":
            yield
            return
        if not self._writing.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            message = "another write transaction of this process does not end"
            raise sa.exc.TimeoutError(message)
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction that sees one consistent state from its first statement on."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def reading(self, connection: sa.Connection | None) -> Iterator[sa.Connection]:
        """The given connection, or a read transaction of its own."""
        if connection is not None:
            yield connection
        else:
            with self.read() as own:
                yield own

    def create(self, metadata: sa.MetaData) -> None:
        """Create the tables that do not exist yet; two processes may do so at once."""
        with self.write() as connection:
            if self.dialect == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(230509)"))
            metadata.create_all(connection, checkfirst=True)

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, or replace the non-key columns of those whose primary key is there; all rows name all columns."""
    for start in range(0, len(rows), UPSERT_ROWS_MAX):
        connection.execute(_upsert(table, connection.dialect.name), rows[start : start + UPSERT_ROWS_MAX])


@cache
def _upsert(table: sa.Table, dialect: str) -> sa.Executable:
    """The statement, made once: making it costs as much as carrying it out for one row."""
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    statement: sa.Executable = (
        insert.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    return statement
