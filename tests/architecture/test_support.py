"""The servers that the other tests lean on are real, quick and durable."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import nats
import psycopg
import pytest

from tests.support.groups import Groups
from tests.support.servers.nats import NatsServer
from tests.support.servers.postgres import SCHEMAS, PostgresServer
from tests.support.servers.processes import WaitedTooLong, wait_until


def test_an_acknowledged_message_survives_a_killed_nats_server(nats_server: NatsServer) -> None:
    """What JetStream acknowledged is there after SIGKILL and restart, and gone after a wipe."""

    async def publish() -> None:
        client = await nats.connect(nats_server.url)
        await client.jetstream().add_stream(name="TEST", subjects=["test"])
        await client.jetstream().publish("test", b"kept")
        await client.close()

    async def streams() -> list[int]:
        client = await nats.connect(nats_server.url)
        found = [stream.state.messages for stream in await client.jetstream().streams_info()]
        await client.close()
        return found

    asyncio.run(publish())
    nats_server.kill()
    nats_server.start()
    assert asyncio.run(streams()) == [1]
    nats_server.stop()
    nats_server.wipe()
    nats_server.start()
    assert asyncio.run(streams()) == []


def test_a_committed_row_survives_a_killed_postgres() -> None:
    """What PostgreSQL committed is there after SIGKILL of all its processes and a restart on the same address."""
    with PostgresServer() as server:
        url = server.create_database()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_servers_start_quickly() -> None:
    """A PostgreSQL cluster is made and started within seconds, so that no test is tempted to do without."""
    began = time.monotonic()
    with PostgresServer() as server:
        assert time.monotonic() - began < 10
    assert not server.folder.exists()


def test_each_test_has_databases_of_its_own(new_database: Callable[[], str]) -> None:
    """Two databases of one test are different, empty and of the same kind."""
    first, second = new_database(), new_database()
    assert first != second
    for url in (first, second):
        kind, _, place = url.partition("://")
        if kind == "sqlite":
            sqlite3.connect(place.removeprefix("/")).close()
        else:
            with psycopg.connect(url) as connection:
                count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
                assert count == (0,)


def test_a_database_that_served_another_test_is_empty_and_not_shared(postgres_server: PostgresServer) -> None:
    """Nothing of a test is in the databases of the next one, and what it left running does not find its way there."""
    with postgres_server.databases() as make:
        first = make()
        left = psycopg.connect(first, autocommit=True)
        left.execute("CREATE SCHEMA more; CREATE TABLE more.things (one int); CREATE TABLE things (one serial)")
        left.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$")
    with closing(left), pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    with postgres_server.databases() as make, psycopg.connect(make()) as connection:
        assert connection.execute(SCHEMAS).fetchall() == [("public",)]
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'things%'").fetchone() == (0,)
        assert connection.execute("SHOW work_mem").fetchone() == ("4MB",)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)


@pytest.mark.xdist_group("grouped")
def test_a_group_stays_on_one_worker(request: pytest.FixtureRequest) -> None:
    """Who distributes tests knows the groups, which it reads from the ends of their names."""
    if getattr(request.config.option, "loadgroup", False):
        assert request.node.nodeid.endswith("@grouped")


@pytest.fixture(scope="session")
def lives() -> Iterator[list[str]]:
    """What happens to something that tests share."""
    told = ["begun"]
    yield told
    told.append("ended")


@pytest.mark.xdist_group("lives")
def test_what_a_group_shares_ends_with_its_last_test(request: pytest.FixtureRequest, lives: list[str]) -> None:
    """It goes on while tests of the group are to come, or where a test outside the group shares it, too."""
    Groups([request.node, request.node], ["lives"]).ran(request.node)
    for other in [item for item in request.session.items if item.name == "test_another_shares_it"]:
        Groups([request.node, other], ["lives"]).ran(request.node)
    assert lives == ["begun"]
    Groups([request.node], ["lives"]).ran(request.node)
    assert lives == ["begun", "ended"]


def test_another_shares_it(lives: list[str]) -> None:
    """What has ended begins anew for whoever asks later."""
    assert lives == ["begun"]


def test_waiting_is_bounded() -> None:
    """Waiting for what never comes fails in time and names it."""
    with pytest.raises(WaitedTooLong, match="the impossible"):
        wait_until(lambda: False, seconds=0.1, what="the impossible")
