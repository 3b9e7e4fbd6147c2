"""Feeds as provinces have them: whatever stands in a file gets a verdict, and the verdict has both numbers."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, checked, failed, feed_with
from tests.support.forgers.changes import AT
from tests.support.forgers.signing_anew import head_of

ALL = 230
"""Entries that the log gave to province 33."""
ODD_FILE = pytest.mark.fault(
    "audit F7",
    kind="What cannot be compared ends the comparison, and the rest counts as equal; "
    "a program's error instead of a verdict.",
    looked="The three forms of a received feed, each column of its table, kept checkpoints, key "
    "files, positions, JSON lists.",
    found="Positions that are no numbers, a table that is no feed, a view in its place, rows hidden behind a last one.",
)


INSERT = ["", "INSERT INTO feed VALUES (?)", "INSERT INTO feed VALUES (?, ?)", "INSERT INTO feed VALUES (?, ?, ?)"]


def sqlite_feed(path: Path, rows: Sequence[tuple[object, ...]], schema: str = "position, raw") -> Path:
    """A feed as a follower keeps it, with whatever stands in it."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE feed ({schema})")
        for row in rows:
            connection.execute(INSERT[len(row)], row)
    return path


@ODD_FILE
@pytest.mark.parametrize("odd", [None, "teks", 17, 1.5, b""])
def test_an_entry_that_is_no_event_is_a_difference(whole: Audited, tmp_path: Path, odd: object) -> None:
    """NULL, a text, a number or nothing where entry 100 had to stand is the first bad entry, whatever follows."""
    ours = feed_with(whole, AT)[2]
    rows: list[tuple[object, object]] = list(enumerate([*ours[:100], odd, *[b"forged"] * 5]))
    file = sqlite_feed(tmp_path / "feed.sqlite", rows)

    assert failed(checked(whole.archive, whole.keys, feeds={"33": file})) == {"feed 33 received": 100}


@ODD_FILE
@pytest.mark.parametrize("odd", [None, "dua", 2.5, b"\x02", 7])
def test_a_position_that_is_another_is_a_difference(whole: Audited, tmp_path: Path, odd: object) -> None:
    """A row whose position is not the next number ends what can be compared, and the verdict fails there."""
    ours = feed_with(whole, AT)[2]
    file = sqlite_feed(tmp_path / "feed.sqlite", [(0, ours[0]), (1, ours[1]), (odd, ours[2])])

    check = checked(whole.archive, whole.keys, feeds={"33": file})["feed 33 received"]

    assert not check.ok
    assert check.first_bad in {0, 2}


@ODD_FILE
@pytest.mark.parametrize("province", ["33", "99"])
@pytest.mark.parametrize("kind", ["sqlite", "lines"])
def test_an_empty_file_proves_nothing(whole: Audited, tmp_path: Path, province: str, kind: str) -> None:
    """A received feed without an entry proves nothing of any province, and the verdict says so and does not hold."""
    file = tmp_path / "empty"
    if kind == "sqlite":
        sqlite_feed(file, [])
    else:
        file.touch()

    check = checked(whole.archive, whole.keys, feeds={province: file})[f"feed {province} received"]

    assert not check.ok
    assert "proves nothing" in check.detail


@ODD_FILE
@pytest.mark.parametrize("schema", ["position", "position, raw, third"])
def test_a_table_of_another_shape_is_no_feed(whole: Audited, tmp_path: Path, schema: str) -> None:
    """A table with other columns than a follower's is not read as if it were one."""
    ours = feed_with(whole, AT)[2]
    width = schema.count(",") + 1
    rows: list[Any] = [tuple([0, ours[0], 1][:width])]
    file = sqlite_feed(tmp_path / "feed.sqlite", rows, schema)

    assert failed(checked(whole.archive, whole.keys, feeds={"33": file})) == {"feed 33 received": 0}


@ODD_FILE
def test_how_far_a_province_lags_is_told(whole: Audited, tmp_path: Path) -> None:
    """A province that has a part holds, and the sentence says how many of how many."""
    ours = feed_with(whole, AT)[2]
    file = sqlite_feed(tmp_path / "feed.sqlite", list(enumerate(ours[:100])))

    check = checked(whole.archive, whole.keys, feeds={"33": file})["feed 33 received"]

    assert check.ok
    assert f"100 of the {ALL} entries" in check.detail


@ODD_FILE
@pytest.mark.parametrize("signed", [True, False])
def test_a_newer_file_is_told_from_a_made_up_one(whole: Audited, tmp_path: Path, signed: bool) -> None:
    """Entries behind the archive's end hold only if the feed's key signed a head over them; the sentence says so."""
    ours = [*feed_with(whole, AT)[2], b"later"]
    key = load_key(whole.source.keys / "logs" / "feed-33.key")
    note = head_of(ours, key if signed else SigningKey.generate(key.name))
    file = sqlite_feed(tmp_path / "feed.sqlite", list(enumerate(ours)))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE state (note)")
        connection.execute("INSERT INTO state VALUES (?)", (note,))

    check = checked(whole.archive, whole.keys, feeds={"33": file})["feed 33 received"]

    assert check.ok is signed
    assert ("ask for a newer archive" in check.detail) is signed
    assert check.first_bad == (None if signed else ALL)
