"""A log as static files (C2SP tlog-tiles): ``checkpoint`` and ``tile/…`` below one folder."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from reporting.transparency.canonical import decimal
from reporting.transparency.errors import TileError
from reporting.transparency.growth import Bundles, TileTree
from reporting.transparency.tiles import (
    BUNDLE_MAX,
    ENTRIES,
    TILE_MAX,
    WIDTH,
    Tile,
    bundle,
    parse_bundle,
    parse_tile,
)
from reporting.transparency.tree import HASH_SIZE, Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable
    from pathlib import Path

BATCH = 4096
"""Entries written at a time: at most sixteen full bundles in memory."""


class Tiles:
    """Reads the tiles of one log, in a folder or inside an archive."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder

    def read(self, tile: Tile) -> bytes:
        """The bytes of exactly this tile; of a partial one that is not here, the beginning of a wider one.

        :raises TileError: it is not there, or its length or entries are not a tile's.
        """
        most = BUNDLE_MAX if tile.level == ENTRIES else TILE_MAX
        found = tile
        try:
            file = (self._folder / tile.path).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            found = self._wider(tile)
            file = (self._folder / found.path).open("rb")
        with file:
            content = file.read(most + 1)
        try:
            if tile.level == ENTRIES:
                entries = parse_bundle(content, found.width)
                return content if found == tile else bundle(entries[: tile.width])
            parse_tile(content, found.width)
        except TileError as error:
            raise TileError(f"{tile.path}: {error}", tile.first) from error
        return content[: tile.width * HASH_SIZE]

    def _wider(self, tile: Tile) -> Tile:
        """The full tile, or else the narrowest partial one that holds this one."""
        full = tile._replace(width=WIDTH)
        if (self._folder / full.path).is_file():
            return full
        partial = self._folder / f"{full.path}.p"
        names = [path.name for path in partial.iterdir()] if partial.is_dir() else []
        wider = [width for name in names if tile.width < (width := decimal(name) or 0) < WIDTH]
        if not wider:
            raise TileError(f"{tile.path}: missing", tile.first)
        return tile._replace(width=min(wider))


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
