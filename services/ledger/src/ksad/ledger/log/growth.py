"""Computes the tiles of a growing tree: those that become full, and the partial ones at its right edge."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ksad.ledger.log.errors import TileError
from ksad.ledger.log.tiles import ENTRIES, ENTRY_MAX, LEVELS, WIDTH, Tile, bundle, parse_bundle, parse_tile, tile_for
from ksad.ledger.log.tree import Frontier, parents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TileRead = Callable[[Tile], bytes]
"""Returns the bytes of a tile of exactly this width; raises `TileError` if there is none."""


class TileTree:
    """The right edge of a tree in tiles; it holds at most 255 hashes per level of tiles, however large the tree.

    :param known: the roots of full tiles of level 0 by tile number, where they were computed before. They are trusted.
    """

    def __init__(self, known: Mapping[int, bytes] | None = None) -> None:
        self.size = 0
        self._known = {} if known is None else known
        self._tails: list[list[bytes]] = []

    @classmethod
    def resume(cls, size: int, read: TileRead) -> TileTree:
        """The edge of a stored tree, read from its partial tiles (at most one per level).

        :raises TileError: a partial tile is missing or malformed.
        """
        tree, level = cls(), 0
        tree.size = size
        while count := size >> (LEVELS * level):
            tail = list[bytes]()
            if count % WIDTH:
                tile = tile_for(level, count // WIDTH, size)
                tail = parse_tile(read(tile), tile.width)
            tree._tails.append(tail)
            level += 1
        return tree

    def append(self, leaf_hashes: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Appends leaf hashes; returns the tiles that became full. `edge` returns the partial ones."""
        full = list[tuple[Tile, bytes]]()
        level, hashes = 0, list(leaf_hashes)
        before, self.size = self.size, self.size + len(hashes)
        while hashes:
            if level == len(self._tails):
                self._tails.append([])
            tail = self._tails[level]
            tail += hashes
            number, hashes, taken = (before >> (LEVELS * level)) // WIDTH, [], 0
            for taken in range(WIDTH, len(tail) + 1, WIDTH):
                chunk = tail[taken - WIDTH : taken]
                full.append((Tile(level, number), b"".join(chunk)))
                root = self._known.get(number) if level == 0 else None
                hashes.append(root or perfect_root(chunk))
                number += 1
            del tail[:taken]
            level += 1
        return full

    def edge(self) -> list[tuple[Tile, bytes]]:
        """The partial tiles of the tree at its present size, and their bytes."""
        return [
            (Tile(level, (self.size >> (LEVELS * level)) // WIDTH, len(tail)), b"".join(tail))
            for level, tail in enumerate(self._tails)
            if tail
        ]

    def frontier(self) -> Frontier:
        """The tree's frontier, from which its root follows."""
        # The frontier has one hash per bit of the size. A level of tiles covers eight bits: within it, the last node of
        # every inner layer with an odd number of nodes is a perfect subtree of its own.
        found = list[bytes]()
        for tail in reversed(self._tails):
            hashes = tail
            layers = [hashes]
            while len(hashes) > 1:
                hashes = parents(hashes)
                layers.append(hashes)
            found += [layer[-1] for layer in reversed(layers) if len(layer) & 1]
        return Frontier(self.size, tuple(found))


def grown(size: int, read: TileRead, leaf_hashes: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
    """The tiles that appear or change when leaves are appended to a stored tree of ``size`` leaves.

    :raises TileError: a partial tile of the stored tree is missing or malformed.
    """
    tree = TileTree.resume(size, read)
    full = tree.append(leaf_hashes)
    changed = [item for item in tree.edge() if size >> (LEVELS * item[0].level) < tree.size >> (LEVELS * item[0].level)]
    return full + changed


class Bundles:
    """Collects the entries of a growing log into bundles of 256; at most 255 entries are held in memory."""

    def __init__(self, size: int = 0, waiting: Sequence[bytes] = ()) -> None:
        self.size = size
        self._waiting = list(waiting)

    @classmethod
    def resume(cls, size: int, read: TileRead) -> Bundles:
        """Continues a stored log, whose last partial bundle is read.

        :raises TileError: that bundle is missing or malformed.
        """
        if size % WIDTH == 0:
            return cls(size)
        tile = tile_for(ENTRIES, size // WIDTH, size)
        return cls(size, parse_bundle(read(tile), tile.width))

    def append(self, entries: Iterable[bytes]) -> list[tuple[Tile, bytes]]:
        """Appends entries; returns the bundles that became full.

        :raises TileError: an entry is longer than 65,535 bytes; none of the entries was appended.
        """
        new = list(entries)
        if any(len(entry) > ENTRY_MAX for entry in new):
            raise TileError(f"an entry is longer than {ENTRY_MAX} bytes")
        number, taken, full = self.size // WIDTH, 0, list[tuple[Tile, bytes]]()
        self.size += len(new)
        self._waiting += new
        for taken in range(WIDTH, len(self._waiting) + 1, WIDTH):
            full.append((Tile(ENTRIES, number), bundle(self._waiting[taken - WIDTH : taken])))
            number += 1
        del self._waiting[:taken]
        return full

    def edge(self) -> list[tuple[Tile, bytes]]:
        """The last bundle, if it is partial; otherwise an empty list."""
        if not self._waiting:
            return []
        return [(Tile(ENTRIES, self.size // WIDTH, len(self._waiting)), bundle(self._waiting))]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root of a perfect subtree over 1, 2, 4, … or 256 hashes."""
    while len(hashes) > 1:
        hashes = parents(hashes)
    return hashes[0]
