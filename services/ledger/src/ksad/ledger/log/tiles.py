"""Tiles (C2SP tlog-tiles): up to 256 adjacent hashes of every eighth level of the tree, and bundles of 256 entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.canonical import SIZE_MAX, decimal
from ksad.ledger.log.errors import TileError
from ksad.ledger.log.tree import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEVELS = 8
"""Height of a tile: the number of tree levels between two levels of tiles."""
WIDTH = 1 << LEVELS
ENTRIES = -1
"""The level number used here for entry bundles, whose entries hash to the tiles of level 0."""
# The largest level in a path, and the largest entry (its length is a 16-bit integer), by the specification.
LEVEL_MAX = 63
ENTRY_MAX = 65_535
TILE_MAX = WIDTH * HASH_SIZE
BUNDLE_MAX = WIDTH * (2 + ENTRY_MAX)
# Longer than the path of any tile below SIZE_MAX.
PATH_MAX = 100
_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class Tile(NamedTuple):
    """The coordinates of a tile or bundle.

    ``level`` is the level of tiles, or `ENTRIES`; ``number`` the position in the level; ``width`` the number of items,
    256 for a full tile.
    """

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, such as ``tile/0/x001/234.p/5``."""
        groups, rest = [f"{self.number % 1000:03d}"], self.number // 1000
        while rest:
            groups.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @property
    def first(self) -> int:
        """The index of the first leaf below the tile."""
        return self.leaf(0)

    def leaf(self, item: int) -> int:
        """The index of the first leaf below an item of the tile."""
        return (self.number * WIDTH + item) << (LEVELS * max(self.level, 0))


def parse_path(path: str) -> Tile:
    """Parses the path of a tile.

    :raises TileError: the text is not such a path in canonical form.
    """
    matched = _PATH.fullmatch(path) if len(path) <= PATH_MAX else None
    if matched is None:
        raise TileError("no path of a tile")
    level = ENTRIES if matched[1] == "entries" else decimal(matched[1])
    number, width = int(matched[2].replace("/", "").replace("x", "")), int(matched[3] or WIDTH)
    if level is None or level > LEVEL_MAX or number > SIZE_MAX:
        raise TileError("no path of a tile")
    tile = Tile(level, number, width)
    if tile.path != path:
        raise TileError("no path of a tile, or not spelt as its path is")
    return tile


def tile_for(level: int, number: int, size: int) -> Tile:
    """The tile with this level and number in the tree of ``size`` leaves, with the width that it has there.

    :raises TileError: the tree has no such tile.
    """
    width = min(WIDTH, (size >> (LEVELS * max(level, 0))) - number * WIDTH)
    if width <= 0 or number < 0:
        raise TileError(f"the tree of {size} leaves has no tile {number} in level {level}")
    return Tile(level, number, width)


def new_tiles(before: int, after: int, *, level: int | None = None) -> Iterator[Tile]:
    """The tiles that appear or become wider when a tree grows from ``before`` to ``after`` leaves, level by level.

    :param level: restricts the result to one level of tiles, or to `ENTRIES`.
    """
    levels = range(LEVEL_MAX + 1) if level is None else (level,)
    for each in levels:
        old, new = before >> (LEVELS * max(each, 0)), after >> (LEVELS * max(each, 0))
        if new == 0:
            return
        if old < new:
            for number in range(old // WIDTH, -(-new // WIDTH)):
                yield Tile(each, number, min(WIDTH, new - number * WIDTH))


def parse_tile(raw: bytes, width: int) -> list[bytes]:
    """The hashes in the bytes of a tile.

    :raises TileError: the length is not that of ``width`` hashes.
    """
    if not 0 < width <= WIDTH or len(raw) != width * HASH_SIZE:
        raise TileError(f"a tile of width {width} has {width * HASH_SIZE} bytes, not {len(raw)}")
    return [raw[start : start + HASH_SIZE] for start in range(0, len(raw), HASH_SIZE)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Encodes entries as a bundle: each is preceded by its length as two bytes, big-endian.


    :raises TileError: an entry is longer than 65,535 bytes.
    """
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_MAX:
            raise TileError(f"an entry of {len(entry)} bytes is longer than {ENTRY_MAX}")
        parts.append(len(entry).to_bytes(2) + entry)
    return b"".join(parts)


def parse_bundle(raw: bytes, width: int) -> list[bytes]:
    """Decodes the entries of a bundle.

    :raises TileError: there are not exactly ``width`` entries, or bytes are missing or left over.
    """
    if not 0 < width <= WIDTH:
        raise TileError(f"a bundle has 1 to {WIDTH} entries, not {width}")
    entries, offset = list[bytes](), 0
    for _ in range(width):
        start = offset + 2
        offset = start + int.from_bytes(raw[offset:start])
        if start > len(raw) or offset > len(raw):
            raise TileError(f"the bundle ends within its entry {len(entries)}")
        entries.append(raw[start:offset])
    if offset != len(raw):
        raise TileError(f"a bundle of {width} entries has {offset} bytes, not {len(raw)}")
    return entries
