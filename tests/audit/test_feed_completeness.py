"""What was withheld from a province: every head is held against what was owed by then, with both numbers."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.audit.checks.membership import Feed
from ksad.audit.checks.owed import OwedCount
from ksad.chassis.places import DataFolder
from ksad.chassis.store import EventStore
from ksad.contracts import canonical
from ksad.contracts.identifiers import cooperation_id
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import (
    PLATFORM,
    Audited,
    admit,
    checked,
    copied,
    failed,
    feed_with,
    forged,
    leaves_of,
    made,
)
from tests.support.forgers.changes import AT
from tests.support.forgers.signing_anew import head_of, put_head
from tests.support.histories.histories import registered

ALL = 230
"""Entries that the log gave to province 33."""
Heads = list[dict[str, Any]]
WITHHELD = pytest.mark.fault(
    "audit F2",
    kind="A part is proved, and the whole is said to hold: a root proves what is under it, never that "
    "there is nothing else.",
    looked="Signed heads, daily anchors and received files of feeds, documents, reports owed and compiled, the sizes "
    "in the manifest, replays that stop early, the roots that reports name.",
    found="Anchors that name no feed, a feed left out of an anchor, anchors that go back or follow no day, an export "
    "that did not wait for the feeds; replays and reports: audit F4 and F11.",
)


def with_heads(change: Callable[[Heads], Heads]) -> Callable[[list[bytes]], list[bytes]]:
    """Other heads in all anchors."""

    def changed(leaves: list[bytes]) -> list[bytes]:
        made_anew = []
        for raw in leaves:
            event = orjson.loads(raw)
            if "heads" in event["data"]:
                event["data"]["heads"] = change(event["data"]["heads"])
            made_anew.append(canonical.encode(event))
        return made_anew

    return changed


def head_at(whole: Audited, province: str, size: int) -> Callable[[Path], None]:
    """Puts a head of the first entries of a feed, signed with its genuine key, into an archive."""
    ours = feed_with(whole, AT)[2]
    key = load_key(whole.source.keys / "logs" / f"feed-{province}.key")

    def edit(data: Path) -> None:
        put_head(data, province, head_of(ours[:size], key))

    return edit


@WITHHELD
@pytest.mark.parametrize("size", [0, 5, ALL - 1])
def test_a_head_older_than_the_anchors_is_refused(whole: Audited, tmp_path: Path, size: int) -> None:
    """A courier without any key, who puts an old but genuine head of a feed beside the anchors, is found."""
    assert feed_with(whole, AT)[0] == "33"
    bad = forged(whole.archive, tmp_path / "bad.tar", edit=head_at(whole, "33", size))

    check = checked(bad, whole.keys)["feed 33"]

    assert (check.ok, check.first_bad) == (False, size)
    assert f"over {size} entries" in check.detail
    assert f"the anchor at 409 over {ALL}" in check.detail


@WITHHELD
@pytest.mark.parametrize(
    "change",
    [
        lambda _: [],
        lambda heads: [one for one in heads if one["province"] != "33"],
        lambda heads: [one | ({"size": 10} if one["province"] == "33" else {}) for one in heads],
    ],
    ids=["emptied", "left out", "small"],
)
def test_a_withheld_feed_is_found_in_the_anchors(
    whole: Audited, tmp_path: Path, log_key: SigningKey, change: Callable[[Heads], Heads]
) -> None:
    """Who owns all keys, withholds a feed, and makes its anchors and its head fit, contradicts what was owed."""
    keys = whole.source.keys
    bad = forged(
        whole.archive,
        tmp_path / "bad.tar",
        with_heads(change),
        key=log_key,
        keys_dir=keys,
        edit=head_at(whole, "33", 10),
    )

    checks = checked(bad, whole.keys)

    check = checks["feed 33"]
    assert not check.ok
    assert "of the 64 entries" in check.detail, "what was owed when the first day was anchored"
    twin = forged(whole.archive, tmp_path / "twin.tar", with_heads(list), key=log_key, keys_dir=keys)
    assert failed(checked(twin, whole.keys)) == {}


@WITHHELD
def test_without_anchors_what_is_older_than_an_hour_is_owed(
    whole: Audited, tmp_path: Path, log_key: SigningKey
) -> None:
    """Who leaves out the anchors, too, has still to show a head over all that the log recorded until an hour ago."""

    def without(leaves: list[bytes]) -> list[bytes]:
        return [raw for raw in leaves if b"feeds_anchored" not in raw]

    bad = forged(
        whole.archive,
        tmp_path / "bad.tar",
        without,
        key=log_key,
        keys_dir=whole.source.keys,
        edit=head_at(whole, "33", 5),
    )

    check = checked(bad, whole.keys)["feed 33"]

    assert (check.ok, check.first_bad) == (False, 5)
    assert f"5 of the {ALL} entries" in check.detail


@WITHHELD
@pytest.mark.parametrize(("late", "holds"), [(timedelta(minutes=50), True), (timedelta(minutes=70), False)])
def test_only_the_newest_hour_may_wait_for_its_head(
    whole: Audited, tmp_path: Path, log_key: SigningKey, late: timedelta, holds: bool
) -> None:
    """A feed whose head does not cover what was recorded within the last hour holds, and both numbers are told."""
    last = datetime.fromisoformat(orjson.loads(leaves_of(whole.archive)[-1])["time"])
    kinds = ["awal", "akhir"]
    new = [
        made(registered(kind), f"cooperation/{cooperation_id(kind)}", 1, last + late * number).to_bytes()
        for number, kind in enumerate(kinds)
    ]
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: leaves + new, key=log_key)

    check = checked(bad, whole.keys)["feed 33"]

    assert check.ok is holds
    assert f"{ALL} of the {ALL + 2} entries" in check.detail
    assert check.first_bad == (None if holds else ALL)


@WITHHELD
def test_an_untouched_feed_says_how_many_were_owed(whole: Audited) -> None:
    """Where a feed's head covers all that was owed, the sentence says so with the number."""
    check = checked(whole.archive, whole.keys)["feed 33"]

    assert check.ok
    assert check.detail.startswith(f"all {ALL} entries that the national log says it had to contain")


