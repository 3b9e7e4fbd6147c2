"""A province's follower against a ministry that lies: which index it is, nothing wrong kept, and the evidence."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ksad.audit.feeds import follower
from ksad.audit.feeds.command import opener
from ksad.audit.feeds.follower import FeedBrokenError, HttpFeed, follow
from ksad.audit.feeds.kept import Kept, LinesKept, SqliteKept
from ksad.ledger.log.tree import Frontier, leaf_hash
from tests.support.histories.histories import generated
from tests.support.platforms.ministry import ORIGIN, Ministry

LEAVES = [envelope.to_bytes() for envelope in generated(60)]
Lie = Callable[[list[bytes]], list[bytes]]
LIES: dict[str, Lie] = {
    "omitted": lambda leaves: leaves[:20] + leaves[21:],
    "doubled": lambda leaves: [*leaves[:20], leaves[19], *leaves[20:]],
    "reordered": lambda leaves: [*leaves[:20], leaves[21], leaves[20], *leaves[22:]],
    "altered": lambda leaves: [*leaves[:20], leaves[20].replace(b"T", b"t"), *leaves[21:]],
    "withheld": lambda leaves: leaves[:20],
}
lies = pytest.mark.parametrize(("kind", "lie"), LIES.items(), ids=LIES)


@pytest.fixture
def ministry() -> Iterator[Ministry]:
    """A ministry with sixty entries, honest until it is told otherwise."""
    with Ministry(LEAVES) as running:
        yield running


@pytest.fixture(params=["sqlite", "lines"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Kept]:
    """Opens what the province keeps, as often as wanted."""
    if request.param == "sqlite":
        return lambda: SqliteKept(tmp_path / "feed.sqlite")
    return lambda: LinesKept(tmp_path / "feed.jsonl")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that are signed but not given out are waited for half a second."""
    monkeypatch.setattr(follower, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(follower, "PAUSE_SECONDS", 0.2)


def take(ministry: Ministry, opened: Callable[[], Kept]) -> Kept:
    """Follow once with a fresh connection; what is kept, closed."""
    kept = opened()
    try:
        with HttpFeed(ministry.url, "32", "token", opener(ministry.key.verifier.vkey, ORIGIN)) as feed:
            follow(feed, kept, once=True)
    finally:
        kept.close()
    return kept


def stored(opened: Callable[[], Kept]) -> list[bytes]:
    """Everything that is kept now."""
    kept = opened()
    try:
        return list(kept.leaves(0, kept.tip().size))
    finally:
        kept.close()


def test_the_honest_feed_is_taken_and_confirmed(ministry: Ministry, opened: Callable[[], Kept]) -> None:
    """Taken in parts of any size, with heads in between, it is complete, in order, and confirmed to its end."""
    for signed, given in ((10, 25), (25, 25), (31, 44), (60, 60)):
        ministry.leaves, ministry.told = LEAVES[:given], LEAVES[:given]
        ministry.sign(LEAVES[:signed])
        take(ministry, opened)
        kept = opened()
        assert kept.confirmed().tree == Frontier.empty().extended(map(leaf_hash, LEAVES[:signed]))
        kept.close()

    assert stored(opened) == LEAVES


@lies
@pytest.mark.parametrize("known", [0, 10], ids=["from-the-start", "after-a-head"])
def test_the_index_is_told(ministry: Ministry, opened: Callable[[], Kept], kind: str, lie: Lie, known: int) -> None:
    """Under an honest head the follower says which index, within one head, and keeps only what a head confirmed."""
    ministry.leaves = LEAVES[:known]
    ministry.sign(LEAVES[:known])
    take(ministry, opened)
    ministry.leaves = lie(LEAVES)
    ministry.sign(LEAVES)

    index = "index 20 on" if kind == "withheld" else "index 20 was " + kind
    with pytest.raises(FeedBrokenError, match=index):
        take(ministry, opened)

    assert stored(opened) == LEAVES[:known]
    ministry.leaves = LEAVES
    take(ministry, opened)
    assert stored(opened) == LEAVES


@lies
def test_a_ministry_that_lies_about_hashes_too(
    ministry: Ministry, opened: Callable[[], Kept], kind: str, lie: Lie
) -> None:
    """When even the hashes are those of the lie, the range between the two heads is told, and nothing of it is kept."""
    ministry.leaves = LEAVES[:10]
    ministry.sign(LEAVES[:10])
    take(ministry, opened)
    ministry.leaves = ministry.told = lie(LEAVES)
    ministry.sign(LEAVES)

    with pytest.raises(FeedBrokenError, match=r"index \[10, 60\)"):
        take(ministry, opened)

    assert stored(opened) == LEAVES[:10]


@pytest.mark.parametrize("kind", ["omitted", "doubled", "reordered", "altered"])
def test_a_rewritten_past_that_is_signed_again(ministry: Ministry, opened: Callable[[], Kept], kind: str) -> None:
    """A new signature over a changed past does not help: the earlier head is kept, and the changed index is told."""
    ministry.leaves = LEAVES[:40]
    ministry.sign(LEAVES[:40])
    take(ministry, opened)
    ministry.leaves = ministry.told = LIES[kind](LEAVES)
    ministry.sign(ministry.leaves)

    with pytest.raises(FeedBrokenError, match="no extension of that of size 40: index 20 was"):
        take(ministry, opened)

    assert stored(opened) == LEAVES[:40]


def test_two_heads_of_one_size(ministry: Ministry, opened: Callable[[], Kept]) -> None:
    """Two signed heads of one size with different roots are a fork, though no entry came twice."""
    take(ministry, opened)
    ministry.sign([*LEAVES[:59], b"{}"])

    with pytest.raises(FeedBrokenError, match="two signed heads of size 60"):
        take(ministry, opened)

    assert stored(opened) == LEAVES


@pytest.mark.fault("province F9")
def test_a_head_that_goes_back(ministry: Ministry, opened: Callable[[], Kept]) -> None:
    """An older head, though honestly signed once, is a rollback."""
    take(ministry, opened)
    ministry.sign(LEAVES[:59])

    with pytest.raises(FeedBrokenError, match="went back from 60 to 59"):
        take(ministry, opened)

    assert stored(opened) == LEAVES


def test_another_key_is_no_head(ministry: Ministry, opened: Callable[[], Kept]) -> None:
    """A head that the pinned key has not signed proves nothing, and nothing is confirmed by it."""
    pinned = ministry.key.verifier.vkey
    with Ministry(LEAVES) as other, HttpFeed(other.url, "32", "token", opener(pinned, ORIGIN)) as feed:
        kept = opened()
        with pytest.raises(FeedBrokenError, match="not signed with its key"):
            follow(feed, kept, once=True)
        assert kept.confirmed().tree.size == 0
        kept.close()


def test_the_evidence_is_kept(ministry: Ministry, tmp_path: Path) -> None:
    """Both signed heads and what was set aside stay in the file, for the auditor."""

    def opened() -> Kept:
        return SqliteKept(tmp_path / "feed.sqlite")

    ministry.leaves = LEAVES[:10]
    ministry.sign(LEAVES[:10])
    first = ministry.note
    take(ministry, opened)
    ministry.leaves = LIES["altered"](LEAVES)
    ministry.sign(LEAVES)
    with pytest.raises(FeedBrokenError):
        take(ministry, opened)

    file = sqlite3.connect(tmp_path / "feed.sqlite")
    assert file.execute("SELECT note FROM state").fetchone()[0] == first
    assert file.execute("SELECT note FROM disputed WHERE position IS NULL").fetchone()[0] == ministry.note
    set_aside = file.execute("SELECT position, raw FROM disputed WHERE position IS NOT NULL ORDER BY 1").fetchall()
    assert set_aside == list(enumerate(ministry.leaves[10:], 10))
    assert [row[0] for row in file.execute("SELECT raw FROM confirmed")] == LEAVES[:10]
    file.close()


def test_position_and_leaves_commit_together(opened: Callable[[], Kept]) -> None:
    """Opened again after any append, the follower goes on from what it has, with the same tree."""
    for start in range(0, 60, 13):
        kept = opened()
        assert kept.tip().size == start
        kept.append(LEAVES[start : start + 13])
        kept.close()

    assert stored(opened) == LEAVES


def test_a_line_that_was_being_written_is_cut_off(tmp_path: Path) -> None:
    """A file of lines that was killed while it wrote goes on from the last whole append."""
    file = tmp_path / "feed.jsonl"
    kept = LinesKept(file)
    kept.append(LEAVES[:10])
    with file.open("ab") as half:
        half.write(LEAVES[10] + b"\n" + LEAVES[11][:50])
    again = LinesKept(file)
    again.append(LEAVES[10:20])

    assert file.read_bytes() == b"".join(leaf + b"\n" for leaf in LEAVES[:20])
