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
"""Entries written at a time: sixteen full bundles, which bounds the memory used."""


class TileFolder(Tiles):
    """The tiles of one log in a folder. Tiles can be computed again from the leaves, so writes are not synced."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    @property
    def checkpoint(self) -> Path:
        """The file of the signed checkpoint."""
        return self.folder / "checkpoint"

    def write(self, tile: Tile, content: bytes) -> None:
        """Writes a tile atomically."""
        path = self.folder / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            pending.write_bytes(content)
            # Renamed into place, so that no reader ever sees half a tile.
            pending.replace(path)
        finally:
            pending.unlink(missing_ok=True)

    def append(self, size: int, entries: Iterable[bytes], *, bundles: bool = True) -> Frontier:
        """Appends entries to the log of ``size`` entries in this folder; returns the new frontier.

        Full tiles are written as they fill, partial tiles for the final size only. Memory use does not grow with the
        number of entries.

        :param bundles: whether to write the entries themselves, too.
        :raises TileError: the folder does not have the edge of a log of this size, or an entry is too long.
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
