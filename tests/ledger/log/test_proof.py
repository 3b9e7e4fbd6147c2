"""Inclusion and consistency proofs, built as RFC 6962 defines them and verified strictly."""

import secrets
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.ledger.log.errors import ProofError
from ksad.ledger.log.proof import consistency_proof, frontier_at, inclusion_proof, verify_consistency, verify_inclusion
from ksad.ledger.log.tree import EMPTY_ROOT, Frontier, leaf_hash
from tests.support.histories import naive

LEAVES = [b"leaf %d" % number for number in range(70)]
FULL = st.lists(st.binary(max_size=8), min_size=1, max_size=80)


@given(FULL, st.data())
def test_an_inclusion_proof_is_the_path_of_the_rfc(leaves: list[bytes], data: st.DataObject) -> None:
    """The proof of any leaf equals PATH(m, D[n]) and is accepted; for any other place or root it is refused."""
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = inclusion_proof(index, len(leaves), partial(naive.subtree, leaves))
    assert proof == naive.path(index, leaves)
    root, leaf = naive.root(leaves), leaf_hash(leaves[index])
    verify_inclusion(leaf, index, len(leaves), proof, root)
    with pytest.raises(ProofError):
        verify_inclusion(leaf, index, len(leaves), proof, secrets.token_bytes(32))
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(leaves[index] + b"!"), index, len(leaves), proof, root)


@given(FULL, st.data())
def test_a_consistency_proof_is_that_of_the_rfc(leaves: list[bytes], data: st.DataObject) -> None:
    """The proof between any two sizes equals PROOF(m, D[n]) and is accepted; with any other root it is refused."""
    first, size = data.draw(st.integers(1, len(leaves))), len(leaves)
    proof = consistency_proof(first, size, partial(naive.subtree, leaves))
    assert proof == naive.proof(first, leaves)
    old, new = naive.root(leaves[:first]), naive.root(leaves)
    verify_consistency(first, size, old, new, proof)
    for forged in ((secrets.token_bytes(32), new), (old, secrets.token_bytes(32))):
        with pytest.raises(ProofError):
            verify_consistency(first, size, *forged, proof)


@given(FULL, st.data())
def test_the_frontier_of_any_prefix_can_be_read(leaves: list[bytes], data: st.DataObject) -> None:
    """The frontier read out of a tree at a size is the one that grew to that size."""
    size = data.draw(st.integers(0, len(leaves)))
    assert frontier_at(size, partial(naive.subtree, leaves)) == Frontier.empty().extended(map(leaf_hash, leaves[:size]))


def damages(proof: list[bytes]) -> list[list[bytes]]:
    """What may be done to the hashes of a proof."""
    cut = [[*proof[:at], each[:-1], *proof[at + 1 :]] for at, each in enumerate(proof)]
    longer = [[*proof[:at], each + b"\0", *proof[at + 1 :]] for at, each in enumerate(proof)]
    flipped = [[*proof[:at], bytes([each[0] ^ 1]) + each[1:], *proof[at + 1 :]] for at, each in enumerate(proof)]
    dropped = [proof[:at] + proof[at + 1 :] for at in range(len(proof))]
    more = [[*proof, b"\0" * 32], [b"\0" * 32, *proof], [*proof, *proof[-1:]], [*proof, b""], []]
    swapped = [proof[::-1]] if proof[::-1] != proof else []
    return [each for each in [*cut, *longer, *flipped, *dropped, *more, *swapped] if each != proof]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 8, 9, 31, 64, 70])
