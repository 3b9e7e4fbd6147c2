"""PostgreSQL beyond one healthy server: a standby, several hosts, a server that falls silent, a client that freezes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from ksad.chassis.database import BusyError, Database, postgresql
from ksad.chassis.environment import RefusedSettingError
from tests.support.servers.pooler import Pooler
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import end, wait_until
from tests.support.servers.standby import Standby
from tests.support.servers.switch import Switch

WRITE = sa.text("INSERT INTO kept (v) VALUES (1)")
TABLES = sa.MetaData()
sa.Table("kept", TABLES, sa.Column("v", sa.Integer))
FROZEN = """
import sys, sqlalchemy as sa
from ksad.chassis.database import BusyError, Database, postgresql
postgresql.IDLE_IN_TRANSACTION_SECONDS = 1
with Database(sys.argv[1]).write() as connection:
    connection.execute(sa.text("LOCK TABLE kept IN EXCLUSIVE MODE"))
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[PostgresServer, Standby]]:
    """A primary with a table, and a standby that follows it."""
    with PostgresServer() as primary:
        with closing(Database(primary.url())) as database:
            database.create(TABLES)
        with Standby(primary) as standby:
            yield primary, standby


def write(database: Database) -> str | None:
    """A write transaction: None when it was done, or what the driver says."""
    try:
        with database.write() as connection:
            connection.execute(WRITE)
    except sa.exc.DBAPIError as error:
        return type(error.orig).__name__
    return None


def behind(database: Database) -> bool:
    """Whether readings are answered by a standby."""
    with database.read() as connection:
        return bool(connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one())


@contextmanager
def through(url: str, query: str = "") -> Iterator[tuple[Switch, Database]]:
    """A database behind an address that can lead elsewhere from one moment to the next."""
    address = sa.make_url(url)
    assert address.port is not None
    with Switch(address.port) as switch:
        moved = address.set(port=switch.own).render_as_string(hide_password=False)
        with closing(Database(f"{moved}{query}", wait_seconds=1)) as database:
            yield switch, database


@pytest.mark.fault(
    "cluster K1",
    kind="a connection that is kept although the server behind it can no longer do what it is for",
    looked="the only engine of all services and verbs; the broker's connections, which are made anew for each life",
    found="readings were answered by the standby, as old as it was, and nobody could tell",
)
@pytest.mark.parametrize("query", ["", "?target_session_attrs=any"])
def test_a_pool_leaves_a_standby(cluster: tuple[PostgresServer, Standby], query: str) -> None:
    """While the address leads to a standby nothing is written; when it leads to the primary again, everything is.

    By itself the address asks for a server that takes writes. Where a proxy hides what it leads to, the first refusal
    ends every connection of the pool.
    """
    primary, standby = cluster
    with through(standby.url(), query) as (switch, database):
        assert None not in [write(database) for _ in range(2)]
        switch.port = primary.port
        assert [write(database) for _ in range(6)] == [None] * 6


def test_a_standby_that_was_read_from_is_left_before_a_second_write(cluster: tuple[PostgresServer, Standby]) -> None:
    """Connections that were opened for readings and led to the standby go with the first refusal, too."""
    primary, standby = cluster
    with through(standby.url(), "?target_session_attrs=any") as (switch, database):
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(lambda _: behind(database), range(8))) == {True}
        assert write(database) == "FeatureNotSupported"
        switch.port = primary.port
        assert not behind(database)


@pytest.mark.fault(
    "cluster K9",
    kind="an address in the form that the manual of its server gives is not understood",
    looked="database and broker addresses; the broker's may name several servers already",
    found="nothing",
)
@pytest.mark.fault(
    "cluster K10",
    kind="a server is taken for the primary because nobody has asked it yet",
    looked="as K1: what a service connects to is asked by the driver itself, whatever stands between",
    found="nothing",
)
def test_an_address_may_name_several_hosts(cluster: tuple[PostgresServer, Standby]) -> None:
    """Of several hosts, written as libpq writes them or one by one, the one that takes writes is found."""
    primary, standby = cluster
    user = f"{primary.user}:{primary.password}"
    hosts = [f"127.0.0.1:{port}" for port in (1, standby.port, primary.port)]
    listed = "&".join(f"host={host}" for host in hosts)
    for url in (f"postgresql://{user}@{','.join(hosts)}/postgres", f"postgresql://{user}@/postgres?{listed}"):
        with closing(Database(url)) as database:
            assert write(database) is None


def test_an_address_that_cannot_be_read_is_refused_without_its_password() -> None:
    """Whatever is wrong with an address, what is said of it holds nothing of it."""
    with pytest.raises(RefusedSettingError) as refused:
        Database("postgresql://ksad:secret@host:port/ksad")
    assert "secret" not in str(refused.value)


