"""Inclusion and consistency proofs (RFC 6962 section 2.1), verified as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say.

Building reads the hashes of perfect subtrees through a `HashReader`; `reader.TileHashes` gives one over tiles.
Verifying is strict: hashes of exactly 32 bytes, exactly as many as the proof needs, and no proof about size 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ksad.ledger.log.canonical import SIZE_MAX
from ksad.ledger.log.errors import ProofError
from ksad.ledger.log.tree import HASH_SIZE, Frontier, folded, node_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

HashReader = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree over leaves [index * 2^level, (index + 1) * 2^level)."""


def inclusion_proof(index: int, size: int, hashes: HashReader) -> list[bytes]:
    """The path of the leaf ``index`` in the tree of ``size`` leaves, from its sibling up.

    :raises ProofError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    low, high, path = 0, size, list[bytes]()
    while high - low > 1:
        middle = _middle(low, high)
        if index < middle:
            path.append(_range_root(middle, high, hashes))
            high = middle
        else:
            path.append(_range_root(low, middle, hashes))
            low = middle
    return path[::-1]


def consistency_proof(first: int, second: int, hashes: HashReader) -> list[bytes]:
    """What proves that the tree of ``second`` leaves begins with the tree of ``first``; empty for equal sizes.

    :raises ProofError: the sizes are not ``0 < first <= second``.
    """
    if not 0 < first <= second:
        raise ProofError(f"no proof leads from size {first} to size {second}")
    low, high, path = 0, second, list[bytes]()
    while first != high:
        middle = _middle(low, high)
        if first <= middle:
            path.append(_range_root(middle, high, hashes))
            high = middle
        else:
            path.append(_range_root(low, middle, hashes))
            low = middle
    if low > 0:
        path.append(_range_root(low, high, hashes))
    return path[::-1]


def frontier_at(size: int, hashes: HashReader) -> Frontier:
    """The frontier of the tree's first ``size`` leaves: at most 63 reads."""
    return Frontier(size, tuple(_perfect(0, size, hashes)))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Holds if the leaf with hash ``leaf`` stands at ``index`` in the tree of ``size`` leaves with this root.

    :raises ProofError: it does not, or something is malformed.
    """
    _check_hashes(leaf, root, *proof)
    if not 0 <= index < size <= SIZE_MAX:
        raise ProofError(f"a tree of {size} leaves has no leaf {index}")
    number, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if number & 1 or number == last:
            node = node_hash(sibling, node)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        number, last = number >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    if node != root:
        raise ProofError(f"leaf {index} is not the one in the tree of {size} leaves with this root")


def verify_consistency(first: int, second: int, root_first: bytes, root_second: bytes, proof: Sequence[bytes]) -> None:
    """Holds if the tree of ``second`` leaves begins with the tree of ``first``.

    :raises ProofError: it does not, a size is 0 or out of order, or something is malformed.
    """
    _check_hashes(root_first, root_second, *proof)
    if not 0 < first <= second <= SIZE_MAX:
        raise ProofError(f"no proof leads from size {first} to size {second}")
    if first == second and root_first != root_second:
        raise ProofError(f"two roots for size {first}: the log was forked")
    if (first == second) != (not proof):
        raise ProofError("a consistency proof is empty between equal sizes, and only there")
    if not proof:
        return
    nodes = proof if first & (first - 1) else (root_first, *proof)
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if number & 1 or number == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, node)
        number, last = number >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    if old != root_first or new != root_second:
        raise ProofError(f"the tree of {second} leaves does not begin with the tree of {first}")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(digest) != HASH_SIZE for digest in hashes):
        raise ProofError(f"a hash has exactly {HASH_SIZE} bytes")


def _middle(low: int, high: int) -> int:
    """Where RFC 6962 splits a range: after the largest power of two smaller than its length."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def _perfect(low: int, high: int, hashes: HashReader) -> list[bytes]:
    """The perfect subtrees that make up a range which a split of RFC 6962 left."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append(hashes(level, low >> level))
        low += 1 << level
    return found


def _range_root(low: int, high: int, hashes: HashReader) -> bytes:
    return folded(_perfect(low, high, hashes))
