"""Folds a log into all projections. Streams that this release cannot fold are parked, as in the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.poison import PoisonError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.audit.replayed import UndoableRows
    from ksad.ledger.folds.rows import Rows
    from ksad.ledger.log.entries import Entry

# The length at which the service cuts the reason, too.
REASON_MAX = 500
Leaves = Callable[[], Iterable[bytes]]
"""Returns the leaves from the first on; may be called repeatedly."""


class Folding:
    """Folds entries into all projections. ``parked`` has the reason for each parked stream.

    :param rows: the rows of each projection, by its name.
    :param undoable: the same rows if they can undo the changes of an entry; without them no stream can be parked.
    """

    def __init__(self, rows: Mapping[str, Rows], undoable: Sequence[UndoableRows] = ()) -> None:
        self.parked: dict[str, str] = {}
        self._folds = [Fold(one, rows[one.name]) for one in PROJECTIONS]
        self._undoable = undoable

    def fold(self, entries: Sequence[Entry]) -> None:
        """Folds entries, in order.

        :raises PoisonError: an entry cannot be folded and there are no undoable rows.
        """
        if not self._undoable:
            fold(self._folds, entries)
            return
        for entry in entries:
            while not self._folded(entry):
                pass

    def _folded(self, entry: Entry) -> bool:
        """Folds one entry; ``False`` if one more projection parked its stream. The others then have to try again."""
        try:
            fold(self._folds, [entry])
        except PoisonError as poison:
            self._settle(undo=True)
            next(one for one in self._folds if one.projection.name == poison.projection).parked.add(poison.stream)
            told = f"entry {entry.number}, {poison.kind}: {poison.reason}"
            self.parked.setdefault(poison.stream, told[:REASON_MAX])
            return False
        self._settle(undo=False)
        return True

    def _settle(self, *, undo: bool) -> None:
        for rows in self._undoable:
            rows.settle(undo=undo)
