"""A province's follower: nothing lost or doubled, and a feed that is not what was signed shows at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reporting.feeds.follower import FeedBrokenError, Head, Store
from reporting.transparency.tree import Frontier, leaf_hash
from tests.support.histories import generated

LEAVES = [envelope.to_bytes() for envelope in generated(60)]


def head(leaves: list[bytes]) -> Head:
    """What the ministry signed over these leaves."""
    frontier = Frontier.empty().extended(map(leaf_hash, leaves))
    return Head(frontier.size, frontier.root())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty follower."""
    opened = Store(tmp_path / "feed.sqlite")
    yield opened
    opened.close()


def test_the_honest_feed_is_confirmed_at_every_size(store: Store) -> None:
    """Taken in pages, confirmed at sizes in between and at the end."""
    for start in range(0, 60, 7):
        store.append(LEAVES[start : start + 7])
    for size in (1, 30, 60):
        store.confirm(head(LEAVES[:size]))

    assert store.checked() == 60


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(lambda leaves: leaves[:20] + leaves[21:], id="omitted"),
        pytest.param(lambda leaves: leaves[:20] + leaves[19:], id="doubled"),
        pytest.param(lambda leaves: [*leaves[:20], leaves[21], leaves[20], *leaves[22:]], id="reordered"),
        pytest.param(lambda leaves: [*leaves[:20], leaves[20].replace(b"T", b"t"), *leaves[21:]], id="altered"),
    ],
)
def test_a_hostile_feed_is_found_within_one_checkpoint(
    store: Store, hostile: Callable[[list[bytes]], list[bytes]]
) -> None:
    """Whatever was omitted, doubled, reordered or altered breaks the root of the next checkpoint, with where."""
    store.append(LEAVES[:10])
    store.confirm(head(LEAVES[:10]))
    given = hostile(LEAVES)[10:60]
    store.append(given)
    signed = LEAVES[: 10 + len(given)] if len(given) < 50 else LEAVES

    with pytest.raises(FeedBrokenError, match=r"\[10, "):
        store.confirm(head(signed))


def test_position_and_leaves_commit_together(tmp_path: Path) -> None:
    """Opened again after any append, the follower goes on from what it has, with the same tree."""
    for start in range(0, 60, 13):
        opened = Store(tmp_path / "feed.sqlite")
        assert opened.frontier().size == start
        opened.append(LEAVES[start : start + 13])
        opened.close()
    opened = Store(tmp_path / "feed.sqlite")
    opened.confirm(head(LEAVES))
    opened.close()
