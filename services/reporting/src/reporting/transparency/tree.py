"""The Merkle tree of RFC 6962 section 2.1, kept as its frontier: the roots of its perfect subtrees, largest first."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


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
        size, stack = self.size, list(self.hashes)
        for digest in leaf_hashes:
            node, position = digest, size
            while position & 1:
                node = sha256(b"\x01" + stack.pop() + node).digest()
                position >>= 1
            stack.append(node)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """The tree's root."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """Eight bytes of size, then the hashes."""
        return self.size.to_bytes(8) + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Frontier:
        """The frontier in its bytes.

        :raises ValueError: their length does not fit the size.
        """
        size, hashes = int.from_bytes(raw[:8]), raw[8:]
        if len(raw) != 8 + HASH_SIZE * size.bit_count():
            message = f"a frontier of {size} leaves has {size.bit_count()} hashes, not {len(hashes)} bytes"
            raise ValueError(message)
        return cls(size, tuple(hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)))