def test_an_inclusion_proof_has_exactly_its_hashes(size: int) -> None:
    """A hash of 31 or 33 bytes, one too many, one too few, one changed or out of order: each is refused."""
    leaves = LEAVES[:size]
    for index in {0, size // 2, size - 1}:
        proof, root = naive.path(index, leaves), naive.root(leaves)
        for damaged in damages(proof):
            with pytest.raises(ProofError):
                verify_inclusion(leaf_hash(leaves[index]), index, size, damaged, root)


@pytest.mark.parametrize(
    ("first", "size"), [(1, 2), (1, 70), (2, 3), (4, 8), (6, 8), (7, 9), (64, 70), (33, 64), (5, 5)]
)
def test_a_consistency_proof_has_exactly_its_hashes(first: int, size: int) -> None:
    """A hash of 31 or 33 bytes, one too many, one too few, one changed or out of order: each is refused."""
    proof, old, new = naive.proof(first, LEAVES[:size]), naive.root(LEAVES[:first]), naive.root(LEAVES[:size])
    verify_consistency(first, size, old, new, proof)
    for damaged in damages(proof):
        with pytest.raises(ProofError):
            verify_consistency(first, size, old, new, damaged)


@pytest.mark.parametrize("size", [2, 3, 8, 9, 70])
def test_the_length_of_a_proof_is_checked_while_it_is_read(size: int) -> None:
    """A proof that is too long or too short is refused for its length, whatever its hashes come to."""
    leaves, more = LEAVES[:size], [b"\0" * 32] * 3
    path, proof, root = naive.path(0, leaves), naive.proof(1, leaves), naive.root(leaves)
    for changed, length in ((path + more, "long"), (path[:-1], "short")):
        with pytest.raises(ProofError, match=f"too {length}"):
            verify_inclusion(leaf_hash(leaves[0]), 0, size, changed, root)
    for changed, length in ((proof + more, "long"), (proof[:-1], "short|empty")):
        with pytest.raises(ProofError, match=length):
            verify_consistency(1, size, leaf_hash(leaves[0]), root, changed)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (70, 70), (-1, 70), (0, -1), (0, 2**63)])
def test_a_leaf_outside_the_tree_is_refused(index: int, size: int) -> None:
    """No proof speaks of a leaf that the tree does not have, of an empty tree, or of one too large to exist."""
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))
    if size < 2**63:
        with pytest.raises(ProofError):
            inclusion_proof(index, size, partial(naive.subtree, LEAVES))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 5), (6, 5), (-1, 5), (5, 2**63)])
def test_size_zero_and_shrinking_are_not_provable(first: int, second: int) -> None:
    """Size 0 is no provable case, whatever the root, and no proof leads to a smaller tree."""
    with pytest.raises(ProofError):
        verify_consistency(first, second, EMPTY_ROOT, EMPTY_ROOT, [])
    if second < 2**63:
        with pytest.raises(ProofError):
            consistency_proof(first, second, partial(naive.subtree, LEAVES))


def test_equal_sizes_need_equal_roots_and_an_empty_proof() -> None:
    """Between equal sizes the empty proof alone is right; two roots are named a fork."""
    root, other = naive.root(LEAVES), naive.root(LEAVES[::-1])
    verify_consistency(70, 70, root, root, [])
    with pytest.raises(ProofError, match="empty"):
        verify_consistency(70, 70, root, root, [root])
    with pytest.raises(ProofError, match="forked"):
        verify_consistency(70, 70, root, other, [])


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_leaf_and_roots_have_32_bytes(length: int) -> None:
    """A leaf hash or root of any other length is refused before anything is computed."""
    bad, good = b"\0" * length, leaf_hash(b"")
    calls: list[Callable[[], None]] = [
        lambda: verify_inclusion(bad, 0, 1, [], bad),
        lambda: verify_inclusion(good, 0, 1, [], bad),
        lambda: verify_consistency(5, 5, bad, bad, []),
        lambda: verify_consistency(5, 6, good, bad, [good]),
    ]
    for call in calls:
        with pytest.raises(ProofError, match="32 bytes"):
            call()


def test_a_node_does_not_pass_as_a_leaf() -> None:
    """Second preimage: the hash of an inner node is not provable as a leaf of the tree, nor its content as an entry."""
    leaves = LEAVES[:8]
    root, node = naive.root(leaves), naive.root(leaves[:2])
    content = leaf_hash(leaves[0]) + leaf_hash(leaves[1])
    shortened = naive.path(0, leaves)[1:]
    verify_inclusion(node, 0, 4, shortened, root)  # The RFC's arithmetic alone, over a tree said to be half as large.
    with pytest.raises(ProofError):
        verify_inclusion(node, 0, 8, shortened, root)
    with pytest.raises(ProofError):
        verify_inclusion(leaf_hash(content), 0, 4, shortened, root)
