"""The log on three servers: what guards say there, and a replica that has lost messages."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksad.chassis.broker import (
    LOG_STREAM,
    LOG_SUBJECTS,
    Broker,
    DamagedError,
    GuardError,
    RefusedError,
    StreamPlan,
    UnavailableError,
)
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower
from ksad.chassis.relay import Relay
from ksad.chassis.replicas import Replicas
from ksad.chassis.store import EventStore
from tests.support.histories.events import events, message, running, write
from tests.support.platforms.ledger import Ledger
from tests.support.servers.cluster import NatsCluster, lead, leader
from tests.support.servers.processes import eventually
from tests.support.servers.schemas import opened

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("cluster"), pytest.mark.timeout(240)]

REGISTRY = "ksad.log.registry.>"
LOG = StreamPlan(LOG_STREAM, LOG_SUBJECTS)
STEPDOWNS = 3
SENDING_SECONDS = 1.5
READS = 5
NOBODY_LEADS = {"refused 503", "refused 10008"}
"""What everybody is told between two leaders, whatever was asked."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    """Three servers of this test alone."""
    with NatsCluster(tmp_path / "nats") as made:
        yield made


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A service's database; what is stored in it is the business of other tests."""
    with opened(f"sqlite:///{tmp_path / 'one.sqlite'}") as made:
        yield made


async def send(cluster: NatsCluster, rng: random.Random, told: Counter[str], stop: asyncio.Event) -> None:
    """Send guarded batches of one service as a relay does, and count what comes of them."""
    numbers = iter(range(1_000_000))
    async with Broker(cluster.url, "sender", replicas=3) as broker:
        while not stop.is_set():
            try:
                await broker.wait_connected()
                newest = await broker.last_of(REGISTRY)
                last = newest.sequence if newest is not None else 0
                while not stop.is_set():
                    size, start = rng.choice([1, 2, 5, 20]), rng.randrange(2**30)
                    batch = [message(one, next(numbers) + 1) for one in events(size, streams=1, start=start)]
                    last = await broker.publish_batch(batch, REGISTRY, last)
                    told["stored"] += size
            except GuardError:
                told["guard"] += 1
            except RefusedError as error:
                told[f"refused {error.code}"] += 1
            except UnavailableError:
                told["unavailable"] += 1


@pytest.mark.fault(
    "cluster K4",
    kind="What one server answers is taken for all that a broker can answer: in a cluster, waiting for one's turn has"
    " more codes, and each was an error that turned the service red.",
    looked="Every code of the server's list that a guarded publish or an atomic batch can get; the relay, the publisher"
    " of the feeds and the signer's memory, which all send under a guard.",
    found="Besides 10164, 10163 and 10158 also 10176, which a batch gets whose leader changes half-way.",
)
async def test_senders_on_a_cluster_are_told_to_look_again(cluster: NatsCluster, rng: random.Random) -> None:
    """Two senders of one service, and leaders that change: no batch gets another refusal than to look again."""
    told: Counter[str] = Counter()
    stop = asyncio.Event()
    async with Broker(cluster.url, "test", replicas=3) as broker:
        await broker.wait_connected()
        await eventually(lambda: _opened(broker), what="the stream", every=0.2)
        async with asyncio.TaskGroup() as group:
            for number in range(2):
                group.create_task(send(cluster, random.Random(f"{rng.random()}/{number}"), told, stop))
            for _ in range(STEPDOWNS):
                await asyncio.sleep(SENDING_SECONDS)
                with contextlib.suppress(UnavailableError):
                    await broker._connection.ask("STREAM.LEADER.STEPDOWN.KSAD_LOG")
            await asyncio.sleep(SENDING_SECONDS)
            stop.set()
        await leader(broker)
        state = await broker.open_log()
    assert told["stored"] > 0
    assert told["guard"] > 0
    assert {name for name in told if name.startswith("refused")} <= NOBODY_LEADS
    assert state.messages >= told["stored"]


async def _read(broker: Broker) -> int | str:
    """Read all of the log, from whatever server holds the reader's consumer; how many messages that were."""
    found = 0
    try:
        async with broker.reader(0, ["ksad.log.>"]) as reader:
            while reader.pending:
                found += len(await reader.read(500, 1))
    except UnavailableError:
        return "refused"
    return found


async def _opened(broker: Broker) -> bool:
    try:
        await broker.provision(LOG)
    except UnavailableError:
        return False
    return True


def filled(database: Database, count: int) -> EventStore:
    """A store with this many events."""
    store = EventStore(database)
    write(store, events(count), per_command=100)
    return store


