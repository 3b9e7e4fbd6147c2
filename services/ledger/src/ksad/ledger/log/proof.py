"""Inclusion and consistency proofs of RFC 6962 section 2.1.

Proofs are built from hashes of perfect subtrees, read through a `HashReader` (`reader.TileHashes` reads tiles). They
are verified by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Hashes must have 32 bytes and a proof exactly
the hashes that it needs. There is no consistency proof from size 0, because it would prove nothing.
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
"""Returns, for a level and index, the hash of the subtree over leaves [index * 2^level, (index + 1) * 2^level)."""


def inclusion_proof(index: int, size: int, hashes: HashReader) -> list[bytes]:
    """The inclusion proof of leaf ``index`` in the tree of ``size`` leaves: sibling hashes from the leaf upwards.

    :raises ProofError: the tree has no such leaf.
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
    """The proof that the first ``first`` leaves of the tree of ``second`` leaves form the earlier tree.

    It is empty between equal sizes.

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
    """The frontier of the first ``size`` leaves, from at most 63 reads."""
    return Frontier(size, tuple(_perfect(0, size, hashes)))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Verifies that the tree of ``size`` leaves with this root has the leaf hash ``leaf`` at ``index``.

    :raises ProofError: the proof does not verify, or an argument is malformed.
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
    """Verifies that the tree of ``second`` leaves extends the tree of ``first`` leaves.

    :raises ProofError: the proof does not verify, the sizes are not ``0 < first <= second``, or a hash is malformed.
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
    # If the earlier size is a power of two, its root is left out of the proof (RFC 9162, 2.1.4.2).
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
    """Where RFC 6962 splits a range: after the largest power of two that is smaller than its length."""
    return low + (1 << ((high - low - 1).bit_length() - 1))


def _perfect(low: int, high: int, hashes: HashReader) -> list[bytes]:
    """The hashes of the perfect subtrees that make up a range, largest first."""
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append(hashes(level, low >> level))
        low += 1 << level
    return found


def _range_root(low: int, high: int, hashes: HashReader) -> bytes:
    return folded(_perfect(low, high, hashes))
