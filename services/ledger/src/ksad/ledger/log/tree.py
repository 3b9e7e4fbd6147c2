"""The Merkle tree of RFC 6962 section 2.1, kept as its frontier: the roots of its perfect subtrees, largest first."""

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
"""Hashes begun: where there are many to make, to copy one takes less time than to begin anew."""


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
    """The nodes over neighbouring pairs; a last one without a neighbour is left out."""
    nodes, begin = list[bytes](), NODE.copy
    for left, right in zip(hashes[::2], hashes[1::2], strict=False):
        node = begin()
        node.update(left + right)
        nodes.append(node.digest())
    return nodes


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees that stand side by side, largest first; of none, the empty tree's."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


class TreeHead(NamedTuple):
    """What a checkpoint says of a tree: how many leaves it has and its root."""

    size: int
    root: bytes


class Frontier(NamedTuple):
    """A compact range [0, size): enough to append leaves and to tell the root."""

    size: int
    hashes: tuple[bytes, ...]

    @classmethod
    def empty(cls) -> Frontier:
        """The tree without leaves."""
        return cls(0, ())

    def extended(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """The tree with further leaves."""
        size, stack, sha = self.size, list(self.hashes), sha256
        pop, push = stack.pop, stack.append
        for digest in leaf_hashes:
            node, position = digest, size
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
        """Eight bytes of size, then the hashes."""
        return self.size.to_bytes(8) + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Frontier:
        """The frontier in its bytes.

        :raises TreeError: their length does not fit the size.
        """
        size, hashes = int.from_bytes(raw[:8]), raw[8:]
        if size > SIZE_MAX or len(raw) != 8 + HASH_SIZE * size.bit_count():
            raise TreeError(f"a frontier of {size} leaves has {size.bit_count()} hashes, not {len(hashes)} bytes")
        return cls(size, tuple(hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)))


def extends(before: Frontier, leaves: Iterable[bytes], root: bytes) -> bool:
    """Whether exactly these leaves, in this order, turn the tree ``before`` into the one with this root.

    True proves that nothing between the two was left out, added, changed or reordered, if both roots are trusted:
    compare ``before.head()`` with a signed head, or call `check_range`, which does.
    """
    return before.extended(map(leaf_hash, leaves)).root() == root


def check_range(first: TreeHead, before: Frontier, leaves: Iterable[bytes], second: TreeHead) -> Frontier:
    """The frontier of ``second``, if the contiguous leaves [first.size, second.size) lead there from ``first``.

    :raises TreeError: the frontier is not that of the first head, or the leaves do not lead to the second.
    """
    if before.head() != first:
        raise TreeError(f"the frontier is not that of the head at size {first.size}")
    after = before.extended(map(leaf_hash, leaves))
    if after.size != second.size:
        raise TreeError(f"the range brings the log to size {after.size}, the head says {second.size}")
    if after.root() != second.root:
        raise TreeError(f"the leaves [{first.size}, {second.size}) do not lead to the signed root")
    return after
