"""The attack table of the audit, carried out on archives: the detector fires, names the first bad index, twins pass."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from contracts import canonical
from contracts.registry import DayPassed
from contracts.reporting import FeedHead, FeedsAnchored
from reporting.transparency.checkpoint import Checkpoint, sign_checkpoint
from reporting.transparency.keys import load_key, read_public, write_public
from reporting.transparency.note import SigningKey
from tests.support.audited import NATIONAL, Audited, checked, failed, feed_with, forged, made

Change = Callable[[list[bytes]], list[bytes]]
AT = 150
LEAF_RULES = {"envelopes", "versions", "causes", "times"}


def edited(leaves: list[bytes]) -> list[bytes]:
    """Another actor at one leaf."""
    event = orjson.loads(leaves[AT])
    event["actorid"] = "orang-lain"
    return [*leaves[:AT], canonical.encode(event), *leaves[AT + 1 :]]


def deleted(leaves: list[bytes]) -> list[bytes]:
    """One leaf left out."""
    return leaves[:AT] + leaves[AT + 1 :]


def swapped(leaves: list[bytes]) -> list[bytes]:
    """Two neighbours the other way round."""
    return [*leaves[:AT], leaves[AT + 1], leaves[AT], *leaves[AT + 2 :]]


def inserted(leaves: list[bytes]) -> list[bytes]:
    """A fact put in between, with a time that fits there."""
    moment = datetime.fromisoformat(orjson.loads(leaves[AT])["time"])
    return [*leaves[:AT], made(DayPassed(day=date(2015, 1, 1)), "calendar/other", 1, moment).to_bytes(), *leaves[AT:]]


def truncated(leaves: list[bytes]) -> list[bytes]:
    """The newest leaves gone."""
    return leaves[:AT]


def regrown(leaves: list[bytes]) -> list[bytes]:
    """Cut back, and grown past the old size with other facts."""
    moment = datetime.fromisoformat(orjson.loads(leaves[-1])["time"])
    count = len(leaves) - AT + 20
    more = [made(DayPassed(day=date(2016, 1, 1)), "calendar/more", n, moment).to_bytes() for n in range(1, count)]
    return leaves[:AT] + more


CHANGES = [edited, deleted, swapped, inserted, truncated, regrown]


def test_the_untouched_twin_passes(whole: Audited, tmp_path: Path) -> None:
    """Nothing is found in an archive that nobody touched, nor in one that was only packed again."""
    assert failed(checked(whole.archive, whole.keys, since=whole.kept)) == {}

    again = forged(whole.archive, tmp_path / "again.tar")

    assert failed(checked(again, whole.keys, since=whole.kept)) == {}


@pytest.mark.parametrize("change", CHANGES)
def test_a_dba_without_the_key_is_found(whole: Audited, tmp_path: Path, change: Change) -> None:
    """Rows 1-6: edited, deleted, reordered, cut, regrown, inserted: the signed tree names the first leaf."""
    bad = forged(whole.archive, tmp_path / "bad.tar", change)

    found = failed(checked(bad, whole.keys))

    assert found["tree"] == AT


@pytest.mark.parametrize("change", CHANGES)
def test_a_dba_with_the_key_is_found_by_an_earlier_head(
    whole: Audited, tmp_path: Path, log_key: SigningKey, change: Change
) -> None:
    """Rows 1-6 with the log's key: all is signed anew, and a head kept outside still tells between which sizes."""
    bad = forged(whole.archive, tmp_path / "bad.tar", change, key=log_key, keys_dir=whole.source.keys)

    found = failed(checked(bad, whole.keys, since=whole.kept))

    broken = {name: at for name, at in found.items() if name.startswith("since")}
    sizes = [int(head.split(b"\n")[1]) for head in whole.kept]
    last_good = max(size for size in sizes if size <= AT)
    assert broken, found
    assert min(at for at in broken.values() if at is not None) in {last_good, AT}


