"""A log as static files (C2SP tlog-tiles): ``checkpoint`` and ``tile/…`` below one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.canonical import decimal
from ksad.ledger.log.errors import TileError
from ksad.ledger.log.tiles import BUNDLE_MAX, ENTRIES, TILE_MAX, WIDTH, Tile, bundle, parse_bundle, parse_tile
from ksad.ledger.log.tree import HASH_SIZE

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

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