@pytest.mark.fault(
    "cluster K5",
    kind="What is missing is not looked for where nothing is ever taken out: a broken copy is read as a short log.",
    looked="STREAM.INFO of the leader, /jsz of every server, what a reader is given, the relay's look at the log, the"
    " refilling of a store, followers of some services only; the feeds' stream, where the index in the header tells.",
    found="A follower of two services of three could not see a gap at all, so every follower reads the whole log now; a"
    " store that was refilled from a damaged replica would have had gaps.",
)
async def test_a_damaged_replica_is_told_and_never_followed(cluster: NatsCluster, database: Database) -> None:
    """A replica that lost messages is an alarm at once; as the leader it is neither read nor sent to; then it heals."""
    count = 2000
    store, book = filled(database, count), Ledger(database)
    async with Broker(cluster.url, "registry", replicas=3) as broker:
        await broker.wait_connected()
        await eventually(lambda: _opened(broker), what="the stream", every=0.2)
        relay, replicas = Relay(store, broker, "registry"), Replicas(broker, cluster.monitors, 0.2)
        async with running(relay.run):
            await eventually(lambda: _level(relay, count), what="everything sent")
        async with running(replicas.run):
            await eventually(lambda: _says(replicas, "ok: whole on 3 servers"), what="a whole log")
            led = await leader(broker)
            damaged = next(name for name in cluster.servers if name != led)
            cluster.servers[damaged].stop()
            cluster.truncate(damaged)
            cluster.servers[damaged].start()
            await eventually(lambda: _says(replicas, f"has lost {replicas.missing()} messages"), what="the alarm")
            assert replicas.missing() > 0
            assert replicas.check().care

            await lead(broker, damaged)
            await eventually(lambda: _says(replicas, "FAILED: the server that leads the log has lost"), what="red")
            with pytest.raises(DamagedError, match=r"has lost \d+"):
                await broker.open_log()
            for _ in range(READS):
                assert await _read(broker) in {"refused", count}
            follower = Follower("some", broker, database, book.apply, subjects=["ksad.log.reporting.>"])
            write(store, events(10, start=count))
            async with running(follower.run, relay.run):
                await eventually(lambda: _refuses(follower.error), what="the follower's refusal")
                await eventually(lambda: _refuses(relay.error), what="the relay's refusal")

            cluster.servers[damaged].stop()
            cluster.servers[damaged].wipe()
            cluster.servers[damaged].start()
            cluster.wait_healthy(damaged)
            await leader(broker)
            whole = Follower("all", broker, database, book.apply)
            async with running(whole.run, relay.run):
                await eventually(lambda: _applied(book, count + 10), what="every event")
            await eventually(lambda: _says(replicas, "ok: whole on 3 servers"), what="a whole log again")


async def test_a_log_that_is_damaged_everywhere_is_filled_from_the_stores(
    cluster: NatsCluster, database: Database
) -> None:
    """Where no replica is whole the stream is deleted and made again, and the relay fills it with everything."""
    count = 2000
    store = filled(database, count)
    async with Broker(cluster.url, "registry", replicas=3) as broker:
        await broker.wait_connected()
        await eventually(lambda: _opened(broker), what="the stream", every=0.2)
        relay = Relay(store, broker, "registry")
        async with running(relay.run):
            await eventually(lambda: _level(relay, count), what="everything sent")
        damaged = (await broker.open_stream()).incarnation
        for name, server in cluster.servers.items():
            server.stop()
            cluster.truncate(name)
        for server in cluster.servers.values():
            server.start()
        async with running(relay.run):
            await eventually(lambda: _refuses(relay.error), what="the relay's refusal", seconds=60)
            await leader(broker)
            await eventually(lambda: _deleted(broker, damaged), what="the stream's end", every=0.5)
            await eventually(lambda: _opened(broker), what="the stream again", every=0.2)
            await eventually(lambda: _full(broker, count), what="the log filled again", every=0.2)


async def _deleted(broker: Broker, incarnation: str) -> bool:
    """Have the stream of this incarnation deleted, also where a cluster that has just started does not answer."""
    try:
        if (await broker.open_stream()).incarnation == incarnation:
            await broker._connection.ask("STREAM.DELETE.KSAD_LOG")
    except UnavailableError:
        return False
    return True


async def _level(relay: Relay, count: int) -> bool:
    return relay.status()[:3] == (count, count, 0)


async def _says(replicas: Replicas, words: str) -> bool:
    return words in str(replicas.check())


async def _refuses(error: str | None) -> bool:
    return error is not None and "DamagedError" in error


async def _applied(book: Ledger, count: int) -> bool:
    return len(await asyncio.to_thread(book.rows)) == count


async def _full(broker: Broker, count: int) -> bool:
    try:
        state = await broker.open_log()
    except UnavailableError:
        return False
    return (state.messages, state.missing) == (count, 0)