def test_without_an_outside_head_the_key_holder_is_not_found(
    whole: Audited, tmp_path: Path, log_key: SigningKey
) -> None:
    """Who owns database and key, and faces nobody with an earlier head or a feed, passes: docs/auditing.md says so."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edited, key=log_key, keys_dir=whole.source.keys)

    assert failed(checked(bad, whole.keys)) == {}


def test_a_careless_key_holder_is_found_by_the_anchors(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Who signs the log anew but leaves the anchors in it as they were contradicts what the feeds had to contain."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edited, key=log_key)

    found = failed(checked(bad, whole.keys))

    assert any(re.fullmatch(r"feed [0-9]{2}", name) for name in found)


def test_a_province_tells_the_exact_index(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Row 10: a fork signed with the key, of the same size; what a province received names the first other leaf."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edited, key=log_key, keys_dir=whole.source.keys)
    province, position, ours = feed_with(whole, AT)
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"".join(leaf + b"\n" for leaf in ours))

    found = failed(checked(bad, whole.keys, feeds={province: file}))
    twin = failed(checked(whole.archive, whole.keys, feeds={province: file}))

    assert found == {f"feed {province} received": position}
    assert twin == {}


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda leaves: leaves[:20] + leaves[21:], 20),
        (lambda leaves: [*leaves[:20], leaves[19], *leaves[20:]], 20),
        (lambda leaves: [*leaves[:20], leaves[21], leaves[20], *leaves[22:]], 20),
    ],
)
def test_a_feed_that_omits_doubles_or_reorders(whole: Audited, tmp_path: Path, change: Change, at: int) -> None:
    """Rows 16 and 17: what a province received is not what the national log says it had to receive, from this entry."""
    province, _, ours = feed_with(whole, AT)
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"".join(leaf + b"\n" for leaf in change(ours)))

    assert failed(checked(whole.archive, whole.keys, feeds={province: file})) == {f"feed {province} received": at}


def test_a_feed_signed_over_another_selection(whole: Audited, tmp_path: Path) -> None:
    """Row 16 with the feed's key: a signed head over a feed that lacks an entry is not what the leaves had to give."""
    province, _, _ = feed_with(whole, AT)
    key = load_key(whole.source.keys / "logs" / f"feed-{province}.key")

    def edit(data: Path) -> None:
        head = Checkpoint(key.name, 90, b"\x07" * 32)
        (data / "feeds" / province / "checkpoint").write_bytes(sign_checkpoint(head, key))

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)

    found = failed(checked(bad, whole.keys))
    assert list(found) == [f"feed {province}"]
    first = found[f"feed {province}"]
    assert first is not None
    assert first <= 90


def test_an_anchor_that_lies(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """A daily anchor that names another root of a feed than the leaves give is found, though it is signed."""
    moment = datetime(2026, 12, 1, tzinfo=UTC)
    head = FeedHead(province="33", origin="ksad/bench/feed/33", size=10, root="ab" * 32)
    lie = made(FeedsAnchored(day=date(2015, 3, 9), heads=[head]), "anchor/other", 1, moment).to_bytes()

    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves, lie], key=log_key)

    assert failed(checked(bad, whole.keys, since=whole.kept)) == {"feed 33": 0}


def test_a_swapped_key_is_refused(whole: Audited, tmp_path: Path) -> None:
    """Rows 11 and 26: clean history signed with another key of that name, which the archive brings: refused."""
    other = SigningKey.generate(NATIONAL)

    def bring(data: Path) -> None:
        write_public(data / "public.vkeys", [other.verifier])

    bad = forged(whole.archive, tmp_path / "bad.tar", key=other, edit=bring)

    assert failed(checked(bad, whole.keys)) == {"checkpoint": None}
    own = tmp_path / "own.vkeys"
    write_public(own, [*read_public(whole.keys)[1:], other.verifier])
    assert "checkpoint" not in failed(checked(bad, own))


def test_a_rolled_back_head_is_refused(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Row 17: an old but genuine head and prefix do not stand against a newer head that the auditor kept."""
    size = int(whole.kept[0].split(b"\n")[1])
    old = forged(whole.archive, tmp_path / "old.tar", lambda leaves: leaves[:size], key=log_key)

    found = failed(checked(old, whole.keys, since=whole.kept))

    assert found["since 409"] == size
