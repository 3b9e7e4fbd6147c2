"""One database behind the same few calls: what another transaction, or a server that says nothing, costs at most."""

import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Barrier

import psycopg
import pytest
import sqlalchemy as sa

from ksad.chassis.database import BusyError, Database, database
from ksad.chassis.problems import problem_of

LONGEST_SECONDS = 60
WAIT_SECONDS = 0.5
IN_TIME_SECONDS = 4.0
WRITE = sa.text("INSERT INTO kept (v) VALUES (1)")
COUNT = sa.text("SELECT count(*) FROM kept")
TABLES = sa.MetaData()
sa.Table("kept", TABLES, sa.Column("v", sa.Integer))


@pytest.fixture
def waiting(database_url: str) -> Iterator[Database]:
    """A database with a table, whose transactions wait for half a second."""
    with closing(Database(database_url, pool_size=4, wait_seconds=WAIT_SECONDS)) as opened:
        opened.create(TABLES)
        yield opened


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody holds the lock that writers need, as a slip of an administrator or a program that stands does."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE kept IN SHARE MODE")
            yield
            holder.rollback()


def write(one: Database) -> float | None:
    """A write transaction: None when it was done, or after how many seconds it was given up."""
    begun = time.monotonic()
    try:
        with one.write() as connection:
            connection.execute(WRITE)
    except BusyError as busy:
        problem = problem_of(busy)
        assert (problem.status, problem.rule, problem.headers) == (503, "database-free", {"Retry-After": "1"})
        return time.monotonic() - begun
    return None


def count(one: Database) -> int:
    """What a reading sees."""
    with one.read() as connection:
        return int(connection.execute(COUNT).scalar_one())


def seconds_until_away(url: str) -> float:
    """How long a database that does not answer is waited for; a clerk is then told that it is away."""
    opened, begun = Database(url), time.monotonic()
    with pytest.raises(sa.exc.OperationalError) as away, opened.read():
        pass
    opened.close()
    assert (problem_of(away.value).status, problem_of(away.value).rule) == (503, "database-reachable")
    return time.monotonic() - begun


def test_a_mute_postgresql_is_not_waited_for() -> None:
    """A server that takes connections and never answers is away after seconds, sooner if its address says so."""
    with socket.create_server(("127.0.0.1", 0)) as mute, ThreadPoolExecutor(2) as pool:
        address = f"postgresql://ksad@127.0.0.1:{mute.getsockname()[1]}/ksad"
        usual, sooner = pool.map(seconds_until_away, (address, f"{address}?connect_timeout=2"))
    assert sooner < usual < LONGEST_SECONDS


@pytest.mark.fault(
    "bug-reports 14",
    kind="a wait for a lock, a connection or a socket that has no end",
)
def test_nobody_waits_for_a_lock_for_ever(waiting: Database) -> None:
    """However many write while another process holds the lock, all are refused in time, and write when it is free."""
    with locked(waiting.url), ThreadPoolExecutor(18) as pool:
        begun = time.monotonic()
        waited = list(pool.map(lambda _: write(waiting), range(18)))
        assert time.monotonic() - begun < IN_TIME_SECONDS
    assert all(seconds is not None for seconds in waited)
    assert write(waiting) is None
    assert count(waiting) == 1


@pytest.mark.fault("bug-reports 14")
def test_readings_go_on_beside_writers_that_wait(waiting: Database) -> None:
    """Writers that wait for a lock take neither all connections nor the lock of the readers."""
    with locked(waiting.url), ThreadPoolExecutor(40) as pool:
        writers = [pool.submit(write, waiting) for _ in range(32)]
        begun = time.monotonic()
        while not all(writer.done() for writer in writers):
            looked = time.monotonic()
            assert count(waiting) == 0
            assert time.monotonic() - looked < WAIT_SECONDS
        assert time.monotonic() - begun > WAIT_SECONDS / 2


def test_a_long_queue_is_not_joined(waiting: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where very many write transactions wait already, one more is refused at once: each holds a thread."""
    monkeypatch.setattr(database, "WAITING_MAX", 3)
    with locked(waiting.url), ThreadPoolExecutor(12) as pool:
        waited = list(pool.map(lambda _: write(waiting), range(12)))
    assert min(seconds for seconds in waited if seconds is not None) < WAIT_SECONDS / 5


@pytest.mark.fault(
    "http A12",
    kind="a file with facts that every account of the machine can read",
    found="the broker's store, which holds all events; the folder as a whole",
)
def test_a_database_file_is_its_owners(tmp_path: Path) -> None:
    """An SQLite file and the two beside it are closed to others, also one that an older release left open."""
    file = tmp_path / "store.sqlite"
    file.touch(0o644)
    file.chmod(0o644)
    with closing(Database(f"sqlite:///{file}")) as opened:
        opened.create(TABLES)
        assert write(opened) is None
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert found == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}


OPENERS = 8
ROUNDS = 40


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Services that start together on a new file all get it: the switch to its log has no busy handler of SQLite's."""
    for number in range(ROUNDS):
        url = f"sqlite:///{tmp_path / f'{number}.sqlite'}"
        with ExitStack() as stack, ThreadPoolExecutor(OPENERS) as pool:
            opened = [stack.enter_context(closing(Database(url))) for _ in range(OPENERS)]
            together = Barrier(OPENERS)

            def open_it(one: Database, together: Barrier = together) -> None:
                together.wait(LONGEST_SECONDS)
                with one.write() as connection:
                    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (v INTEGER)")

            for done in [pool.submit(open_it, one) for one in opened]:
                done.result(LONGEST_SECONDS)


READER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM facts").fetchone()
connection.close()
"""


def test_a_new_connection_leaves_the_locks_of_the_others(tmp_path: Path) -> None:
    """Whoever closes a file loses the process' locks on it, and a visitor would take the log away as the last one."""
    file = tmp_path / "kept.sqlite"
    with closing(Database(f"sqlite:///{file}")) as database:
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE facts (number INTEGER)")
        with database.read() as held:
            held.exec_driver_sql("SELECT count(*) FROM facts").scalar()
            with database.read() as another:
                another.exec_driver_sql("SELECT count(*) FROM facts").scalar()
            subprocess.run([sys.executable, "-c", READER, str(file)], check=True, timeout=60)
            assert file.with_name("kept.sqlite-wal").stat().st_size > 0
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO facts VALUES (1)")
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
