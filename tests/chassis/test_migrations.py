"""A schema goes forward by numbered steps, each whole or not at all, and no release works on another one's."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from ksad.chassis.database import Database
from ksad.chassis.migrations import SchemaError, Script, Step, check, migrate, migrations
from tests.support.servers.processes import wait_until

Make = Callable[..., tuple[Step, ...]]
FOREVER = (
    "CREATE TABLE b AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)"
    " SELECT max(i) AS i FROM n"
)
MIGRATE = """
import sys
import sqlalchemy as sa
from structlog.testing import capture_logs
from ksad.chassis.database import Database
from ksad.chassis.migrations import Script, Step, migrate
def begun(connection, cursor, statement, *rest):
    if "RECURSIVE" in statement:
        print("begun", flush=True)
sa.event.listen(sa.Engine, "before_cursor_execute", begun)
sys.path.insert(0, sys.argv[2])
migrate(Database(sys.argv[1]), "one", (Step(1, "first", (Script("stepped", "0001"),)),))
"""


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the steps of a package from their statements, the first one number 1."""
    monkeypatch.syspath_prepend(str(tmp_path / "path"))

    def steps(*scripts: Sequence[str]) -> tuple[Step, ...]:
        folder = tmp_path / "path" / "stepped" / "migrations"
        folder.mkdir(parents=True, exist_ok=True)
        for number, statements in enumerate(scripts, 1):
            for dialect in ("sqlite", "postgresql"):
                (folder / f"{number:04}.{dialect}.sql").write_text(";\n\n".join(statements) + ";\n")
        return tuple(
            Step(number, f"step {number}", (Script("stepped", f"{number:04}"),))
            for number in range(1, len(scripts) + 1)
        )

    return steps


@pytest.fixture
def tables() -> str:
    """No service's: these tests make their own."""
    return ""


def present(database: Database) -> set[str]:
    """The tables that are there, but for the one that notes the steps."""
    with database.read() as connection:
        return set(sa.inspect(connection).get_table_names()) - {migrations.name}


def noted(database: Database) -> list[tuple[str, int, str]]:
    """What is noted of steps."""
    with database.read() as connection:
        rows = connection.execute(sa.select(migrations).order_by(migrations.c.number))
        return [(row.service, row.number, row.name) for row in rows]


ONE = ["CREATE TABLE a (id INTEGER PRIMARY KEY)", "CREATE INDEX a_id ON a (id)"]
TWO = ["ALTER TABLE a ADD COLUMN said TEXT", "CREATE TABLE b (id INTEGER PRIMARY KEY)"]


def test_steps_are_carried_out_in_order_and_once(database: Database, make: Make) -> None:
    """What a database lacks is done in the order of its numbers and noted; the second time there is nothing to do."""
    first, both = make(ONE), make(ONE, TWO)

    assert [step.number for step in migrate(database, "one", first)] == [1]
    assert [step.number for step in migrate(database, "one", both)] == [2]
    assert migrate(database, "one", both) == []

    assert noted(database) == [("one", 1, "step 1"), ("one", 2, "step 2")]
    assert present(database) == {"a", "b"}
    assert check(database, "one", both) == 2


def test_a_step_that_fails_leaves_nothing(database: Database, make: Make) -> None:
    """The steps before it stay, nothing of it does, and it is carried out once it is mended."""
    with pytest.raises(sa.exc.DBAPIError):
        migrate(database, "one", make(ONE, [*TWO, "CREATE TABLE a (id INTEGER)"]))

    assert (present(database), noted(database)) == ({"a"}, [("one", 1, "step 1")])
    with database.read() as connection:
        assert [column["name"] for column in sa.inspect(connection).get_columns("a")] == ["id"]
    assert [step.number for step in migrate(database, "one", make(ONE, TWO))] == [2]


def test_a_killed_step_leaves_nothing(tmp_path: Path, make: Make) -> None:
    """Whoever is killed amidst a step has done nothing, and the next one does all of it."""
    url = f"sqlite:///{tmp_path / 'one.sqlite'}"
    make([*ONE, FOREVER])
    command = [sys.executable, "-c", MIGRATE, url, str(tmp_path / "path")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGKILL)
    with closing(Database(url)) as database:
        assert present(database) == set()
        assert [step.number for step in migrate(database, "one", make(ONE))] == [1]


def test_two_who_migrate_at_once_take_turns(database_url: str, make: Make) -> None:
    """Each step is carried out by one of them, and neither fails."""
    both = make(ONE, TWO)
    with (
        closing(Database(database_url)) as here,
        closing(Database(database_url)) as there,
        ThreadPoolExecutor() as pool,
    ):
        done = [pool.submit(migrate, one, "one", both) for one in (here, there)]
        assert sorted(step.number for one in done for step in one.result()) == [1, 2]
        assert present(here) == {"a", "b"}


def test_an_older_schema_is_refused_with_what_to_do(database: Database, make: Make) -> None:
    """Who has not migrated is told both numbers and the verb, whether there is an older schema or none."""
    both = make(ONE, TWO)
    with pytest.raises(
        SchemaError, match=r"of one has schema 0, this release works with 2: run `python -m ksad\.one mig"
    ):
        check(database, "one", both)
    migrate(database, "one", both[:1])
    with pytest.raises(SchemaError, match="has schema 1, this release works with 2"):
        check(database, "one", both)
    assert present(database) == {"a"}


def test_a_newer_schema_is_refused_and_left_alone(database: Database, make: Make) -> None:
    """An older release neither starts on what a newer one has made nor migrates it, and says how to go on."""
    both = make(ONE, TWO)
    migrate(database, "one", both)
    for call in (check, migrate):
        with pytest.raises(
            SchemaError, match="has schema 2, which a newer release has made, and this one knows 1: inst"
        ):
            call(database, "one", both[:1])
    assert noted(database) == [("one", 1, "step 1"), ("one", 2, "step 2")]


def test_the_database_of_another_service_is_refused(database: Database, make: Make) -> None:
    """Two services that were given one address do not share it: the second is told whose it is."""
    first = make(ONE)
    migrate(database, "one", first)
    for call in (check, migrate):
        with pytest.raises(SchemaError, match="the database is that of one: give two one of its own"):
            call(database, "two", first)


def test_a_step_lets_others_go_first_and_comes_back(make: Make, postgres_dsn: str) -> None:
    """While a long reading holds a table, a step that changes it gives up, lets readers in, and tries again."""
    with closing(Database(postgres_dsn)) as database, ThreadPoolExecutor() as pool, capture_logs() as logged:
        migrate(database, "one", make(ONE))
        with database.read() as reading:
            reading.execute(sa.text("SELECT * FROM a")).all()
            stepping = pool.submit(migrate, database, "one", make(ONE, TWO))
            wait_until(lambda: [one for one in logged if one["event"] == "schema_step_waits"], what="the retreat")
            with database.read() as another:
                assert another.execute(sa.text("SELECT count(*) FROM a")).scalar() == 0
            assert not stepping.done()
        assert [step.number for step in stepping.result(60)] == [2]
    assert {one["number"] for one in logged if one["event"] == "schema_step_waits"} == {2}
