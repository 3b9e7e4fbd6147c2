"""Writes the tiles of one log into a folder (C2SP tlog-tiles)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from ksad.ledger.log.folder import Tiles
from ksad.ledger.log.growth import Bundles, TileTree
from ksad.ledger.log.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ksad.ledger.log.tiles import Tile
    from ksad.ledger.log.tree import Frontier

BATCH = 4096
"""Entries written at a time: at most sixteen full bundles in memory."""


class TileFolder(Tiles):
    """The tiles of one log in a folder. They can always be written again from the leaves, so nothing waits for disk."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    @property
    def checkpoint(self) -> Path:
        """The file of the signed head."""
        return self.folder / "checkpoint"

    def write(self, tile: Tile, content: bytes) -> None:
        """Put a tile into its place, whole or not at all."""
        path = self.folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        pending.write_bytes(content)
        pending.replace(path)

    def append(self, size: int, entries: Iterable[bytes], *, bundles: bool = True) -> Frontier:
        """Append entries to the log of ``size`` entries in this folder; memory does not grow with their number.

        Full tiles are written as they fill, partial ones for the last size only. ``bundles=False`` leaves the entries
        out, for a log whose leaves are kept in another form.

        :raises TileError: what is there is not the edge of a log of this size, or an entry is too long.
        """
        tree = TileTree.resume(size, self.read)
        bodies = Bundles.resume(size, self.read) if bundles else None
        batch = list[bytes]()
        for entry in entries:
            batch.append(entry)
            if len(batch) == BATCH:
                self._append(tree, bodies, batch)
                batch = []
        self._append(tree, bodies, batch)
        for tile, content in [*tree.edge(), *(bodies.edge() if bodies else [])]:
            self.write(tile, content)
        return tree.frontier()

    def _append(self, tree: TileTree, bodies: Bundles | None, entries: list[bytes]) -> None:
        full = bodies.append(entries) if bodies else []
        for tile, content in [*full, *tree.append(map(leaf_hash, entries))]:
            self.write(tile, content)
