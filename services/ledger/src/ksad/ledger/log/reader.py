"""Reads hashes of perfect subtrees and entries from tiles, and verifies a whole tree of tiles."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from ksad.ledger.log.errors import ProofError, TileError
from ksad.ledger.log.growth import TileTree
from ksad.ledger.log.tiles import ENTRIES, LEVELS, WIDTH, Tile, new_tiles, parse_bundle, parse_tile, tile_for
from ksad.ledger.log.tree import HASH_SIZE, Frontier, TreeHead, parents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ksad.ledger.log.growth import TileRead
    from ksad.ledger.log.proof import HashReader

TILES_KEPT = 256
"""Number of tiles cached with their inner nodes, about 35 kB each; a proof from cached tiles needs no read."""


class TileHashes:
    """Reads the hashes of subtrees from tiles, with a cache of the tiles used last. Threads may share it.

    The cache is never invalidated, because the content of a tile of a given width does not change.

    :param kept: how many tiles are cached.
    """

    def __init__(self, read: TileRead, kept: int = TILES_KEPT) -> None:
        self._read = read
        self._opened = lru_cache(maxsize=kept)(self._open)

    def at(self, size: int) -> HashReader:
        """A reader of the tree of ``size`` leaves; it raises `ProofError` for a subtree outside the tree."""

        def read(level: int, index: int) -> bytes:
            if index < 0 or (index + 1) << level > size:
                raise ProofError(f"the tree of {size} leaves has no subtree {index} in level {level}")
            inner = level % LEVELS
            tile = tile_for(level // LEVELS, (index << inner) // WIDTH, size)
            return self._opened(tile)[inner][index - (tile.number * WIDTH >> inner)]

        return read

    def _open(self, tile: Tile) -> list[list[bytes]]:
        layers = [parse_tile(self._read(tile), tile.width)]
        while len(layers) < LEVELS:
            layers.append(parents(layers[-1]))
        return layers


def read_entries(size: int, read: TileRead) -> Iterator[bytes]:
    """All entries of a log of ``size`` leaves, from its bundles.

    :raises TileError: a bundle is missing or malformed.
    """
    for tile in new_tiles(0, size, level=ENTRIES):
        yield from parse_bundle(read(tile), tile.width)


def rebuild(
    head: TreeHead,
    read: TileRead,
    leaf_hashes: Iterable[bytes] | None = None,
    known: Mapping[int, bytes] | None = None,
) -> Frontier:
    """Recomputes a tree, compares every stored tile and the root, and returns the frontier.

    Memory use does not grow with the log.

    :param head: the signed tree head.
    :param leaf_hashes: the hashes of the leaves in order; ``None`` takes those stored in the tiles of level 0.
    :param known: the roots of full tiles of level 0 by tile number, if computed elsewhere. An entry is read after the
        last hash of its tile was taken from ``leaf_hashes``.
    :raises TileError: a leaf is missing, surplus or differs from its tile, a tile is missing or wrong, or the root is
        not that of ``head``. Its ``index`` is the first leaf affected, where that is known.
    """
    tree = TileTree(known)
    hashes = _stored_hashes(head.size, read) if leaf_hashes is None else iter(leaf_hashes)
    while chunk := list(islice(hashes, WIDTH)):
        if tree.size + len(chunk) > head.size:
            raise TileError(f"there are more leaves than the {head.size} that were signed", head.size)
        for tile, computed in tree.append(chunk):
            _compare(tile, computed, read)
    for tile, computed in tree.edge():
        _compare(tile, computed, read)
    if tree.size != head.size:
        raise TileError(f"there are {tree.size} leaves, {head.size} were signed", tree.size)
    frontier = tree.frontier()
    if frontier.root() != head.root:
        raise TileError(f"these {head.size} leaves are not the ones that were signed")
    return frontier


def _stored_hashes(size: int, read: TileRead) -> Iterator[bytes]:
    for tile in new_tiles(0, size, level=0):
        yield from parse_tile(read(tile), tile.width)


def _compare(tile: Tile, computed: bytes, read: TileRead) -> None:
    stored = read(tile)
    if stored == computed:
        return
    for item in range(tile.width):
        place = slice(item * HASH_SIZE, (item + 1) * HASH_SIZE)
        if stored[place] != computed[place]:
            raise TileError(f"{tile.path}: not the hash of the leaves from {tile.leaf(item)} on", tile.leaf(item))
    raise TileError(f"{tile.path}: {len(stored)} bytes, not {len(computed)}", tile.leaf(tile.width))
