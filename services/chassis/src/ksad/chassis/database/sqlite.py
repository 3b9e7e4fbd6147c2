"""SQLite: write-ahead log, every commit on the disk, and a file that its owner alone can read."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ksad.chassis.database.errors import BusyError
from ksad.chassis.settings import RefusedSettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

OWNER_ONLY = 0o600
PRIMARY = 0xFF
"""The part of a result code that says what happened; the rest says where."""
INSPECTION_STEPS = 100_000
"""Steps of SQLite's machine between two looks whether an inspection is still wanted."""
CREATING = Lock()
READ_ONLY = "ksad_read_only"
"""The execution option of connections that only read."""


def prepare(engine: sa.Engine, damaged: Callable[[str], None]) -> None:
    """Have the engine's connections opened and its transactions begun as this module says.

    :param damaged: told when a statement finds the file to be no sound database.
    """

    @sa.event.listens_for(engine, "do_connect")
    def _open(_dialect: object, _record: object, arguments: list[Any], _options: dict[str, Any]) -> None:
        keep_private(Path(arguments[0]))

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        connection.isolation_level = None
        cursor = connection.cursor()
        mode = cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            message = f"SQLite journal mode is {mode}, not WAL: put the database on a local disk"
            raise RefusedSettingError(message)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN DEFERRED" if read_only else "BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "handle_error")
    def _tell(context: sa.engine.ExceptionContext) -> None:
        error = context.original_exception
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & PRIMARY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BusyError(str(error)) from error
        if code is not None and code & PRIMARY in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            damaged(str(error))
            raise sa.exc.OperationalError(context.statement, None, error) from error


def wait_at_most(connection: sa.Connection, seconds: float) -> None:
    """Bound the wait for the transaction of another process, before the own one begins."""
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def inspect(connection: sa.Connection, ended: Event) -> str | None:
    """The first fault in the structure of the file, or None; also None when nobody wants to know any more."""
    driver = connection.connection.driver_connection
    if driver is None:
        return None
    driver.set_progress_handler(ended.is_set, INSPECTION_STEPS)
    try:
        found = str(driver.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return None if error.sqlite_errorcode & PRIMARY == sqlite3.SQLITE_INTERRUPT else str(error)
    finally:
        driver.set_progress_handler(None, 0)
    return None if found == "ok" else found


def keep_private(file: Path) -> None:
    """Make the database's file if it is missing; its owner alone can read it, and SQLite's other files beside it."""
    # Whoever closes a file loses all locks that the process has on it: where SQLite may have it open, nobody else opens
    # it (sqlite.org/howtocorrupt.html, 2.2). The lock keeps a first connection waiting until the new file is closed.
    with CREATING:
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        except FileExistsError:
            found = file.stat()
            if stat.S_IMODE(found.st_mode) & ~OWNER_ONLY and found.st_uid == os.geteuid():
                file.chmod(OWNER_ONLY)
