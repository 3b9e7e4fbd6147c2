"""Rebuilds by pieces of the journal: in one process or several, whatever ends one of them, the rows are those of a fold
in its order.
"""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from ksad.chassis.database import Database
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import Corrected, Stage, StageEntered
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.folds.recap import RecapProjection, RegionTurn, turn_after
from ksad.reporting.journal import Journal
from ksad.reporting.projections import crew, piecewise
from ksad.reporting.projections.crew import WorkerLostError
from ksad.reporting.projections.pieces import Piece, PieceReader
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.turning import turns
from tests.ledger.folds.test_regions import Ministry
from tests.reporting.test_runner import dumps
from tests.support.histories.feed_lives import REGIONS
from tests.support.histories.histories import admit, generated, origin, registered, resolved, stream
from tests.support.histories.newest import fact_of
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import ON_SQLITE, opened

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)
KILLED = """
import os, signal, sys
from ksad.chassis.database import Database
from ksad.reporting.journal import Journal
from ksad.reporting.projections import piecewise
from ksad.reporting.projections.runner import Runner
piecewise.PIECES_FROM, piecewise.PIECE = 0, 60
database = Database(sys.argv[1])
runner = Runner(database, Journal(database), workers=2)
def killed(done, total):
    if done > total // 3:
        print(open(f"/proc/self/task/{os.getpid()}/children").read(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
runner.rebuild(progress=killed)
"""


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piecewise, "PIECES_FROM", 0)
    monkeypatch.setattr(piecewise, "PIECE", 60)


def mixed(rng: random.Random) -> list[Envelope]:
    """Regions that move, cooperations of theirs with and without corrections, tasks, and what a body resolves."""
    ministry = Ministry(rng)
    for number in range(30):
        ministry.go_on()
        key = f"k{number}"
        # Some have identities that are no numbers, as no service makes them.
        name = rng.choice([str(cooperation_id(key)), key])
        ministry.record(registered(key, rng.sample(REGIONS, 2)), f"cooperation/{name}")
        if rng.random() < 0.5:
            ministry.record(resolved(key, f"tkksd:{rng.choice(REGIONS)[:2]}"), f"supervision/{name}")
        if rng.random() < 0.3:
            newest = next(one for one in reversed(ministry.facts) if one.subject == f"cooperation/{name}")
            title = Corrected(corrects=newest.id, reason="salah ketik", fields={"title": f"Judul {number}"})
            ministry.record(title, newest.subject)
    return [*generated(150), *ministry.facts, *generated(600, seed=2)]


@pytest.fixture(params=[0, 2])
def workers(request: pytest.FixtureRequest) -> int:
    """The number of processes."""
    number: int = request.param
    return number


def every_turn(journal: Journal) -> Iterator[RegionTurn]:
    """What a look at every entry finds."""
    known: RegionTurn | None = None
    with journal.database.read() as connection:
        for entry in journal.entries(connection, 0, 100_000):
            event = Envelope.from_bytes(entry.raw)
            if event.type.startswith(RecapProjection.prefixes):
                plain = {"type": event.type, "data": event.data, "time": event.time}
                turn = turn_after(known, entry.number, plain)
                if turn is not None:
                    known = turn
                    yield turn