@pytest.mark.fault(
    "bug-reports 14",
    looked="lock, connection, answer of a server that is silent, queue of writers and threads, in every transaction of "
    "the three services and the verbs; connections to the broker are asked for a sign of life every five seconds",
    found="SQLite waited thirty seconds, and the pool of connections as long; a retry of parked events took a wait "
    "that was over for a fault of the event",
)
def test_a_server_that_falls_silent_is_given_up(postgres_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of a transaction the network swallows what the server says: the caller hears of it in time."""
    monkeypatch.setattr(postgresql, "READ_SECONDS", 1.0)
    monkeypatch.setattr(postgresql, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(postgresql.BoundedConnection, "silence_seconds", 1.0)
    with through(postgres_dsn) as (switch, database):
        database.create(TABLES)
        for transaction in (database.write, database.read):
            begun = time.monotonic()
            with pytest.raises(sa.exc.OperationalError), transaction() as connection:  # noqa: PT012 - two steps
                switch.deaf = True
                connection.execute(sa.text("SELECT 1"))
            assert time.monotonic() - begun < 8
            switch.deaf = False
            assert write(database) is None


@pytest.mark.fault(
    "cluster K3",
    kind="a client that is gone keeps what it holds until the network gives up",
    looked="every session that a service opens; followers' leases end by the database's clock",
    found="a process that is stopped and not dead held its lock for ever",
)
def test_a_frozen_client_keeps_no_lock(postgres_dsn: str) -> None:
    """A process that is stopped inside a write transaction loses it, and the next writer goes on."""
    with closing(Database(postgres_dsn)) as database:
        database.create(TABLES)
        command = [sys.executable, "-c", FROZEN, postgres_dsn]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"locked\n"
            os.kill(holder.pid, signal.SIGSTOP)
            assert write(database) is None
            end(holder, how=signal.SIGKILL)


@pytest.mark.fault("cluster K3")
def test_a_dead_machine_is_noticed_from_both_sides(postgres_dsn: str) -> None:
    """Server and client ask for a sign of life within seconds; a session waits for no lock longer than told."""
    with closing(Database(postgres_dsn, wait_seconds=2)) as database, database.read() as connection:
        driver = connection.connection.driver_connection
        asked = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "lock_timeout")
        told = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked}
        assert isinstance(driver, psycopg.Connection)
        own = driver.info.get_parameters()
    assert list(told.values()) == ["5", "2", "3", "2s"]
    assert (own["keepalives_idle"], own["tcp_user_timeout"], own["target_session_attrs"]) == (
        "5",
        "10000",
        "read-write",
    )


def test_a_cut_connection_costs_one_transaction_at_most(postgres_server: PostgresServer, postgres_dsn: str) -> None:
    """After an administrator has ended every session, the next transaction has a new one."""
    with closing(Database(postgres_dsn)) as database:
        database.create(TABLES)
        with psycopg.connect(postgres_server.url(), autocommit=True) as administrator:
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            administrator.execute(query, [postgres_dsn.rpartition("/")[2]])
        wait_until(lambda: write(database) is None, seconds=5, what="a new session")


@pytest.mark.fault(
    "cluster K8",
    kind="something between two programs changes what one says to the other, and nobody looks whether it is there",
    looked="what a session keeps between transactions: prepared statements, settings (said in each write transaction), "
    "advisory locks (of transactions only), no LISTEN, no temporary table",
    found="nothing",
)
@pytest.mark.parametrize(("mode", "refused"), [("transaction", True), ("session", False)])
def test_a_pooler_that_mixes_its_clients_is_refused(postgres_dsn: str, mode: str, refused: bool) -> None:
    """Behind a pooler that passes names of statements on from many clients to one session nothing begins."""
    with Pooler(postgres_dsn, shared=mode == "transaction") as pooler, closing(Database(pooler.url)) as database:
        if refused:
            with pytest.raises(RefusedSettingError, match=r"PgBouncer 1\.22"):
                database.create(TABLES)
        else:
            database.create(TABLES)
            assert write(database) is None


@pytest.mark.fault("cluster K3")
def test_a_lock_is_not_waited_for_behind_a_pooler(postgres_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pooler may give each transaction another session: the bound of the wait is said in each of them."""
    monkeypatch.setattr(postgresql, "check_pooler", lambda _: None)
    with Pooler(postgres_dsn, shared=True) as pooler, closing(Database(pooler.url, wait_seconds=0.5)) as database:
        database.create(TABLES)
        with psycopg.connect(postgres_dsn) as holder:
            holder.execute("RESET lock_timeout; LOCK TABLE kept IN SHARE MODE")
            with pytest.raises(BusyError):
                write(database)
