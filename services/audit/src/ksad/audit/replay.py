"""Replays an archive into a new SQLite file, with the same projections as the platform."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson

from ksad.audit.parking import Folding
from ksad.audit.replayed import ReplayFile, UndoableRows
from ksad.ledger.collection import without_collection
from ksad.ledger.folds.digest import digest, order
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from ksad.audit.parking import Leaves

PAGE = 200
"""Entries folded at a time: few enough to stay in the processor's cache."""
DAY_PASSED = "ksad.calendar.day_passed.v1"


class NoSuchDayError(LookupError):
    """The archive does not cover the day: no day on or before it has passed in the log, or it lies in the future."""


class Replayed(NamedTuple):
    """The result of a replay: entries folded, digest of all rows, number of rows by projection, parked streams."""

    entries: int
    digest: str
    rows: dict[str, int]
    parked: dict[str, str]


def known_on(leaves: Iterable[bytes], day: date) -> int:
    """The number of leaves known on a day: up to and including its ``day_passed``, or the last such event before it.

    :raises NoSuchDayError: no day on or before it has passed, or the log ends before it.
    """
    size, newest = 0, ""
    wanted = day.isoformat()
    for number, raw in enumerate(leaves):
        # A search for bytes is far cheaper than decoding. A text of an event may contain them, so the type decides.
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
    """The facts that had occurred by a day (``occurredon``), whenever they were recorded."""
    wanted = day.isoformat()
    for raw in leaves:
        if orjson.loads(raw)["occurredon"] <= wanted:
            yield raw


def replay(leaves: Leaves, file: Path) -> Replayed:
    """Folds leaves into a new SQLite file with one table per table of the projections.

    :raises FileExistsError: the file exists.
    """
    with without_collection(), Replay(leaves, file) as done:
        done.fold_to()
        return done.replayed()


class Replay:
    """Projections of a log, folded into an SQLite file; what changes often is in memory.

    An entry that this release cannot fold parks its stream in that projection, as in the service: the stream's rows
    stay as they were before the entry. A replay that meets such an entry starts again, and then copies every row that
    an entry changes, so that the changes can be undone.
    """

    def __init__(self, leaves: Leaves, file: Path) -> None:
        """:raises FileExistsError: the file exists."""
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
        """Folds until ``size`` entries are folded, or all."""
        while page := list(islice(self._rest, PAGE if size is None else min(PAGE, size - self.entries))):
            try:
                self._folding.fold(page)
            except PoisonError:
                # Only now rows are copied before they change: most logs have no entry that this release cannot fold.
                self._begin(undoable=True)
                continue
            self.entries += len(page)
            self._file.spool()

    def replayed(self) -> Replayed:
        """Writes the rows as they are now, and returns their digest."""
        self._file.write()
        found = digest(PROJECTIONS, lambda _, table: self._file.rows(table, order(table)))
        return Replayed(self.entries, found.sha256, found.rows, self._folding.parked)
