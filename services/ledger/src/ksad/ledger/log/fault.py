"""Locates the first leaf that differs from the signed tree, using only tiles that are proven by the signed root."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.proof import consistency_proof, frontier_at, verify_consistency
from ksad.ledger.log.reader import TileHashes
from ksad.ledger.log.tiles import LEVEL_MAX, LEVELS
from ksad.ledger.log.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ksad.ledger.log.errors import TileError
    from ksad.ledger.log.growth import TileRead
    from ksad.ledger.log.tree import TreeHead


def first_wrong(
    head: TreeHead, read: TileRead, error: TileError, count: int, hashes: Callable[[], Iterator[bytes]]
) -> range | None:
    """The range of the first wrong or missing leaf; ``None`` if all leaves are right and only tiles are wrong.

    The range has length one where the position is certain. It is narrowed by comparing the roots of prefixes that end
    at tile boundaries near the error: a boundary counts if the tiles prove its root consistent with ``head``.

    :param head: the signed tree head.
    :param error: the error that `reader.rebuild` raised.
    :param count: the number of leaves.
    :param hashes: returns an iterator over the leaf hashes, from the first on; called once.
    """
    index = error.index or 0
    bounds = {((index >> shift) + more) << shift for shift in range(0, LEVEL_MAX, LEVELS) for more in (0, 1)}
    signed = {size: root for size in bounds if (root := _signed_root(head, read, size))} | {head.size: head.root}
    ours = prefix_roots(hashes(), signed)
    right = {size for size, root in signed.items() if ours.get(size) == root}
    if head.size in right:
        return None if count == head.size else range(head.size, head.size + 1)
    return range(max(right, default=0), min(*(signed.keys() - right), count + 1))


def prefix_roots(hashes: Iterator[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """The roots of prefixes of a log, by size; sizes beyond the last leaf are left out.

    :param hashes: the leaf hashes, from the first on.
    """
    found: dict[int, bytes] = {}
    tree = Frontier.empty()
    for size in sorted(sizes):
        tree = tree.extended(islice(hashes, size - tree.size))
        if tree.size == size:
            found[size] = tree.root()
    return found


def _signed_root(head: TreeHead, read: TileRead, size: int) -> bytes | None:
    """The root of the signed tree's first ``size`` leaves, if the tiles prove it by a consistency proof."""
    try:
        hashes = TileHashes(read).at(head.size)
        root = frontier_at(size, hashes).root()
        verify_consistency(size, head.size, root, head.root, consistency_proof(size, head.size, hashes))
    except TransparencyError:
        return None
    return root
