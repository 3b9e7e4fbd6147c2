"""Errors of this package besides SQLAlchemy's."""

from __future__ import annotations

import errno
import sqlite3

import sqlalchemy as sa

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG}
DISK_FULL = "53100"
"""PostgreSQL's SQLSTATE."""
PRIMARY = 0xFF


class BusyError(sa.exc.TimeoutError):
    """A lock or a connection was not available within the allowed time."""


def is_full(error: BaseException) -> bool:
    """Whether something could not be written because a disk has no room, a quota is used up, or it may not be written.

    :param error: what writing a file or a transaction raised.
    """
    if isinstance(error, sa.exc.DBAPIError):
        cause = error.orig
        code = getattr(cause, "sqlite_errorcode", None)
        full = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY)
        return (code is not None and code & PRIMARY in full) or getattr(cause, "sqlstate", None) == DISK_FULL
    return isinstance(error, OSError) and error.errno in FULL


def wrong(error: sa.exc.DBAPIError, where: str) -> str:
    """What is wrong with a database in one sentence: which it is, what it says, and what to do.

    :param where: its file or address.
    """
    said = " ".join(str(error.orig).split())
    code = getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY
    if is_full(error):
        return f"{where} takes nothing ({said}): make room on its disk, or make it writable, and try again"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return f"{where} is damaged ({said}): put back the newest backup of it (docs/operating.md)"
    return f"{where} does not answer, or not as it should ({said}): see that it runs, and that its address is right"