def test_pieces_give_the_rows_of_a_fold_in_order(
    database_url: str, rng: random.Random, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random histories, rebuilt by pieces, give row for row what their entries give one after the other.

    That is so however many rows a fold keeps in memory.
    """
    monkeypatch.setattr("ksad.ledger.folds.rows.HELD_MAX", rng.choice([5, 50, 5_000]))
    with opened(database_url, "reporting") as database:
        journal = Journal(database)
        admit(journal, mixed(rng))
        runner = Runner(database, journal, workers=workers)
        runner.catch_up(rng.randint(50, 400))
        before = dumps(runner)

        rebuilt = runner.rebuild()

        assert rebuilt is not None
        assert (rebuilt.identical, rebuilt.differing, rebuilt.events) == (True, {}, journal.head().size)
        assert dumps(runner) == before
        with database.read() as connection:
            options = {"binary": True} if database.dialect == "postgresql" else {}
            mark = "%s" if options else "?"
            reader = PieceReader(lambda: connection.connection.cursor(**options), mark)
            size = journal.size(connection)
            assert turns(reader, size) == list(every_turn(journal))
            pieces = [Piece(number, 7, size) for number in range(7)]
            read = [entry.number for piece in pieces for part in reader.read(piece) for entry in part]
        assert sorted(read) == list(range(size))


@ON_SQLITE
def test_a_rebuild_by_pieces_goes_on(database: Database, rng: random.Random, workers: int) -> None:
    """One that is cancelled between pieces, or loses a process, leaves the live rows alone; the next folds the rest."""
    journal = Journal(database)
    admit(journal, generated(900))
    runner = Runner(database, journal, workers=workers)
    runner.catch_up()
    before, calls, cancel = dumps(runner), rng.randint(2, 8), threading.Event()

    def stop(done: int, _: int) -> None:
        nonlocal calls
        calls -= 1
        if calls == 0:
            cancel.set()

    assert runner.rebuild(cancel=cancel, progress=stop) is None
    assert dumps(runner) == before
    admit(journal, generated(1000)[900:])
    finished = Runner(database, journal, workers=workers).rebuild()
    assert finished is not None
    assert (finished.identical, finished.events < 950) == (True, True)


@ON_SQLITE
def test_a_process_that_is_killed_is_told_of(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebuild whose process is killed ends with that, ends the others, and the next call goes on after it."""
    journal = Journal(database)
    admit(journal, generated(900))
    runner = Runner(database, journal, workers=2)
    runner.catch_up()
    crews: list[crew.Crew] = []

    class WatchedCrew(crew.Crew):
        """A crew that can be found."""

        def __enter__(self) -> Self:
            crews.append(self)
            super().__enter__()
            return self

    monkeypatch.setattr(piecewise, "Crew", WatchedCrew)

    def kill(done: int, _: int) -> None:
        if done > 300:
            crews[0].processes[0].kill()

    with pytest.raises(WorkerLostError, match="a process of the rebuild has ended"):
        runner.rebuild(progress=kill)
    assert all(process.returncode is not None for process in crews[0].processes)
    again = runner.rebuild()
    assert again is not None
    assert (again.identical, again.events < 900) == (True, True)


@ON_SQLITE
def test_no_process_outlives_who_started_it(database_url: str) -> None:
    """When the rebuild itself is killed its processes end too, and the next rebuild goes on."""
    with opened(database_url, "reporting") as database:
        journal = Journal(database)
        admit(journal, generated(900))
        runner = Runner(database, journal, workers=0)
        runner.catch_up()
        script = [sys.executable, "-c", KILLED, database_url]
        killed = subprocess.run(script, check=False, capture_output=True, text=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        found = [int(one) for one in killed.stdout.split()]
        assert len(found) == 2
        wait_until(lambda: not any(map(_lives, found)), what="the end of the processes")
        again = runner.rebuild()
        assert again is not None
        assert (again.identical, again.events < 900) == (True, True)


def _lives(process: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    return False


@ON_SQLITE
def test_what_cannot_be_folded_is_named(database: Database, workers: int) -> None:
    """A rebuild by pieces stops at an entry that no fold knows, and names it as any rebuild does."""
    bad = stream("bad", [registered("bad"), ENTERED])
    raw = bad[1].model_dump(mode="json", exclude_none=True) | {"type": "ksad.cooperation.dreamed.v1"}
    corrected = seal(Corrected(corrects=bad[0].id, reason="x", fields={"title": "y"}), bad[0].subject, 3, origin())
    journal = Journal(database)
    admit(journal, [*generated(200), bad[0], Envelope.model_validate(raw), corrected])
    runner = Runner(database, journal, workers=workers)
    while runner.step():
        pass
    with pytest.raises(PoisonError, match=rf"entry 201 \(ksad.cooperation.dreamed.v1\) of {bad[0].subject}") as found:
        runner.rebuild()
    assert "UnknownTypeError" in found.value.reason
