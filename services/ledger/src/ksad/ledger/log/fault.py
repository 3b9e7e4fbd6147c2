"""Where the first leaf stands that is not the signed one: tiles are believed as far as they lead to the signed root."""

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
    """Where the first wrong or missing leaf stands: a range of one if that is certain; None if only tiles are wrong.

    The root of what the tile with the error has before it and behind it is known if other tiles prove it.

    :param error: what `rebuild` found.
    :param count: how many leaves there are.
    :param hashes: gives their hashes, from the first on.
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
    """The roots of the first leaves, for each of some sizes that is there."""
    found: dict[int, bytes] = {}
    tree = Frontier.empty()
    for size in sorted(sizes):
        tree = tree.extended(islice(hashes, size - tree.size))
        if tree.size == size:
            found[size] = tree.root()
    return found


def _signed_root(head: TreeHead, read: TileRead, size: int) -> bytes | None:
    """The root that the first leaves of the signed tree have, if the tiles prove it."""
    try:
        hashes = TileHashes(read).at(head.size)
        root = frontier_at(size, hashes).root()
        verify_consistency(size, head.size, root, head.root, consistency_proof(size, head.size, hashes))
    except TransparencyError:
        return None
    return root
