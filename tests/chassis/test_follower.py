"""The follower: what the log has is applied once and in order, and nothing that fails is skipped."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ksad.chassis.broker import Broker
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower
from ksad.contracts.envelope import Envelope
from tests.support.histories.events import events, message, running
from tests.support.platforms.ledger import Ledger
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually
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


@asynccontextmanager
async def following(book: Ledger, url: str) -> AsyncIterator[Follower]:
    """A follower with a connection of its own, at work."""
    async with Broker(url, "follower") as broker:
        follower = Follower("ledger", broker, book.database, book.apply)
        async with running(follower.run):
            yield follower


async def publish(url: str, envelopes: Sequence[Envelope], first: int = 1) -> None:
    """Publish events one by one, with notification ids from ``first`` on, over a connection of their own."""
    async with Broker(url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        for number, envelope in enumerate(envelopes, start=first):
            await broker.publish(message(envelope, number))


async def applied(book: Ledger, count: int, seconds: float = 30) -> list[bytes]:
    """Wait until this many events were applied; all of them."""

    async def enough() -> bool:
        return len(await asyncio.to_thread(book.rows)) >= count

    await eventually(enough, seconds=seconds, what="the applied events")
    return await asyncio.to_thread(book.rows)


def raw(envelopes: Sequence[Envelope]) -> list[bytes]:
    """The bytes of events."""
    return [envelope.to_bytes() for envelope in envelopes]


async def test_events_are_applied_once_and_in_order(book: Ledger, nats_url: str) -> None:
    """What was in the log before and what comes while the follower runs is applied in the order of the log."""
    some = events(620)
    await publish(nats_url, some[:600])
    async with following(book, nats_url) as follower:
        await applied(book, 600)
        await publish(nats_url, some[600:], 601)
        assert await applied(book, 620) == raw(some)

        async def level() -> bool:
            return follower.status()[:4] == ("active", 620, 620, 0)

        await eventually(level, what="the end of the lag")
        assert await asyncio.to_thread(follower.reached, "registry") == 620
    async with following(book, nats_url) as follower:
        await publish(nats_url, events(1, start=620), 621)
        assert await applied(book, 621) == raw(events(621))
    assert follower.status().role == "stopped"


async def test_a_fault_is_tried_again_and_nothing_is_skipped(book: Ledger, nats_url: str) -> None:
    """A batch that fails is undone and tried again until it is applied; the fault is shown meanwhile."""
    book.faults = 3
    await publish(nats_url, events(30))
    async with following(book, nats_url) as follower:

        async def shown() -> bool:
            return "is away" in (follower.error or "")

        await eventually(shown, what="the fault")
        assert await applied(book, 30) == raw(events(30))

        async def gone() -> bool:
            return follower.error is None

        await eventually(gone, what="the end of the fault")


async def test_a_repeated_event_is_ignored(book: Ledger, nats_url: str) -> None:
    """An event that the log has twice, as after the broker has forgotten its id, is applied once."""
    some = events(10)
    async with Broker(nats_url, "test") as broker:
        await publish(nats_url, some)
        for envelope in (some[3], some[9], some[3]):
            await broker.publish(message(envelope)._replace(headers={"Ksad-Position": "registry:4"}))
        await publish(nats_url, events(1, start=10), 11)
        async with following(book, nats_url):
            assert await applied(book, 11) == raw(events(11))


async def test_a_wiped_log_is_read_anew(book: Ledger, nats_server: NatsServer) -> None:
    """After the log was lost and filled again, in another order too, what was applied is not applied again."""
    some = events(40)
    async with following(book, nats_server.url):
        await publish(nats_server.url, some[:20])
        await applied(book, 20)
        nats_server.stop()
        nats_server.wipe()
        nats_server.start()
        await publish(nats_server.url, [*some[10:20], *some[:10], *some[20:]])
        assert await applied(book, 40) == raw(some)


async def test_a_log_that_lost_its_tail_and_grew_another_is_read_anew(
    book: Ledger, nats_server: NatsServer, tmp_path: Path
) -> None:
    """An old copy of JetStream's folder keeps the stream's identity; what it grew instead is not missed."""
    some = events(30)
    async with following(book, nats_server.url):
        await publish(nats_server.url, some[:10])
        await applied(book, 10)
        nats_server.stop()
        shutil.copytree(nats_server.jetstream, tmp_path / "old")
        nats_server.start()
        await publish(nats_server.url, some[10:20], 11)
        await applied(book, 20)
        nats_server.stop()
        nats_server.wipe()
        shutil.copytree(tmp_path / "old", nats_server.jetstream)
        nats_server.start()
        await publish(nats_server.url, [*some[20:], *some[10:20]], 11)
        assert sorted(await applied(book, 30)) == sorted(raw(some))


async def test_a_killed_server_is_survived(book: Ledger, nats_server: NatsServer, rounds: int) -> None:
    """When nats-server is killed under a follower, it goes on with the next event as soon as it is back."""
    async with following(book, nats_server.url):
        for number in range(rounds):
            await publish(nats_server.url, events(50, start=50 * number), 50 * number + 1)
            nats_server.kill()
            nats_server.start()
            await publish(nats_server.url, events(1, start=50 * number), 50 * number + 1)
        assert await applied(book, 50 * rounds) == raw(events(50 * rounds))


async def test_a_follower_of_some_services_is_level_when_others_publish(
    book: Ledger, database: Database, nats_url: str
) -> None:
    """Events under other subjects are neither applied nor counted as lag."""
    async with Broker(nats_url, "test") as broker:
        await publish(nats_url, events(5))
        await publish(nats_url, events(5, service="reporting", start=50))
        follower = Follower("some", broker, database, book.apply, subjects=["ksad.log.reporting.>"])
        async with running(follower.run):
            assert await applied(book, 5) == raw(events(5, service="reporting", start=50))
            await publish(nats_url, events(5, start=5), 6)
            await publish(nats_url, events(1, service="reporting", start=55), 6)
            await applied(book, 6)
            assert follower.status().lag_events == 0


async def test_the_work_never_blocks_the_loop(database: Database, nats_url: str) -> None:
    """While events are applied, however long it takes, the event loop of the service goes on."""
    started, released = threading.Event(), threading.Event()
    let_go = []

    def slow(*_: object) -> None:
        started.set()
        let_go.append(released.wait(30))

    async with Broker(nats_url, "test") as broker:
        await publish(nats_url, events(1))
        async with running(Follower("slow", broker, database, slow).run):
            await asyncio.to_thread(started.wait, 10)
            for _ in range(50):
                await asyncio.sleep(0.01)
            released.set()
    assert let_go[0]


async def test_whoever_waits_for_commits_is_told(book: Ledger, nats_url: str) -> None:
    """After each commit the hook is called, so that a relay sends at once what a reaction wrote."""
    told = threading.Event()
    async with Broker(nats_url, "test") as broker:
        follower = Follower("ledger", broker, book.database, book.apply, committed=told.set)
        async with running(follower.run):
            await publish(nats_url, events(1))
            assert await asyncio.to_thread(told.wait, 10)
            assert book.rows() == raw(events(1))


async def test_status_shows_what_is_missing(book: Ledger, nats_server: NatsServer) -> None:
    """A follower that cannot go on shows its lag in events and seconds, and its fault."""
    book.faults = 1_000_000
    async with following(book, nats_server.url) as follower:
        await publish(nats_server.url, events(7))

        async def shown() -> bool:
            return follower.status().error is not None and follower.status().lag_seconds > 0.5

        await eventually(shown, what="the fault")
        book.faults = 0
        await applied(book, 7)

        async def level() -> bool:
            return follower.status()[1:5] == (7, 7, 0, 0.0)

        await eventually(level, what="the end of the lag")
        nats_server.stop()
        await eventually(shown, what="the lost broker")


async def test_each_batch_leaves_one_line(book: Ledger, nats_url: str) -> None:
    """A batch is told in one line: whose it was, how many messages, how far it led and what is left."""
    some = events(30)
    with capture_logs() as lines:
        async with following(book, nats_url):
            await publish(nats_url, some)
            await applied(book, len(some))

    told = [line for line in lines if line["event"] == "batch_applied"]
    assert sum(line["messages"] for line in told) == len(some)
    assert (told[-1]["follower"], told[-1]["position"], told[-1]["left"]) == ("ledger", len(some), 0)
