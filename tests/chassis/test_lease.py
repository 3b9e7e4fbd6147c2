"""One active follower among several processes: take-over when it dies, and no word from the dead."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ksad.chassis.broker import Broker, Stored
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower, LeaseLostError
from ksad.chassis.follower.progress import StreamPosition, positions
from ksad.chassis.leadership import ASK_SECONDS, HELD, LEASE_SECONDS, leaders_of
from tests.support.histories.events import events, message, running
from tests.support.platforms.ledger import Ledger
from tests.support.servers.processes import end, eventually, wait_until
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of a service."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def book(database: Database) -> Ledger:
    """The service that follows."""
    return Ledger(database)


@pytest.fixture
def other_process(book: Ledger, nats_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that follows the log for the same service, and was first."""
    command = [sys.executable, "-m", "tests.support.platforms.ledger", nats_url, book.database.url]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    yield process
    end(process)


async def publish(url: str, first: int, count: int) -> None:
    """Publish events with the numbers from ``first`` on."""
    async with Broker(url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        for number, event in enumerate(events(count, start=first), start=first + 1):
            await broker.publish(message(event, number))


async def test_a_killed_process_is_succeeded_within_five_seconds(
    book: Ledger, nats_url: str, other_process: subprocess.Popen[bytes]
) -> None:
    """When the active process is killed, the one standing by goes on where it was, within five seconds."""
    await publish(nats_url, 0, 200)
    await asyncio.to_thread(wait_until, lambda: book.count() == 200, seconds=20)
    async with Broker(nats_url, "standby") as broker:
        follower = Follower("ledger", broker, book.database, book.apply)
        async with running(follower.run):

            async def standing_by() -> bool:
                return follower.status().role == "standby"

            await eventually(standing_by, what="the second process")
            await publish(nats_url, 200, 20)
            await asyncio.to_thread(wait_until, lambda: book.count() == 220)
            assert book.batches == 0
            other_process.kill()
            killed = time.monotonic()
            await publish(nats_url, 220, 20)
            await asyncio.to_thread(wait_until, lambda: book.count() == 240)
            assert time.monotonic() - killed < 5
            assert follower.status().role == "active"
            (led,) = await asyncio.to_thread(leaders_of, book.database)
            assert (led.role, led.holder, led.term) == ("follower", follower.progress.owner, 2)
    assert book.rows() == [event.to_bytes() for event in events(240)]


async def test_a_process_that_ends_in_good_order_is_succeeded_at_once(book: Ledger, nats_url: str) -> None:
    """Whoever stops gives the lease back, so that nobody waits for its end."""
    async with Broker(nats_url, "test") as broker:
        first = Follower("ledger", broker, book.database, book.apply)
        second = Follower("ledger", broker, book.database, book.apply)

        def active(follower: Follower) -> bool:
            return follower.status().role == "active"

        async with running(first.run):
            await asyncio.to_thread(wait_until, lambda: active(first))
            standby = asyncio.Event()
            task = asyncio.create_task(second.run(standby))
            await asyncio.to_thread(wait_until, lambda: second.status().role == "standby")
        started = time.monotonic()
        await asyncio.to_thread(wait_until, lambda: active(second))
        assert time.monotonic() - started < LEASE_SECONDS / 2
        standby.set()
        await task


@pytest.mark.fault("bug-reports 18")
async def test_a_lease_is_kept_by_answering_and_without_writing(book: Ledger, nats_url: str) -> None:
    """Nobody renews what nobody asks for; a process that is asked answers and stays, one that does not is succeeded."""
    broker = Broker(nats_url, "test")
    first = Follower("ledger", broker, book.database, book.apply).progress
    second = Follower("ledger", broker, book.database, book.apply).progress

    def row() -> tuple[str, float]:
        with book.database.read() as connection:
            found = connection.execute(sa.select(positions.c.lease_owner, positions.c.lease_until)).one()
            return found.lease_owner, found.lease_until

    def asked() -> bool:
        with book.database.read() as connection:
            return first.asked_for(connection)

    assert first.acquire() is not None
    held = row()
    assert (held, asked()) == ((first.owner, HELD), False)
    assert second.acquire() is None
    assert asked()
    assert row()[1] < HELD
    with book.database.write() as connection:
        first.fence(connection)
    assert (row(), asked()) == (held, False)
    began = time.monotonic()
    await asyncio.to_thread(wait_until, lambda: second.acquire() is not None, seconds=ASK_SECONDS + 2 * LEASE_SECONDS)
    assert time.monotonic() - began >= LEASE_SECONDS
    with pytest.raises(LeaseLostError):
        asked()


def batch(first: int, count: int) -> tuple[list[Stored], StreamPosition]:
    """Messages as the log keeps them, and the position of the last."""
    made = [message(event, n + 1) for n, event in enumerate(events(count, start=first), start=first)]
    some = [Stored(first + n + 1, one.subject, one.raw, one.headers, n) for n, one in enumerate(made)]
    return some, StreamPosition("", some[-1].sequence, some[-1].stored_at)


async def test_the_dead_write_nothing(book: Ledger, nats_url: str) -> None:
    """A process that was taken for dead and wakes up again cannot commit what it had read."""
    broker = Broker(nats_url, "test")
    zombie = Follower("ledger", broker, book.database, book.apply)
    successor = Follower("ledger", broker, book.database, book.apply)
    assert zombie.progress.acquire() is not None
    zombie._take(*batch(0, 5))
    assert successor.progress.acquire() is None
    with book.database.write() as connection:
        connection.execute(sa.update(positions).values(lease_until=0.0))
    assert successor.progress.acquire() is not None
    with pytest.raises(LeaseLostError):
        zombie._take(*batch(5, 5))
    with pytest.raises(LeaseLostError):
        zombie._renew()
    assert zombie.progress.acquire() is None
    assert book.rows() == [event.to_bytes() for event in events(5)]
    zombie.progress.release()
    successor._take(*batch(5, 5))
    assert book.rows() == [event.to_bytes() for event in events(10)]


async def test_followers_of_different_names_do_not_mind_each_other(book: Ledger, nats_url: str) -> None:
    """Each follower has its own position, lease and inbox, also in one database."""
    async with Broker(nats_url, "test") as broker:
        one = Follower("one", broker, book.database, book.apply)
        two = Follower("two", broker, book.database, book.apply)
        async with running(one.run, two.run):
            await publish(nats_url, 0, 10)
            await asyncio.to_thread(wait_until, lambda: book.count() == 20)
    assert sorted(book.rows()) == sorted(event.to_bytes() for event in [*events(10), *events(10)])
