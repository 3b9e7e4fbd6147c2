"""Replays: what was known on each day is what the projections held on that day."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from ksad.audit.diff import diff, differences
from ksad.audit.replay import NoSuchDayError, known_on, occurred_by, replay
from ksad.audit.tell import trace
from ksad.chassis.places import DataFolder
from ksad.contracts import canonical
from ksad.ledger.folds.digest import lines
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.reporting.journal import Journal
from ksad.reporting.projections import comparing, generations
from tests.support.forgers.audited import FIRST_DAY, Audited, fill, history, leaves_of


def written(file: Path) -> list[bytes]:
    """The rows in the file of a replay, as the platform's own are written down."""
    with closing(sqlite3.connect(file)) as connection:
        return [
            line
            for projection in sorted(PROJECTIONS, key=lambda one: one.name)
            for table in projection.tables
            for line in lines(table, connection.execute(f"SELECT {', '.join(table.all_columns)} FROM {table.name}"))  # noqa: S608 - names from the code
        ]


def test_each_day_as_it_was_recorded(tmp_path: Path) -> None:
    """A replay as of each day gives, row for row, the projections as the platform had them at that day's end."""
    source = DataFolder(tmp_path / "data")
    days: list[list[bytes]] = []
    named = {one.name: one for one in PROJECTIONS}

    def rows(log: Journal) -> list[bytes]:
        with log.database.read() as connection:
            live = generations.live(connection)
            return [line for one in live for line in comparing.dump(connection, named[one.name], one)]

    fill(source, history(source, 300, 6), each=lambda log: days.append(rows(log)))
    with source.database("reporting") as database, database.read() as connection:
        log = Journal(database)
        leaves = [entry.raw for entry in log.prefix(connection, log.size(connection))]

    for number, recorded in enumerate(days):
        day = FIRST_DAY + timedelta(days=number)
        file = tmp_path / f"day-{number}.sqlite"
        done = replay(partial(islice, leaves, known_on(leaves, day)), file)
        assert written(file) == recorded, day
        assert sum(done.rows.values()) == len(recorded)
    assert len(set(map(len, days))) > 1


def test_rows_in_the_file_are_those_in_memory(whole: Audited, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few rows a replay or a comparison of days keeps in memory, they find the same."""
    leaves = partial(leaves_of, whole.archive)
    found = []
    for most in (3, 100_000):
        monkeypatch.setattr("ksad.ledger.folds.rows.HELD_MAX", most)
        found.append((replay(leaves, tmp_path / f"{most}.sqlite"), diff(leaves, 100, 250)))

    assert found[0] == found[1]
    assert found[0][1].changes


def test_replays_repeat(whole: Audited, tmp_path: Path) -> None:
    """The same leaves give the same digest, fewer leaves another; a day that never passed is refused."""
    leaves = leaves_of(whole.archive)
    digests = [
        replay(partial(islice, leaves, size), tmp_path / f"{size}-{n}.sqlite").digest
        for size in (200, 300)
        for n in (1, 2)
    ]

    assert digests[0] == digests[1] != digests[2] == digests[3]
    with pytest.raises(NoSuchDayError):
        known_on(leaves, FIRST_DAY - timedelta(days=1))
    with pytest.raises(FileExistsError):
        replay(lambda: leaves, tmp_path / "200-1.sqlite")


def test_another_history_is_another_digest(whole: Audited, tmp_path: Path) -> None:
    """One word changed in one fact changes the digest of the replay: comparisons of days can fail."""
    leaves = leaves_of(whole.archive)
    at = next(number for number, raw in enumerate(leaves) if b'"title"' in raw)
    event = canonical.decode(leaves[at])
    event["data"]["title"] += "!"
    other = [*leaves[:at], canonical.encode(event), *leaves[at + 1 :]]

    assert replay(lambda: leaves, tmp_path / "a").digest != replay(lambda: other, tmp_path / "b").digest


def test_what_had_occurred(whole: Audited) -> None:
    """By occurrence, a fact counts from the day it happened, whenever it was recorded."""
    leaves = leaves_of(whole.archive)
    day = FIRST_DAY

    chosen = list(occurred_by(leaves, day))

    assert chosen == [raw for raw in leaves if canonical.decode(raw)["occurredon"] <= day.isoformat()]
    assert 0 < len(chosen) < len(leaves)


def test_changes_name_their_entries(whole: Audited) -> None:
    """Each row that differs between two days comes with entries of between that wrote it."""
    leaves = leaves_of(whole.archive)
    first, second = (known_on(leaves, FIRST_DAY + timedelta(days=number)) for number in (0, 2))

    changes = diff(lambda: leaves, first, second).changes

    assert changes
    assert all(change.causes for change in changes)
    assert all(first <= cause.entry < second for change in changes for cause in change.causes)
    assert all(list(differences(change.before, change.after)) for change in changes)
    assert diff(lambda: leaves, first, first).changes == []


def test_a_trace_tells_a_life(whole: Audited) -> None:
    """A trace lists the facts of one cooperation in order, each effect with the line of its cause."""
    lines = list(trace(leaves_of(whole.archive), "kerja-sama-1"))

    assert lines[0].what == "cooperation registered"
    assert [line.number for line in lines] == sorted(line.number for line in lines)
    caused = [line for line in lines if line.cause is not None]
    assert caused
    assert all(line.cause < line.number for line in caused if line.cause is not None)
    assert [line.cause for line in trace([leaves_of(whole.archive)[caused[0].number]], "kerja-sama-1")] == [None]
    assert any(line.clause.startswith(("P6.", "P10.")) for line in lines)
