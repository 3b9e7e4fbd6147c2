"""Merkle trees of RFC 6962 section 2.1, represented by their frontier: the roots of the perfect subtrees."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.canonical import SIZE_MAX
from ksad.ledger.log.errors import TreeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
LEAF, NODE = sha256(b"\x00"), sha256(b"\x01")
"""SHA-256 states after the prefix byte. Copying one is faster than starting a hash; this matters for whole logs."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def hash_leaves(leaves: Iterable[bytes]) -> list[bytes]:
    """The hash of each leaf."""
    hashes, begin = list[bytes](), LEAF.copy
    for data in leaves:
        leaf = begin()
        leaf.update(data)
        hashes.append(leaf.digest())
    return hashes


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """The parent nodes of adjacent pairs; an unpaired last hash is left out."""
    nodes, begin = list[bytes](), NODE.copy
    for left, right in zip(hashes[::2], hashes[1::2], strict=False):
        node = begin()
        node.update(left + right)
        nodes.append(node.digest())
    return nodes


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over adjacent perfect subtrees, given largest first; for none, the root of the empty tree."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


class TreeHead(NamedTuple):
    """The size of a tree in leaves, and its root hash."""

    size: int
    root: bytes


class Frontier(NamedTuple):
    """A compact range [0, size): the roots of the perfect subtrees, largest first.

    It is enough to append leaves and to compute the root.
    """

    size: int
    hashes: tuple[bytes, ...]

    @classmethod
    def empty(cls) -> Frontier:
        """The frontier of the empty tree."""
        return cls(0, ())

    def extended(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The frontier after appending leaf hashes."""
        size, stack, sha = self.size, list(self.hashes), sha256
        pop, push = stack.pop, stack.append
        for digest in leaf_hashes:
            node, position = digest, size
            # Each one at the end of the size, in binary, is a perfect subtree that the new leaf completes.
            while position & 1:
                node = sha(b"\x01" + pop() + node).digest()
                position >>= 1
            push(node)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """The tree's root."""
        return folded(self.hashes)

    def head(self) -> TreeHead:
        """The tree's size and root."""
        return TreeHead(self.size, self.root())

    def to_bytes(self) -> bytes:
        """The frontier as bytes: the size as eight bytes, big-endian, then the hashes."""
        return self.size.to_bytes(8) + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Frontier:
        """Parses the bytes of a frontier.

        :raises TreeError: the number of hashes does not fit the size.
        """
        size, hashes = int.from_bytes(raw[:8]), raw[8:]
        if size > SIZE_MAX or len(raw) != 8 + HASH_SIZE * size.bit_count():
            raise TreeError(f"a frontier of {size} leaves has {size.bit_count()} hashes, not {len(hashes)} bytes")
        return cls(size, tuple(hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)))


def extends(before: Frontier, leaves: Iterable[bytes], root: bytes) -> bool:
    """Whether appending exactly these leaves, in this order, to the tree ``before`` gives a tree with this root.

    ``True`` proves that none of the leaves was omitted, added, altered or reordered, provided that both trees are
    trusted: compare ``before.head()`` with a signed head, or call `check_range`, which does so.
    """
    return before.extended(map(leaf_hash, leaves)).root() == root


def check_range(first: TreeHead, before: Frontier, leaves: Iterable[bytes], second: TreeHead) -> Frontier:
    """Verifies that the leaves [first.size, second.size) lead from ``first`` to ``second``; returns the new frontier.

    :param before: the frontier of ``first``.
    :raises TreeError: ``before`` is not the frontier of ``first``, or the leaves do not lead to ``second``.
    """
    if before.head() != first:
        raise TreeError(f"the frontier is not that of the head at size {first.size}")
    after = before.extended(map(leaf_hash, leaves))
    if after.size != second.size:
        raise TreeError(f"the range brings the log to size {after.size}, the head says {second.size}")
    if after.root() != second.root:
        raise TreeError(f"the leaves [{first.size}, {second.size}) do not lead to the signed root")
    return after