@WITHHELD
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"causationid": "00000000-0000-5000-8000-000000000000"}, "follows no day"),
        ({"causationid": None}, "follows no day"),
        ({"data": {"day": "2015-03-02"}}, "follows no day"),
        ({"data": {"heads": [{"origin": "ksad/lain/feed/33"}]}}, "names the origin ksad/lain/feed/33"),
    ],
    ids=["no cause", "absent", "other day", "other origin"],
)
def test_an_anchor_follows_a_day_and_names_its_feeds(
    whole: Audited, tmp_path: Path, log_key: SigningKey, change: dict[str, Any], says: str
) -> None:
    """An anchor that follows no passed day, or is of a foreign feed, is named."""

    def changed(leaves: list[bytes]) -> list[bytes]:
        event = orjson.loads(leaves[409])
        for name, value in change.items():
            if name == "data" and "heads" in value:
                event["data"]["heads"][1] |= value["heads"][0]
            elif name == "data":
                event["data"] |= value
            elif value is None:
                del event[name]
            else:
                event[name] = value
        return [*leaves[:409], canonical.encode(event)]

    bad = forged(whole.archive, tmp_path / "bad.tar", changed, key=log_key, keys_dir=whole.source.keys)

    check = checked(bad, whole.keys)["anchors"]

    assert (check.ok, check.first_bad) == (False, 409)
    assert says in check.detail


def test_what_is_owed_grows_with_deliveries() -> None:
    """What came is owed from its own leaf on, what followed later from the leaf that brought it."""
    feed = Feed()
    feed.came.extend([7, 3])
    feed.late.append((5, type(feed.came)("q", [0, 1])))
    owed = OwedCount(feed)

    assert [owed.through(leaves) for leaves in range(10)] == [0, 0, 0, 0, 1, 1, 3, 3, 4, 4]
    assert OwedCount(None).through(10) == 0


@WITHHELD
def test_an_export_waits_for_the_feeds(whole: Audited, tmp_path: Path) -> None:
    """While feeds lag behind a signed log, an export waits for their heads, so that no archive tells of a lag."""
    one = copied(whole, tmp_path)
    event = made(registered("baru"), f"cooperation/{cooperation_id('baru')}", 1, datetime.now(UTC))
    with one.source.database("registry") as registry, one.source.database("reporting") as reporting:
        log = Journal(reporting)
        admit({"registry": EventStore(registry)}, log, event)
        publish(one.source, log)
        feeds = Feeds(reporting, log)
        exporting = threading.Thread(target=export, args=(one.source, tmp_path / "new.tar"))
        exporting.start()
        exporting.join(2)
        assert exporting.is_alive()
        assert feeds.step()
        publish(one.source, log)
        exporting.join(60)

    check = checked(tmp_path / "new.tar", whole.keys)["feed 33"]

    assert check.ok
    assert check.detail.startswith(f"all {ALL + 1} entries")


def publish(source: DataFolder, log: Journal) -> None:
    """Sign whatever grew."""
    checkpoints = Checkpoints(log, Keyring(source.keys, PLATFORM), source.log)
    checkpoints.publish()
    checkpoints.close()
    assert checkpoints.refused is None
