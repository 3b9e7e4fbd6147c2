"""Compares the projections of two days, and names the entries behind each difference."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.audit.parking import Folding
from ksad.audit.replayed import ComparedRows, ReplayFile
from ksad.ledger.collection import without_collection
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ksad.audit.parking import Leaves
    from ksad.ledger.folds.rows import Row


class Cause(NamedTuple):
    """An entry that changed a row: its index and its event type."""

    entry: int
    type: str


class Change(NamedTuple):
    """A row that differs between two days. ``before`` or ``after`` is ``None`` where the row did not exist."""

    table: str
    key: tuple[Any, ...]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    causes: list[Cause]


class Difference(NamedTuple):
    """The changed rows. ``parked`` has the reason for each stream that this release could not fold completely."""

    changes: list[Change]
    parked: dict[str, str]


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:  # noqa: ANN401 - JSON values
    """The innermost parts in which two JSON values differ: the path of each, and its value on either side."""
    if before == after:
        return
    inner: list[tuple[str, Any, Any]] = []
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        left, right = before or {}, after or {}
        for name in sorted({*left, *right}):
            inner += differences(left.get(name), right.get(name), f"{path}.{name}" if path else name)
    yield from inner or [(path, before, after)]


def diff(leaves: Leaves, first: int, second: int) -> Difference:
    """The rows that differ between the first ``first`` and the first ``second`` leaves of a log.

    Each comes with the entries in between that wrote it. Memory holds copies of the rows that changed, and some of
    the others; the rest is in a temporary file.
    """
    with without_collection():
        try:
            # Copying every row before it is changed takes time, and is needed only to park an entry that cannot be
            # folded.
            return _diff(leaves, first, second, undoable=False)
        except PoisonError:
            return _diff(leaves, first, second, undoable=True)


def _diff(leaves: Leaves, first: int, second: int, *, undoable: bool) -> Difference:
    with TemporaryDirectory(prefix="ksad-diff-") as folder:
        file = ReplayFile(Path(folder) / "rows.sqlite", PROJECTIONS)
        file.create()
        try:
            return _between(leaves, first, second, file, undoable=undoable)
        finally:
            file.close(keep=False)


def _between(leaves: Leaves, first: int, second: int, file: ReplayFile, *, undoable: bool) -> Difference:
    histories = Histories(islice(leaves(), second))
    rows = {one.name: ComparedRows(one.tables, histories, file, undoable=undoable) for one in PROJECTIONS}
    folding = Folding(rows, list(rows.values()) if undoable else ())
    kinds: dict[int, str] = {}
    for entry in histories.noting(map(Entry._make, enumerate(islice(leaves(), second)))):
        if entry.number >= first:
            kinds[entry.number] = orjson.loads(entry.raw)["type"]
        for one in rows.values():
            one.begin(entry.number, compared=entry.number >= first)
        folding.fold([entry])
        for one in rows.values():
            one.spill()
    changes = [change for one in rows.values() for change in _changes(one, kinds)]
    return Difference(sorted(changes, key=lambda one: repr((one.table, one.key))), folding.parked)


def _changes(rows: ComparedRows, kinds: Mapping[int, str]) -> Iterator[Change]:
    for (table, key), before in rows.before.items():
        old, new = _plain(before), _plain(rows.now(table, key))
        if old != new:
            causes = [Cause(number, kinds[number]) for number in rows.touched.get((table, key), [])]
            yield Change(table, key, old, new, causes)


def _plain(row: Row | None) -> Any:  # noqa: ANN401 - a JSON value
    return None if row is None else orjson.loads(orjson.dumps(row, option=orjson.OPT_SORT_KEYS))
