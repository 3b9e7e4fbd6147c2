"""SQLite: write-ahead log, durable commits, and files that only their owner can read."""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ksad.chassis.database.errors import BusyError
from ksad.chassis.environment import RefusedSettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

OWNER_ONLY = 0o600
PRIMARY = 0xFF
"""The mask of the primary result code; the other bits are the extended code."""
INSPECTION_STEPS = 100_000
"""Instructions of SQLite's virtual machine between two checks for cancellation."""
SWITCH_SECONDS = 2.0
"""How long a new connection tries to switch the file to a write-ahead log while others do so, too."""
CREATING = Lock()
READ_ONLY = "ksad_read_only"
"""The execution option that marks connections for reading."""


def prepare(engine: sa.Engine, damaged: Callable[[str], None]) -> None:
    """Sets up the engine: how connections are opened and transactions begun.

    :param damaged: called when a statement finds the file corrupt or not a database.
    """

    @sa.event.listens_for(engine, "do_connect")
    def _open(_dialect: object, _record: object, arguments: list[Any], _options: dict[str, Any]) -> None:
        keep_private(Path(arguments[0]))

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection
        # Else the driver would begin transactions by itself, and only before the first change.
        connection.isolation_level = None
        cursor = connection.cursor()
        mode = _keep_log(cursor)
        if mode != "wal":
            message = f"SQLite journal mode is {mode}, not WAL: put the database on a local disk"
            raise RefusedSettingError(message)
        # NORMAL, the usual choice with WAL, can lose the last commits in a power failure.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")  # 64 MiB
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


def _keep_log(cursor: sqlite3.Cursor) -> str:
    """Switches a file to a write-ahead log, and returns the mode that it has then.

    While two connections switch a new file at once, SQLite refuses one of them without calling its busy handler.
    """
    ends = time.monotonic() + SWITCH_SECONDS
    while True:
        try:
            return str(cursor.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY != sqlite3.SQLITE_BUSY or time.monotonic() > ends:
                raise
        time.sleep(0.01)


def wait_at_most(connection: sa.Connection, seconds: float) -> None:
    """Limits the wait for another process's transaction before the own one begins."""
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}")


def inspect(connection: sa.Connection, ended: Event) -> str | None:
    """The first fault in the structure of the file; ``None`` if there is none or the check was cancelled."""
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
    """Creates the database file if it is missing, and restricts it (and with it SQLite's other files) to its owner."""
    # Closing a file releases all POSIX locks that the process has on it, so a file that SQLite may have open must not
    # be opened here (sqlite.org/howtocorrupt.html, 2.2). The lock delays connections until the new file is closed.
    with CREATING:
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        except FileExistsError:
            found = file.stat()
            if stat.S_IMODE(found.st_mode) & ~OWNER_ONLY and found.st_uid == os.geteuid():
                file.chmod(OWNER_ONLY)
