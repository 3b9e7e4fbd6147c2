"""Reads streams of the journal up to a size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.reporting.journal.tables import journal

if TYPE_CHECKING:
    from collections.abc import Iterable

# Values in one IN clause; SQLite's limit on parameters is far above it.
IN_MAX = 500
STREAMS = (
    sa.select(journal.c.stream, journal.c.entry, journal.c.raw)
    .where(journal.c.stream.in_(sa.bindparam("streams", expanding=True)), journal.c.entry < sa.bindparam("size"))
    .order_by(journal.c.stream, journal.c.version)
)
NUMBERS = (
    sa.select(journal.c.stream, journal.c.entry)
    .where(journal.c.stream.in_(sa.bindparam("streams", expanding=True)), journal.c.entry < sa.bindparam("size"))
    .order_by(journal.c.stream, journal.c.version)
)
LAST = (
    sa.select(journal.c.entry, journal.c.raw)
    .where(journal.c.stream == sa.bindparam("stream"), journal.c.entry < sa.bindparam("size"))
    .order_by(journal.c.version.desc())
    .limit(1)
)

Numbered = tuple[int, dict[str, Any]]
"""The index of an entry, and its decoded event."""


def streams(connection: sa.Connection, subjects: Iterable[str], size: int) -> dict[str, list[Numbered]]:
    """The entries of some streams below index ``size``, by stream in the order of versions."""
    found: dict[str, list[Numbered]] = {}
    wanted = list(subjects)
    for start in range(0, len(wanted), IN_MAX):
        rows = connection.execute(STREAMS, {"streams": wanted[start : start + IN_MAX], "size": size})
        for stream, entry, raw in rows:
            found.setdefault(stream, []).append((entry, orjson.loads(bytes(raw))))
    return found


def numbers(connection: sa.Connection, subjects: Iterable[str], size: int) -> dict[str, list[int]]:
    """The indexes below ``size`` of the entries of some streams, by stream in the order of versions."""
    found: dict[str, list[int]] = {}
    wanted = list(subjects)
    for start in range(0, len(wanted), IN_MAX):
        for stream, entry in connection.execute(NUMBERS, {"streams": wanted[start : start + IN_MAX], "size": size}):
            found.setdefault(stream, []).append(entry)
    return found


def newest(connection: sa.Connection, stream: str, size: int) -> Numbered | None:
    """The last entry of a stream below index ``size``."""
    row = connection.execute(LAST, {"stream": stream, "size": size}).one_or_none()
    return None if row is None else (row[0], orjson.loads(bytes(row[1])))
