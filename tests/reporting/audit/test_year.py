"""A replay as of any day of a whole year is what the projections held at the end of that day."""

import hashlib
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

import orjson
import pytest

from chassis.database import Database
from contracts import canonical
from reporting.audit.replay import Replay, known_on, replay
from reporting.audit.source import Source
from reporting.journal import Arrival, Journal
from reporting.projections import PROJECTIONS
from reporting.projections import generations as books
from reporting.projections.runner import Runner
from tests.support.audited import FIRST_DAY, history

DAYS, FACTS = 365, 900
NAMED = {one.name: one for one in PROJECTIONS}


def digest(database: Database) -> str:
    """The digest of all rows of all live projections, as a replay prints it."""
    found = hashlib.sha256()
    with database.read() as connection:
        for one in books.live(connection):
            for line in books.dump(connection, NAMED[one.name], one):
                found.update(line + b"\n")
    return found.hexdigest()


def lived(tmp_path: Path) -> tuple[list[bytes], list[tuple[int, str]]]:
    """A year as the platform lives it: its leaves, and each day's size of the log and digest of the projections."""
    leaves: list[bytes] = []
    days: list[tuple[int, str]] = []
    database = Database(f"sqlite:///{tmp_path / 'lived.sqlite'}")
    log = Journal(database)
    runner = Runner(database, log)
    batch: list[Arrival] = []
    for event in history(Source(tmp_path), FACTS, DAYS):
        leaves.append(event.to_bytes())
        batch.append(Arrival(leaves[-1], event.service, len(leaves)))
        if event.type == "ksad.calendar.day_passed.v1":
            with database.write() as connection:
                assert log.admit(connection, batch) == len(batch)
            batch.clear()
            runner.catch_up()
            days.append((len(leaves), digest(database)))
    database.close()
    return leaves, days


@pytest.mark.timeout(400)
def test_each_day_of_a_year(tmp_path: Path) -> None:
    """Day by day the replayed rows are those that were recorded; a replay from the first leaf on ends up the same."""
    leaves, days = lived(tmp_path)
    assert len(days) == DAYS
    passed = {
        orjson.loads(raw)["data"]["day"]: number + 1 for number, raw in enumerate(leaves) if b".day_passed." in raw
    }
    database = Database(f"sqlite:///{tmp_path / 'replayed.sqlite'}")
    journal = Replay(database, lambda: leaves)
    runner = Runner(database, journal)
    for number, (size, recorded) in enumerate(days):
        assert passed[(FIRST_DAY + timedelta(days=number)).isoformat()] == size
        journal.count = size
        runner.catch_up()
        assert digest(database) == recorded, number
    database.close()
    for number in range(0, DAYS, 90):
        day = FIRST_DAY + timedelta(days=number)
        done = replay(partial(islice, leaves, known_on(leaves, day)), tmp_path / f"{day}.sqlite")
        assert (done.entries, done.digest, done.parked) == (*days[number], {}), day


def test_another_history_is_another_digest(tmp_path: Path) -> None:
    """One word changed in one fact of the year changes the digest of the replay: the comparison above can fail."""
    leaves = [event.to_bytes() for event in history(Source(tmp_path), 60, 2)]
    at = next(number for number, raw in enumerate(leaves) if b'"title"' in raw)
    event = orjson.loads(leaves[at])
    event["data"]["title"] += "!"
    other = [*leaves[:at], canonical.encode(event), *leaves[at + 1 :]]

    assert replay(lambda: leaves, tmp_path / "a").digest != replay(lambda: other, tmp_path / "b").digest
