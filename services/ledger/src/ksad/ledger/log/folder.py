"""Reads a log stored as static files (C2SP tlog-tiles): ``checkpoint`` and ``tile/…`` in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.canonical import decimal
from ksad.ledger.log.errors import TileError
from ksad.ledger.log.tiles import BUNDLE_MAX, ENTRIES, TILE_MAX, WIDTH, Tile, bundle, parse_bundle, parse_tile
from ksad.ledger.log.tree import HASH_SIZE

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


class Tiles:
    """Reads the tiles of one log, in a folder or inside an archive."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile of exactly this width; a missing partial tile is cut from a wider one.

        The specification allows partial tiles to be deleted once a wider one exists.

        :raises TileError: there is no such tile, or its length or entries do not fit its width.
        """
        most = BUNDLE_MAX if tile.level == ENTRIES else TILE_MAX
        found = tile
        try:
            file = (self._folder / tile.path).open("rb")
        except (FileNotFoundError, IsADirectoryError):
            found = self._wider(tile)
            file = (self._folder / found.path).open("rb")
        with file:
            # One byte more than allowed shows that a file is too large, without reading all of it.
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
        """The full tile, or otherwise the narrowest partial tile that is wider than this one."""
        full = tile._replace(width=WIDTH)
        if (self._folder / full.path).is_file():
            return full
        partial = self._folder / f"{full.path}.p"
        names = [path.name for path in partial.iterdir()] if partial.is_dir() else []
        wider = [width for name in names if tile.width < (width := decimal(name) or 0) < WIDTH]
        if not wider:
            raise TileError(f"{tile.path}: missing", tile.first)
        return tile._replace(width=min(wider))
