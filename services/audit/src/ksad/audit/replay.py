"""Replays an archive into a fresh SQLite file with the same projections that the platform runs; compares two days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.audit.replayed import ReplayFile, UndoableRows
from ksad.ledger.collection import without_collection
from ksad.ledger.folds.digest import digest
from ksad.ledger.folds.folding import Fold, PoisonError, decode, fold
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.rows import Traced
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path
    from types import TracebackType
    from typing import Self

PAGE = 200
"""How many entries are folded at once: so few that they stay in the processor's cache."""
REASON_MAX = 500
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
    """Fold leaves into a fresh SQLite file, a table for each table of the projections.

    :raises FileExistsError: there is such a file already.
    """
    with without_collection(), Replay(leaves, file) as done:
        done.fold_to()
        return done.replayed()


class Replay:
    """The projections of a log: folded in memory, written into an SQLite file.

    What this code cannot fold is parked as the platform's runner parks it: the stream stays as it was before that
    entry, in the projection that could not fold it. A replay that meets such an entry begins again, and from then on
    keeps a copy of every row that an entry changes, to take a half-folded one back.
    """

    def __init__(self, leaves: Leaves, file: Path) -> None:
        """:raises FileExistsError: there is such a file already."""
        self._leaves = leaves
        self._file = ReplayFile(file, PROJECTIONS)
        self._careful = False
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close(keep=error is None)

    def _begin(self) -> None:
        self.entries = 0
        self._parked: dict[str, str] = {}
        histories = Histories(self._leaves())
        self._rows = self._file.begin(histories, undoable=self._careful)
        self._folds = [Fold(one, self._rows[one.name]) for one in PROJECTIONS]
        self._rest = histories.noting(map(Entry._make, enumerate(self._leaves())))

    def fold_to(self, size: int | None = None) -> None:
        """Fold until so many entries are folded, or all."""
        while page := list(islice(self._rest, PAGE if size is None else min(PAGE, size - self.entries))):
            try:
                self._fold_carefully(page) if self._careful else fold(self._folds, page)
            except PoisonError:
                self._careful = True
                self._begin()
                continue
            self.entries += len(page)
            self._file.spool()

    def _fold_carefully(self, page: Sequence[Entry]) -> None:
        for entry in page:
            while True:
                try:
                    fold(self._folds, [entry])
                except PoisonError as poison:
                    self._settle(undo=True)
                    next(one for one in self._folds if one.projection.name == poison.projection).parked.add(
                        poison.stream
                    )
                    self._parked[poison.stream] = poison.reason[:REASON_MAX]
                else:
                    self._settle(undo=False)
                    break

    def _settle(self, *, undo: bool) -> None:
        for rows in self._rows.values():
            if isinstance(rows, UndoableRows):
                rows.settle(undo=undo)

    def replayed(self) -> Replayed:
        """Write the rows as they are now; their digest."""
        self._file.write()
        found = digest(PROJECTIONS, lambda _, table: self._file.rows(table))
        return Replayed(self.entries, found.sha256, found.rows, self._parked)


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
        rows = Traced(projection.tables, lambda stream, _until: streams.get(stream, []))
        folds.append(Fold(projection, rows))
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
