"""Processes that are killed at random: nothing that was stored is lost, doubled or out of order."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.chassis.broker import Broker
from ksad.chassis.follower import Follower
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore
from tests.support.histories.events import events, recorded, running, write
from tests.support.platforms.ledger import Ledger
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import end, eventually, wait_until
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio

LOAD = 1500


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test alone, which it may kill."""
    with PostgresServer() as server:
        yield server


def write_on(store: EventStore, start: int, count: int) -> None:
    """Append events as a client does that tries again when the database is away, and asks first how far it came."""
    done = 0
    while done < count:
        try:
            done = len(recorded(store)) - start
            write(store, events(count - done, start=start + done), 20)
            done = count
        except sa.exc.DBAPIError:
            continue


async def test_a_killed_database_loses_and_doubles_nothing(
    own_postgres: PostgresServer, nats_url: str, rng: random.Random, rounds: int
) -> None:
    """When PostgreSQL is killed under writer, relay and follower, the log and what was applied equal the store."""
    with opened(own_postgres.create_database()) as source, opened(own_postgres.create_database()) as target:
        store, book = EventStore(source), Ledger(target)
        async with Broker(nats_url, "survivor") as broker:
            relay = Relay(store, broker, "registry")
            follower = Follower("ledger", broker, target, book.apply)
            async with running(relay.run, follower.run):

                async def level() -> bool:
                    return store.behind is None and follower.reached("registry") >= store.head()

                await eventually(level, what="the start")
                for number in range(rounds):
                    writer = asyncio.create_task(asyncio.to_thread(write_on, store, LOAD * number, LOAD))
                    await asyncio.sleep(rng.uniform(0.05, 0.6))
                    await asyncio.to_thread(own_postgres.kill)
                    await asyncio.to_thread(own_postgres.start)
                    await writer
                    await eventually(level, seconds=30, what="the last event")
            assert book.rows() == recorded(store)
        assert len(recorded(store)) == LOAD * rounds


def follow(nats_url: str, database_url: str) -> subprocess.Popen[bytes]:
    """Another process that follows the log until it is killed."""
    command = [sys.executable, "-m", "tests.support.platforms.ledger", nats_url, database_url]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


async def test_a_killed_follower_applies_each_event_once(
    database_url: str, nats_url: str, tmp_path: Path, rng: random.Random, rounds: int
) -> None:
    """When the following process is killed while it applies, the next one goes on exactly where it was."""
    with opened(f"sqlite:///{tmp_path / 'source.sqlite'}") as source, opened(database_url) as target:
        store, book = EventStore(source), Ledger(target)
        async with Broker(nats_url, "survivor") as broker:
            relay = Relay(store, broker, "registry")
            async with running(relay.run):
                await eventually_level(relay)
                for number in range(rounds):
                    process = follow(nats_url, database_url)
                    try:
                        await asyncio.to_thread(write, store, events(LOAD, start=LOAD * number), 20)
                        await applied(book, LOAD * number + rng.randrange(LOAD))
                    finally:
                        end(process, how=signal.SIGKILL)
                await eventually_level(relay)
        process = follow(nats_url, database_url)
        try:
            await applied(book, LOAD * rounds)
        finally:
            end(process)
        assert book.rows() == recorded(store)


async def applied(book: Ledger, count: int) -> None:
    """Wait until this many events were applied."""
    await asyncio.to_thread(
        wait_until, lambda: book.count() >= count, seconds=120, every=0.01, what="the applied events"
    )


async def eventually_level(relay: Relay) -> None:
    """Wait until a relay has sent everything."""

    async def level() -> bool:
        return relay.store.behind is None and relay.position == relay.store.head()

    await eventually(level, what="the relay", seconds=20)
