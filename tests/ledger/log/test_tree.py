"""The tree of RFC 6962 and its frontier."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.ledger.log.errors import TreeError
from ksad.ledger.log.tree import EMPTY_ROOT, Frontier, TreeHead, check_range, extends, leaf_hash, node_hash
from tests.support.histories import naive


def grown(leaves: list[bytes]) -> Frontier:
    """The frontier over leaves."""
    return Frontier.empty().extended(map(leaf_hash, leaves))


@given(naive.LEAVES)
def test_the_root_is_that_of_the_rfc(leaves: list[bytes]) -> None:
    """A frontier's root is MTH(D[n]) of RFC 6962, whatever the leaves; it keeps one hash per set bit of its size."""
    frontier = grown(leaves)
    assert frontier.root() == naive.root(leaves)
    assert len(frontier.hashes) == len(leaves).bit_count()


@given(naive.LEAVES, st.data())
def test_appending_in_parts_is_appending_at_once(leaves: list[bytes], data: st.DataObject) -> None:
    """However leaves are cut into batches, and even through stored bytes, the frontier is the same."""
    cut = data.draw(st.integers(0, len(leaves)))
    first = Frontier.from_bytes(grown(leaves[:cut]).to_bytes())
    assert first.extended(map(leaf_hash, leaves[cut:])) == grown(leaves)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """The root of the tree without leaves is SHA-256 of the empty string."""
    assert Frontier.empty().root() == EMPTY_ROOT == sha256(b"").digest()


def test_a_node_is_no_leaf() -> None:
    """Second preimage: an inner node's content handed in as a leaf gives another root, for leaf and node differ."""
    leaves = [b"a", b"b", b"c", b"d"]
    forged = [leaf_hash(b"a") + leaf_hash(b"b"), leaf_hash(b"c") + leaf_hash(b"d")]
    assert grown(forged).root() != grown(leaves).root()
    assert leaf_hash(forged[0]) != node_hash(leaf_hash(b"a"), leaf_hash(b"b"))


@given(st.binary(max_size=200))
def test_stored_bytes_are_a_frontier_or_an_error(raw: bytes) -> None:
    """Bytes are read as the frontier that writes them again, or refused with TreeError."""
    try:
        frontier = Frontier.from_bytes(raw)
    except TreeError:
        return
    assert frontier.to_bytes() == raw


@given(naive.LEAVES, st.data())
def test_the_whole_range_leads_from_head_to_head(leaves: list[bytes], data: st.DataObject) -> None:
    """The leaves [a, b), all and in order, turn root a into root b."""
    a = data.draw(st.integers(0, len(leaves)))
    before, after = grown(leaves[:a]), grown(leaves)
    assert extends(before, leaves[a:], after.root())
    assert check_range(before.head(), before, leaves[a:], after.head()) == after


RANGE = [b"event %d" % number for number in range(20)]


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(RANGE[5:11] + RANGE[12:], id="one left out"),
        pytest.param(RANGE[5:19], id="the last left out"),
        pytest.param(RANGE[6:], id="the first left out"),
        pytest.param([*RANGE[5:9], b"added", *RANGE[9:]], id="one added"),
        pytest.param([*RANGE[5:], RANGE[19]], id="one doubled"),
        pytest.param([*RANGE[5:9], RANGE[10], RANGE[9], *RANGE[11:]], id="two swapped"),
        pytest.param([*RANGE[5:9], b"event 9!", *RANGE[10:]], id="one edited"),
        pytest.param([], id="nothing"),
    ],
)
def test_an_incomplete_or_changed_range_is_refused(forged: list[bytes]) -> None:
    """A range with a leaf omitted, added, doubled, swapped or edited does not lead to the signed root."""
    before, after = grown(RANGE[:5]), grown(RANGE)
    assert not extends(before, forged, after.root())
    with pytest.raises(TreeError):
        check_range(before.head(), before, forged, after.head())


def test_a_range_begins_where_it_says() -> None:
    """A frontier that is not that of the first head is refused, even if leaves lead from it to the second."""
    after = grown(RANGE)
    with pytest.raises(TreeError, match="not that of the head"):
        check_range(grown(RANGE[:4]).head(), grown(RANGE[:5]), RANGE[5:], after.head())
    with pytest.raises(TreeError, match="size"):
        check_range(grown(RANGE[:5]).head(), grown(RANGE[:5]), RANGE[5:], TreeHead(21, after.root()))
