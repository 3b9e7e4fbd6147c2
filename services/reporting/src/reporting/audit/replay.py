"""Replays an archive into a fresh SQLite file with the same projections that the platform runs; compares two days."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from chassis.database import Database
from reporting.journal import Entry, Journal
from reporting.projections import PROJECTIONS
from reporting.projections import generations as books
from reporting.projections.folding import Fold, decode, fold
from reporting.projections.generations import Generation
from reporting.projections.rows import Traced
from reporting.projections.runner import REBUILD_BATCH, Runner
from reporting.work import without_collection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

NAMED = {projection.name: projection for projection in PROJECTIONS}
CORRECTED = b".corrected.v"
DAY_PASSED = "ksad.calendar.day_passed.v1"


Leaves = Callable[[], Iterable[bytes]]
"""Gives the leaves from the first on, each time it is called."""


class NoSuchDayError(LookupError):
    """The archive has no passed day on or before the date that was asked for."""


class Replayed(NamedTuple):
    """What a replay gave; ``parked`` are the streams that this code could not fold to their end, and why."""

    entries: int
    digest: str
    rows: dict[str, int]
    parked: dict[str, str]


class Cause(NamedTuple):
    """An entry that changed a row, and what kind of fact it is."""

    entry: int
    type: str


class Change(NamedTuple):
    """A row that differs between two days, and the entries that changed it."""

    table: str
    key: tuple[Any, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    causes: list[Cause]


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - JSON values
    """Where two values differ: the path to each innermost part, and what stands there on either side."""
    if before == after:
        return
    inner: list[tuple[str, Any, Any]] = []
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        left, right = before or {}, after or {}
        for name in sorted({*left, *right}):
            inner += differences(left.get(name), right.get(name), f"{path}.{name}" if path else name)
    yield from inner or [(path, before, after)]


def known_on(leaves: Iterable[bytes], day: date) -> int:
    """How many entries were known on a day: the prefix through its ``day_passed``, or the last one before it.

    :raises NoSuchDayError: no day on or before it has passed, or it has not passed itself.
    """
    size, newest = 0, ""
    wanted = day.isoformat()
    for number, raw in enumerate(leaves):
        if DAY_PASSED.encode() in raw:
            event = orjson.loads(raw)
            if event["type"] == DAY_PASSED:
                newest = max(newest, event["data"]["day"])
                if event["data"]["day"] <= wanted:
                    size = number + 1
    if size == 0:
        message = f"no day on or before {wanted} has passed in this archive"
        raise NoSuchDayError(message)
    if newest < wanted:
        message = f"the newest day that has passed in this archive is {newest}: nothing in it tells of {wanted}"
        raise NoSuchDayError(message)
    return size


def occurred_by(leaves: Iterable[bytes], day: date) -> Iterator[bytes]:
    """The facts that had occurred by a day, whenever they were recorded."""
    wanted = day.isoformat()
    for raw in leaves:
        if orjson.loads(raw)["occurredon"] <= wanted:
            yield raw


def replay(leaves: Leaves, file: Path) -> Replayed:
    """Fold leaves into a fresh SQLite file and give the digest of its rows.

    :raises FileExistsError: there is such a file already.
    """
    if file.exists():
        raise FileExistsError(f"{file} is there already: name a new file")
    database = Database(f"sqlite:///{file}")
    try:
        with without_collection():
            journal = Replay(database, leaves)
            runner = Runner(database, journal)
            runner.catch_up(REBUILD_BATCH)
            with database.read() as connection:
                return digest(connection)
    finally:
        database.close()


class Replay(Journal):
    """A journal whose entries are leaves: read in order, page by page, and kept nowhere."""

    def __init__(self, database: Database, leaves: Leaves) -> None:
        super().__init__(database)
        self.count = 0
        corrected = set()
        for self.count, raw in enumerate(leaves(), 1):
            if CORRECTED in raw:
                corrected.add(orjson.loads(raw)["subject"])
        self._histories: dict[str, list[tuple[int, dict[str, Any]]]] = {stream: [] for stream in corrected}
        self._rest = (Entry(number, raw) for number, raw in enumerate(leaves()))
        self._page: list[Entry] = []

    def size(self, connection: sa.Connection) -> int:
        """How many leaves there are."""
        del connection
        return self.count

    def entries(self, connection: sa.Connection, after: int, limit: int) -> list[Entry]:
        """The page from ``after`` on: the next one, or once more the one that was given last."""
        del connection
        if not self._page or after != self._page[0].number:
            self._page = list(islice(self._rest, min(limit, self.count - after)))
            self._remember(self._page)
        return self._page

    def _remember(self, entries: Iterable[Entry]) -> None:
        """Keep the events of the streams that have corrections: those streams are folded again."""
        if not self._histories:
            return
        for entry in entries:
            event = orjson.loads(entry.raw)
            if event["subject"] in self._histories:
                self._histories[event["subject"]].append((entry.number, event))

    def history(self, connection: sa.Connection, stream: str, until: int) -> list[dict[str, Any]]:
        """The events of a stream up to an entry."""
        del connection
        return [event for number, event in self._histories.get(stream, ()) if number <= until]


def digest(connection: sa.Connection) -> Replayed:
    """The digest of all live rows of one moment, in the database of a replay or of a platform.

    :raises LookupError: the projections are not all at one entry.
    """
    found = hashlib.sha256()
    rows: dict[str, int] = {}
    live = books.live(connection)
    if len({generation.position for generation in live}) != 1:
        raise LookupError("the projections are not all at one entry")
    for generation in live:
        lines = books.dump(connection, NAMED[generation.name], generation)
        rows[generation.name] = len(lines)
        for line in lines:
            found.update(line)
    parked = {row["stream"]: row["reason"] for row in books.parked_list(connection)}
    return Replayed(live[0].position, found.hexdigest(), rows, parked)


def _snapshot(folds: list[Fold]) -> dict[tuple[str, tuple[Any, ...]], bytes]:
    return {
        (table.name, key): orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
        for one in folds
        for table in one.projection.tables
        for key, row in one.rows.every(table.name)
    }


def diff(leaves: Leaves, first: int, second: int) -> Iterator[Change]:
    """The rows that differ between two prefixes, each with the entries in between that wrote it."""
    folds: list[Fold] = []
    traced: list[Traced] = []
    streams: dict[str, list[dict[str, Any]]] = {}
    kinds: dict[int, str] = {}
    for projection in PROJECTIONS:
        one = Fold(projection, Generation(projection.name, 0, projection.version, "memory", 0))
        rows = Traced(projection.tables)
        rows.history = lambda stream, _until: streams.get(stream, [])
        one.rows = rows
        folds.append(one)
        traced.append(rows)
    before: dict[tuple[str, tuple[Any, ...]], bytes] = {}
    for number, raw in enumerate(leaves()):
        if number == first:
            before = _snapshot(folds)
            kinds.clear()
            for rows in traced:
                rows.touched.clear()
        if number >= second:
            break
        event = decode(raw)
        streams.setdefault(event["subject"], []).append(event)
        kinds[number] = event["type"]
        for rows in traced:
            rows.entry = number
        fold(folds, [Entry(number, raw)])
    after = _snapshot(folds)
    touched = {name: entries for rows in traced for name, entries in rows.touched.items()}
    for name in sorted(before.keys() | after.keys(), key=repr):
        if before.get(name) != after.get(name):
            old, new = (None if side is None else orjson.loads(side) for side in (before.get(name), after.get(name)))
            causes = [Cause(number, kinds[number]) for number in touched.get(name, [])]
            yield Change(name[0], name[1], old, new, causes)
