"""Projections: folded once, in batches; rebuilt beside the live tables; parked where they cannot be folded."""

import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import Corrected, Stage, StageEntered
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.folds.rows import Rows
from ksad.reporting.journal import Journal
from ksad.reporting.projections import comparing, generations
from ksad.reporting.projections.runner import Rebuilt, Runner
from ksad.reporting.projections.tables import table_name
from ksad.reporting.projections.views import Views
from tests.support.histories.histories import admit, generated, origin, registered, stream
from tests.support.histories.newest import fact_of
from tests.support.servers.schemas import opened

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)


@pytest.fixture
def journal(database: Database) -> Journal:
    """An empty journal on either database."""
    return Journal(database)


@pytest.fixture
def runner(journal: Journal) -> Runner:
    """A runner over the journal, with all projections."""
    return Runner(journal.database, journal)


def dumps(runner: Runner) -> dict[str, list[bytes]]:
    """The live rows of every projection."""
    with runner.database.read() as connection:
        return {
            one.name: comparing.dump(connection, runner.projections[one.name], one)
            for one in generations.live(connection)
        }


def folded_in_memory(journal: Journal) -> dict[str, int]:
    """How many rows an independent fold of the whole journal has, by table."""
    with journal.database.read() as connection:
        folds = [
            Fold(one, Rows(one.tables, lambda name, until: journal.history(connection, name, until)))
            for one in PROJECTIONS
        ]
        fold(folds, journal.entries(connection, 0, 100_000))
    return {table.name: len(list(one.rows.every(table.name))) for one in folds for table in one.projection.tables}


def test_live_tables_equal_an_independent_fold(journal: Journal, runner: Runner) -> None:
    """Folding batch by batch gives the rows that one fold in memory gives."""
    for start in range(0, 600, 37):
        admit(journal, generated(600)[start : start + 37])
        runner.catch_up()

    with journal.database.read() as connection:
        live = {one.name: one.number for one in generations.live(connection)}
        counted = {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(sa.table(table_name(table, live[name])))
            ).scalar_one()
            for name, projection in runner.projections.items()
            for table in projection.tables
        }
    assert folded_in_memory(journal) == counted


def test_a_rebuild_is_identical_and_can_be_switched_back(journal: Journal, runner: Runner) -> None:
    """A rebuild gives equal rows and becomes live; the generation before comes back with one call."""
    admit(journal, generated(500))
    runner.catch_up()
    before = dumps(runner)

    rebuilt = runner.rebuild()
    after = dumps(runner)
    admit(journal, generated(700)[500:])
    runner.catch_up()
    back = runner.switch_back("register")

    assert Rebuilt(500, identical=True, differing={}, switched=True) == rebuilt
    assert before == after
    assert (back.name, back.number, back.status, back.position) == ("register", 1, "live", 700)


def test_a_changed_row_is_found(journal: Journal, runner: Runner) -> None:
    """A row that was changed behind the runner's back makes the comparison fail, and the rebuild mends it."""
    admit(journal, generated(200))
    runner.catch_up()
    with journal.database.write() as connection:
        connection.exec_driver_sql("UPDATE cooperations_g1 SET title = 'lain'")

    found = runner.rebuild(switch=False)
    mended = runner.rebuild()
    again = runner.rebuild()

    assert found is not None
    assert (False, {"register"}) == (found.identical, set(found.differing))
    assert mended is not None
    assert not mended.identical
    assert again is not None
    assert again.identical


def test_a_cancelled_rebuild_goes_on(journal: Journal, runner: Runner, rng: random.Random) -> None:
    """A rebuild cancelled anywhere leaves the live tables alone and goes on from its last batch."""
    admit(journal, generated(400))
    runner.catch_up()
    before = dumps(runner)
    cancel = threading.Event()
    calls = rng.randrange(3)

    def stop_after(_done: int, _total: int) -> None:
        nonlocal calls
        calls -= 1
        if calls <= 0:
            cancel.set()

    assert runner.rebuild(cancel=cancel, progress=stop_after, batch=60) is None
    assert before == dumps(runner)
    finished = Runner(journal.database, journal).rebuild(batch=60)

    assert finished is not None
    assert finished.identical
    assert finished.events < 4 * 400


def test_a_correction_folds_its_stream_again(journal: Journal, runner: Runner) -> None:
    """A corrected title is what the register shows, before and after a rebuild."""
    events = stream("a", [registered("a", title="Judul salah"), ENTERED])
    corrected = Corrected(corrects=events[0].id, reason="salah ketik", fields={"title": "Judul benar"})
    admit(journal, [*events, seal(corrected, events[0].subject, 3, origin())])
    runner.catch_up()

    rebuilt = runner.rebuild()

    assert rebuilt is not None
    assert rebuilt.identical
    with journal.database.read() as connection:
        row = Views(connection).cooperation(cooperation_id("a"))
    assert row is not None
    assert (row["title"], row["stage"]) == ("Judul benar", "negotiation")


def test_poison_parks_its_stream_and_others_flow(journal: Journal, runner: Runner) -> None:
    """An event of an unknown type parks its stream for the live tables; a rebuild stops and says where."""
    good = stream("good", [registered("good"), ENTERED])
    bad = stream("bad", [registered("bad"), ENTERED])
    raw = bad[1].model_dump(mode="json", exclude_none=True) | {"type": "ksad.cooperation.dreamed.v1"}
    admit(journal, [bad[0], Envelope.model_validate(raw), *good])

    while runner.step():
        pass

    with journal.database.read() as connection:
        parked = generations.parked_list(connection)
        shown = Views(connection).cooperation(cooperation_id("good"))
    assert {bad[0].subject} == {row["stream"] for row in parked}
    assert {projection.name for projection in PROJECTIONS} == {row["name"] for row in parked}
    assert "UnknownTypeError" in parked[0]["reason"]
    assert shown is not None
    assert shown["stage"] == "negotiation"
    with pytest.raises(PoisonError, match="dreamed"):
        runner.rebuild()


def test_both_databases_give_equal_rows(tmp_path: Path, postgres_dsn: str) -> None:
    """The same bytes folded on SQLite and on PostgreSQL give the same rows, byte for byte."""
    found = []
    for url in (f"sqlite:///{tmp_path / 'reporting.sqlite'}", postgres_dsn):
        with opened(url, "reporting") as database:
            journal = Journal(database)
            admit(journal, generated(400))
            runner = Runner(database, journal)
            runner.catch_up()
            found.append(dumps(runner))

    assert found[0] == found[1]
    assert {name for name, rows in found[0].items() if rows} == {"register", "recap", "timeline", "tasks", "words"}


def test_rebuilds_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    """Under three hash seeds, time zones and clocks, with no network, a rebuild gives byte-equal rows."""
    url = f"sqlite:///{tmp_path / 'reporting.sqlite'}"
    with opened(url, "reporting") as database:
        admit(Journal(database), generated(300))
    script = Path(__file__).parents[1] / "support" / "histories" / "rebuild_digest.py"
    digests = {
        subprocess.run(
            [sys.executable, str(script), url],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "KSAD_TEST_MOMENT": moment},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone, moment in (("1", "UTC", "0"), ("2", "Asia/Jayapura", "86400"), ("3", "America/Lima", "2e9"))
    }

    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64
