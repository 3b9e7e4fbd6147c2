"""The hash of any perfect subtree out of tiles, and a whole tree rebuilt from them."""

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
"""Tiles kept opened, of about 35 kB each: a warm proof reads nothing and hashes next to nothing."""


class TileHashes:
    """Reads hashes out of tiles, and keeps the tiles that were read last with their inner nodes.

    A tile of a given width never changes, so nothing kept is ever stale. May be shared by threads.
    """

    def __init__(self, read: TileRead, kept: int = TILES_KEPT) -> None:
        self._read = read
        self._opened = lru_cache(maxsize=kept)(self._open)

    def at(self, size: int) -> HashReader:
        """The hashes of the tree of ``size`` leaves; raises `ProofError` for a subtree that it does not hold."""

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
    """All entries of a log, out of its bundles.

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
    """The tree's frontier, recomputed from the leaves' hashes, with every stored tile compared on the way.

    Without hashes, those in the tiles of level 0 are taken. Memory does not grow with the log. ``known`` may have roots
    over 256 of these hashes each, by the number of their tile; it is looked at after the last hash of the tile.

    :raises TileError: a leaf is missing, left over or not the tile's, a tile is not the tree's, or the whole is not
        the tree of ``head``; ``index`` is the first leaf concerned, as far as the tiles tell.
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
