"""The relay: whatever happens between store and log, the log has each event once, in order, byte for byte."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from eventsourcing.persistence import StoredEvent

from ksad.chassis.broker import Broker, Outgoing
from ksad.chassis.database import Database
from ksad.chassis.relay import Relay, RelayStatus
from ksad.chassis.store import EventStore, StoreBehindError
from ksad.contracts import canonical
from ksad.contracts.identifiers import stream_id
from tests.support.histories.events import event, events, recorded, running, write
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually
from tests.support.servers.proxy import Proxy
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio

REGISTRY = "ksad.log.registry.>"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of a service."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def store(database: Database) -> EventStore:
    """The service's store."""
    return EventStore(database)


@asynccontextmanager
async def relaying(store: EventStore, url: str) -> AsyncIterator[Relay]:
    """A relay with a connection of its own, at work."""
    async with Broker(url, "relay") as broker:
        relay = Relay(store, broker, "registry")
        async with running(relay.run):
            yield relay


async def log_of(broker: Broker) -> list[bytes]:
    """The bodies of all messages of the log, in order."""
    await broker.open_stream()
    found: list[bytes] = []
    async with broker.reader(0, ["ksad.log.>"]) as reader:
        while reader.pending:
            found += [one.raw for one in await reader.read(500, 1)]
    return found


async def level(store: EventStore, *relays: Relay, seconds: float = 20) -> None:
    """Wait until one of the relays has sent everything."""

    async def sent() -> bool:
        head = await asyncio.to_thread(store.head)
        return any(relay.position == head and relay.store.behind is None for relay in relays)

    await eventually(sent, seconds=seconds, what="the relay's position")


async def told(relay: Relay, status: RelayStatus) -> None:
    """Wait until a relay has this status: one that read a commit before it was told of it looks at the store again."""

    async def there() -> bool:
        return relay.status() == status

    await eventually(there, seconds=20, what="the relay's status")


async def assert_log_is(store: EventStore, url: str) -> None:
    """The log has what the store has, in the same order and the same bytes."""
    async with Broker(url, "look") as broker:
        await broker.wait_connected()
        assert await log_of(broker) == recorded(store)


async def test_the_log_has_each_event_once_in_order(store: EventStore, nats_url: str) -> None:
    """What was stored before and while the relay runs is in the log, in the same order and the same bytes."""
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        write(store, events(1200))
        write(store, events(3, start=1200), per_command=1)
        await level(store, relay)
        newest = await relay.broker.last_of(REGISTRY)
    assert newest is not None
    assert newest.subject == "ksad.log.registry.example.thing_happened"
    assert newest.headers["Ksad-Position"] == f"registry:{store.head()}"
    assert newest.headers["Nats-Msg-Id"] == str(events(1203)[-1].id)
    await assert_log_is(store, nats_url)


