"""Compares the leaves here with a head that was signed or claimed, and names the first one that differs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ksad.ledger.log.errors import RolledBackError, TileError
from ksad.ledger.log.fault import first_wrong
from ksad.ledger.log.reader import rebuild
from ksad.ledger.log.tiles import WIDTH, new_tiles
from ksad.ledger.log.tree import Frontier
from ksad.reporting.journal import NATIONAL

if TYPE_CHECKING:
    from ksad.ledger.log.tree import TreeHead
    from ksad.reporting.checkpoints.leaves import LogLeaves
    from ksad.reporting.checkpoints.tile_folder import TileFolder


class LogComparison:
    """Compares logs with heads; that of the national log with the help of its published tiles."""

    def __init__(self, leaves: LogLeaves, tiles: TileFolder) -> None:
        self._leaves = leaves
        self._tiles = tiles

    def verified(self, log: str, last: TreeHead, size: int) -> Frontier:
        """Recomputes the tree of a head, signed or claimed, from the journal or feed.

        :raises RolledBackError: entries are missing or differ from those signed.
        """
        if size < last.size:
            where = self._missing(last, size) if log == NATIONAL else range(size, size + 1)
            what = "not here: an older backup was restored" if where == range(size, size + 1) else "others, or not here"
            raise RolledBackError(
                f"{log}: {size} entries here, {last.size} were signed, {_from(where)} they are {what}. Refill from the "
                "stream, a newer backup or an archive (docs/auditing.md); nothing is signed until then"
            )
        if log != NATIONAL:
            tree = Frontier.empty().extended(self._leaves.hashes(log, 0, last.size))
            if tree.root() != last.root:
                raise self._changed(log, last.size, None)
            return tree
        try:
            return rebuild(last, self._tiles.read, self._leaves.hashes(NATIONAL, 0, last.size))
        except TileError as error:
            wrong = self._first_wrong(last, error, last.size)
            if wrong is not None:
                raise self._changed(log, last.size, wrong) from error
        # All leaves are those that were signed, only tiles are damaged or missing; they are computed again.
        shutil.rmtree(self._tiles.folder / "tile", ignore_errors=True)
        return self.extend_tiles(0, last.size)

    def _missing(self, signed: TreeHead, size: int) -> range:
        """The range of the first entry that is missing or differs, in a journal with fewer entries than were signed."""
        try:
            rebuild(signed, self._tiles.read, self._leaves.hashes(NATIONAL, 0, size))
        except TileError as error:
            return self._first_wrong(signed, error, size) or range(size)
        return range(size, size + 1)

    def _first_wrong(self, signed: TreeHead, error: TileError, size: int) -> range | None:
        return first_wrong(signed, self._tiles.read, error, size, lambda: self._leaves.hashes(NATIONAL, 0, size))

    def _changed(self, log: str, size: int, where: range | None) -> RolledBackError:
        first = "" if where is None else f", {_from(where)}"
        return RolledBackError(
            f"{log}: the first {size} entries are not those that were signed{first}. Compare with `ksad audit "
            "reconcile` and an archive, and restore (docs/auditing.md); nothing is signed until then"
        )

    def hold(self, log: str, tree: Frontier, claimed: TreeHead) -> None:
        """Compares the tree here, of as many leaves, with a head that another machine has claimed.

        :raises RolledBackError: they differ.
        """
        if tree.head() != claimed:
            raise RolledBackError(
                f"{log}: another machine has claimed the head of {claimed.size} entries, and they are not those here. "
                "Two databases go by one name: stop this service, find out which is the ministry's, and keep the "
                "other for the auditor (docs/operating.md); nothing is signed here until then"
            )

    def extend_tiles(self, start: int, end: int) -> Frontier:
        """Writes the tiles of the national log's leaves [start, end); returns its frontier."""
        after = self._tiles.append(start, self._leaves.national(start, end), bundles=False)
        for tile in new_tiles(start, end):
            if tile.width == WIDTH:
                # C2SP tlog-tiles allows partial tiles to be deleted once a wider one exists.
                shutil.rmtree(self._tiles.folder / f"{tile.path}.p", ignore_errors=True)
        return after


def _from(where: range) -> str:
    """Words for a range: one entry, or one of several."""
    return f"from entry {where[0]} on" if len(where) == 1 else f"from one of the entries {where[0]} to {where[-1]} on"
