"""Replays an archive into a fresh SQLite file with the same projections that the platform runs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from ksad.audit.parking import Folding
from ksad.audit.replayed import ReplayFile, UndoableRows
from ksad.ledger.collection import without_collection
from ksad.ledger.folds.digest import digest
from ksad.ledger.folds.folding import PoisonError
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from ksad.audit.parking import Leaves

PAGE = 200
"""How many entries are folded at once: so few that they stay in the processor's cache."""
DAY_PASSED = "ksad.calendar.day_passed.v1"


class NoSuchDayError(LookupError):
    """The archive has no passed day on or before the date that was asked for."""


class Replayed(NamedTuple):
    """What a replay gave; ``parked`` are the streams that this code could not fold to their end, and why."""

    entries: int
    digest: str
    rows: dict[str, int]
    parked: dict[str, str]


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
        self._begin(undoable=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close(keep=error is None)

    def _begin(self, *, undoable: bool) -> None:
        self.entries = 0
        histories = Histories(self._leaves())
        rows = self._file.begin(histories, undoable=undoable)
        self._folding = Folding(rows, [one for one in rows.values() if isinstance(one, UndoableRows)])
        self._rest = histories.noting(map(Entry._make, enumerate(self._leaves())))

    def fold_to(self, size: int | None = None) -> None:
        """Fold until so many entries are folded, or all."""
        while page := list(islice(self._rest, PAGE if size is None else min(PAGE, size - self.entries))):
            try:
                self._folding.fold(page)
            except PoisonError:
                self._begin(undoable=True)
                continue
            self.entries += len(page)
            self._file.spool()

    def replayed(self) -> Replayed:
        """Write the rows as they are now; their digest."""
        self._file.write()
        found = digest(PROJECTIONS, lambda _, table: self._file.rows(table))
        return Replayed(self.entries, found.sha256, found.rows, self._folding.parked)
