"""Attacks on what a province was sent, and on the anchors of its feed: the leaves say what it had to get."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.contracts import canonical
from ksad.contracts.reporting import FeedHead, FeedsAnchored
from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, anchored_around, checked, failed, feed_with, forged, leaves_of, made
from tests.support.forgers.changes import AT, Change, edited
from tests.support.forgers.signing_anew import head_of, put_head


def anchor(leaves: list[bytes], size: Any) -> bytes:
    """An anchor of province 33's feed with a size and a false root, which follows the last day that has passed."""
    events = [orjson.loads(leaf) for leaf in leaves]
    passed = [event for event in events if event["type"] == "ksad.calendar.day_passed.v1"][-1]
    after = max(datetime.fromisoformat(event["time"]) for event in events)
    head = FeedHead(province="33", origin="ksad/bench/feed/33", size=10, root="ab" * 32)
    fact = FeedsAnchored(day=date.fromisoformat(passed["data"]["day"]), heads=[head])
    event = orjson.loads(made(fact, "anchor/other", 1, after).to_bytes())
    event["causationid"] = passed["id"]
    event["data"]["heads"][0]["size"] = size
    return canonical.encode(event)


def test_a_careless_key_holder_is_found_by_the_anchors(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Who signs the log anew but leaves the anchors in it as they were contradicts what the feeds had to contain.

    Which entry of the feed it was, only the province can tell; anchors tell between which of them.
    """
    bad = forged(whole.archive, tmp_path / "bad.tar", edited, key=log_key)
    province, position, ours = feed_with(whole, AT)

    found = failed(checked(bad, whole.keys))

    before, after = anchored_around(whole, province, position)
    assert found == {f"feed {province}": range(before, after)}
    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"".join(leaf + b"\n" for leaf in ours))
    assert failed(checked(bad, whole.keys, feeds={province: file}))[f"feed {province} received"] == position


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
    """Row 16 with the feed's key: a signed head over a feed that lacks an entry is not what the leaves had to give.

    A root does not tell which entry is lacking: it is one of those since the last anchor that holds. What the province
    has received does tell.
    """
    province, position, ours = feed_with(whole, AT)
    key = load_key(whole.source.keys / "logs" / f"feed-{province}.key")
    lacking = ours[:position] + ours[position + 1 :]
    before, after = anchored_around(whole, province, position)
    size = position + 5
    assert size < after

    def edit(data: Path) -> None:
        put_head(data, province, head_of(lacking[:size], key))

    bad = forged(whole.archive, tmp_path / "bad.tar", edit=edit)
    assert failed(checked(bad, whole.keys)) == {f"feed {province}": range(before, size)}

    file = tmp_path / "feed.jsonl"
    file.write_bytes(b"".join(leaf + b"\n" for leaf in lacking))
    found = failed(checked(bad, whole.keys, feeds={province: file}))
    assert found[f"feed {province} received"] == position


@pytest.mark.parametrize("size", [10, 230, 10**15])
def test_an_anchor_that_lies(whole: Audited, tmp_path: Path, log_key: SigningKey, size: int) -> None:
    """A daily anchor that names another root of a feed than the leaves give is found, though it is signed.

    Also one of the size that the feed's signed head has, and one that lies about entries that never were. Where a later
    head of the feed holds, the anchor is wrong and no entry; but that head may have been signed anew.
    """
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves, anchor(leaves, size)], key=log_key)

    found = failed(checked(bad, whole.keys, since=whole.kept))

    last = feed_with(whole, AT)[2]
    assert len(last) == 230
    before, _ = anchored_around(whole, "33", 229)
    assert found == {"feed 33": {10: range(10), 230: range(before, 230), 10**15: 230}[size]}


@pytest.mark.parametrize("size", [None, -1, "ten", {}, []])
def test_an_anchor_of_no_size(whole: Audited, tmp_path: Path, log_key: SigningKey, size: Any) -> None:
    """An anchor whose size is no number of entries is named by its leaf, as any data of another shape."""
    count = len(leaves_of(whole.archive))
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves, anchor(leaves, size)], key=log_key)

    assert failed(checked(bad, whole.keys)) == {"facts": count}


def test_an_anchor_over_what_was_not_owed_yet(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """An anchor with a true root of the feed as it became later tells of entries that nobody can have seen that day.

    Its root is right, the next anchor is over as many entries, and so is the signed head: only the day contradicts it.
    """
    _, _, ours = feed_with(whole, AT)
    events = [orjson.loads(leaf) for leaf in leaves_of(whole.archive)]
    told = {
        at: head
        for at, event in enumerate(events)
        for head in event["data"].get("heads", [])
        if head["province"] == "33"
    }
    last = next(head for head in told.values() if head["size"] == len(ours))
    at, before = max((at, head["size"]) for at, head in told.items() if head["size"] < len(ours))

    def early(leaves: list[bytes]) -> list[bytes]:
        heads = [last if head["province"] == "33" else head for head in events[at]["data"]["heads"]]
        changed = {**events[at], "data": {**events[at]["data"], "heads": heads}}
        return [*leaves[:at], canonical.encode(changed), *leaves[at + 1 :]]

    found = checked(forged(whole.archive, tmp_path / "bad.tar", early, key=log_key), whole.keys)

    assert failed(found) == {"feed 33": before}
    assert found["feed 33"].detail.endswith(f"is over {len(ours)} entries, and {before} were owed by then")
