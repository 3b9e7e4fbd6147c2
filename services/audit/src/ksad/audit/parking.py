"""Folds a log into all projections, and parks what this code cannot fold, as the platform's own runner does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ksad.ledger.folds.folding import Fold, PoisonError, fold
from ksad.ledger.folds.listed import PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.audit.replayed import UndoableRows
    from ksad.ledger.folds.rows import Rows
    from ksad.ledger.log.entries import Entry

REASON_MAX = 500
Leaves = Callable[[], Iterable[bytes]]
"""Gives the leaves from the first on, each time it is called."""


class Folding:
    """All projections, folded into rows by their names. ``parked`` tells which streams wait, and for what.

    :param undoable: the same rows where they can take back half an entry; without them nothing can be parked.
    """

    def __init__(self, rows: Mapping[str, Rows], undoable: Sequence[UndoableRows] = ()) -> None:
        self.parked: dict[str, str] = {}
        self._folds = [Fold(one, rows[one.name]) for one in PROJECTIONS]
        self._undoable = undoable

    def fold(self, entries: Sequence[Entry]) -> None:
        """Fold entries.

        :raises PoisonError: one cannot be folded, and these rows cannot take it back.
        """
        if not self._undoable:
            fold(self._folds, entries)
            return
        for entry in entries:
            while not self._folded(entry):
                pass

    def _folded(self, entry: Entry) -> bool:
        """Fold one entry; False if it was parked in one more projection, and is to be tried again in the others."""
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