async def test_a_commit_wakes_the_relay(store: EventStore, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event is in the log although the relay would not look at the store by itself for an hour."""
    for name in ("POLL_SECONDS", "COMPARE_SECONDS"):
        monkeypatch.setattr(f"ksad.chassis.relay.relay.{name}", 3600)
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        for one in events(15):
            await asyncio.to_thread(write, store, [one])
            await level(store, relay)


async def test_a_lost_wake_up_costs_one_interval(store: EventStore, nats_url: str) -> None:
    """An event that another process commits is found by looking."""
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        with opened(store.database.url) as other:
            await asyncio.to_thread(write, EventStore(other), events(1))
        await level(store, relay, seconds=2)
    await assert_log_is(store, nats_url)


async def test_two_relays_neither_double_nor_interleave(store: EventStore, nats_url: str) -> None:
    """Two relays of one store at once make the same log as one."""
    with opened(store.database.url) as again:
        twin = EventStore(again)
        async with relaying(store, nats_url) as first, relaying(twin, nats_url) as second:
            await level(store, first)
            for start in range(0, 1500, 60):
                await asyncio.to_thread(write, store, events(60, start=start), 7)
            await level(store, first, second)
    await assert_log_is(store, nats_url)


async def test_a_killed_server_loses_and_doubles_nothing(
    store: EventStore, nats_server: NatsServer, rounds: int
) -> None:
    """When nats-server is killed while batches are on their way, the log is whole afterwards."""
    async with relaying(store, nats_server.url) as relay:
        await level(store, relay)
        for number in range(rounds):
            await asyncio.to_thread(write, store, events(1500, start=1500 * number), 500)

            async def amid(wanted: int = 1500 * number + 300) -> bool:
                return relay.position >= wanted

            await eventually(amid, every=0.001, what="some batches")
            nats_server.kill()
            nats_server.start()
            await level(store, relay)
    await assert_log_is(store, nats_server.url)


async def test_a_publish_that_failed_and_was_stored_is_not_repeated(store: EventStore, nats_server: NatsServer) -> None:
    """The answer to a batch is lost with the connection: the relay looks at the log, and goes on behind the batch."""
    async with Proxy(nats_server.port) as proxy, relaying(store, proxy.url) as relay:
        for count in (1, 40):
            await level(store, relay)
            before = store.head()
            proxy.deaf = True
            await asyncio.to_thread(write, store, events(count, start=before))
            async with Broker(nats_server.url, "look") as broker:
                await broker.wait_connected()

                async def stored(broker: Broker = broker, wanted: int = before + count) -> bool:
                    return (await broker.open_stream()).last == wanted

                await eventually(stored, what="the batch in the log")
            assert relay.position == before
            proxy.deaf = False
            proxy.cut()
            await level(store, relay)
    await assert_log_is(store, nats_server.url)


async def test_a_wiped_log_is_filled_again(store: EventStore, nats_server: NatsServer) -> None:
    """When JetStream's folder was wiped, the relay makes the same log again while it runs."""
    write(store, events(700))
    async with relaying(store, nats_server.url) as relay:
        await level(store, relay)
        nats_server.stop()
        nats_server.wipe()
        await asyncio.to_thread(write, store, events(5, start=700))
        nats_server.start()
        await level(store, relay)
    await assert_log_is(store, nats_server.url)


async def test_a_deleted_stream_is_filled_again(store: EventStore, nats_url: str) -> None:
    """A stream that was deleted under an idle relay comes back within seconds."""
    write(store, events(20))
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        await relay.broker._connection.ask("STREAM.DELETE.KSAD_LOG")

        async def back() -> bool:
            return (await relay.broker.open_stream()).last == 20

        await eventually(back, what="the stream")
    await assert_log_is(store, nats_url)


async def test_what_is_no_event_does_not_stop_the_relay(store: EventStore, nats_url: str) -> None:
    """Foreign messages under the service's subjects, even as the newest ones, are passed by."""
    write(store, events(30))
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        for number in range(600):
            await relay.broker.publish(Outgoing("ksad.log.registry.noise", b"%d" % number, {}))
    write(store, events(10, start=30))
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
        found = [raw for raw in await log_of(relay.broker) if raw.startswith(b"{")]
    assert found == recorded(store)


@pytest.mark.fault("cluster K11")
async def test_an_older_relay_knows_a_newer_event_for_one(store: EventStore, nats_url: str) -> None:
    """Where the newest event has attributes of a release to come, a relay goes on after it and sends nothing twice."""
    write(store, events(30))
    newest = events(1, start=30)[0]
    raw = canonical.encode(json.loads(newest.to_bytes()) | {"zukunft": "1"})
    with store.database.write() as connection:
        stored = StoredEvent(stream_id(newest.subject), newest.streamversion, newest.type, raw)
        store.refill(connection, [stored], [newest])
    for _ in range(2):
        async with relaying(store, nats_url) as relay:
            await level(store, relay)
    await assert_log_is(store, nats_url)


async def test_large_events_are_sent_in_smaller_batches(store: EventStore, nats_url: str) -> None:
    """Events of the largest size reach the log like all others."""
    large = [event(n, text="x" * 59_000) for n in range(150)]
    write(store, large)
    async with relaying(store, nats_url) as relay:
        await level(store, relay)
    await assert_log_is(store, nats_url)


async def test_a_store_is_compared_before_it_takes_writes(store: EventStore, nats_server: NatsServer) -> None:
    """While the log has not been asked since the start, nothing is written; an outage later stops no writes."""
    nats_server.stop()
    async with relaying(store, nats_server.url) as relay:
        with pytest.raises(StoreBehindError):
            write(store, events(1))
        nats_server.start()
        await level(store, relay)
        nats_server.stop()
        await asyncio.to_thread(write, store, events(3))
        nats_server.start()
        await level(store, relay)
    await assert_log_is(store, nats_server.url)


async def test_an_idle_relay_ends_at_once(store: EventStore, nats_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that waits for work hears of its end then, and not when it would look at the store by itself."""
    monkeypatch.setattr("ksad.chassis.relay.relay.POLL_SECONDS", 60)
    async with asyncio.timeout(30), relaying(store, nats_url) as relay:
        await level(store, relay)
        await asyncio.to_thread(write, store, events(1))
        await level(store, relay)


async def test_status_tells_how_far_the_relay_is(store: EventStore, nats_server: NatsServer) -> None:
    """A relay that cannot send shows its fault and a growing lag; one that has sent everything shows neither."""
    async with relaying(store, nats_server.url) as relay:
        await level(store, relay)
        write(store, events(4))
        assert relay.status().lag_events > 0
        await told(relay, RelayStatus(4, 4, 0, 0.0, behind=None, error=None, stream_sequence=4))
        nats_server.kill()
        write(store, events(3, start=4))

        async def faulty() -> bool:
            return relay.status().error is not None and relay.status().lag_seconds > 0.1

        await eventually(faulty, what="the fault")
        assert relay.status().lag_events > 0
        nats_server.start()
        await told(relay, RelayStatus(7, 7, 0, 0.0, behind=None, error=None, stream_sequence=7))
