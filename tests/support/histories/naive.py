"""RFC 6962 section 2.1 written down as the RFC states it: recursive, slow, and obviously right."""

from hashlib import sha256

from hypothesis import strategies

LEAVES = strategies.lists(strategies.binary(max_size=8), max_size=80)


def split(size: int) -> int:
    """The largest power of two smaller than the size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def root(leaves: list[bytes]) -> bytes:
    """MTH(D[n])."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), root(leaves[k:])]
    return [*path(index - k, leaves[k:]), root(leaves[:k])]


def proof(first: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF(m, D[n]), which is SUBPROOF(m, D[n], true)."""
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if first <= k:
        return [*proof(first, leaves[:k], whole=whole), root(leaves[k:])]
    return [*proof(first - k, leaves[k:], whole=False), root(leaves[:k])]


def subtree(leaves: list[bytes], level: int, index: int) -> bytes:
    """The hash of a perfect subtree, as a reader of hashes gives it."""
    return root(leaves[index << level : (index + 1) << level])
