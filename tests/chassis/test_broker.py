"""The adapter around the broker's client: batches, guards, and a connection that comes back."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import nkeys
import pytest

from ksad.chassis.broker import Broker, GuardError, Outgoing, RefusedError, UnavailableError
from ksad.chassis.broker.connection import Session
from tests.support.histories.events import events, message
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually

pytestmark = pytest.mark.anyio

REGISTRY = "ksad.log.registry.>"


def messages(count: int, start: int = 0) -> list[Outgoing]:
    """The messages of this many events."""
    return [message(event, start + n + 1) for n, event in enumerate(events(count, start=start))]


async def stored_in(broker: Broker) -> list[bytes]:
    """The bodies of all messages of the log."""
    state = await broker.open_stream()
    found = [await broker.message(sequence) for sequence in range(1, state.last + 1)]
    return [one.raw for one in found if one is not None]


async def test_a_batch_is_stored_whole_and_in_order(nats_url: str) -> None:
    """A batch of the largest size lands in its order, and the answer is the sequence of its last message."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        batch = messages(500)
        assert await broker.publish_batch(batch, REGISTRY, 0) == 500
        assert await stored_in(broker) == [one.raw for one in batch]


@pytest.mark.parametrize("size", [1, 2, 40])
async def test_a_wrong_guard_stores_nothing(nats_url: str, size: int) -> None:
    """When the newest message is not the expected one, nothing of a batch is stored, however small it is."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch(messages(3), REGISTRY, 0)
        for expected in (0, 2, 4):
            with pytest.raises(GuardError):
                await broker.publish_batch(messages(size, start=3), REGISTRY, expected)
        assert (await broker.open_stream()).last == 3
        assert await broker.publish_batch(messages(size, start=3), REGISTRY, 3) == 3 + size


@pytest.mark.parametrize("size", [1, 2, 40])
async def test_a_batch_with_a_known_id_stores_nothing(nats_url: str, size: int) -> None:
    """A batch in which one message is stored already is refused whole."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch(messages(3), REGISTRY, 0)
        again = [*messages(size - 1, start=10), *messages(1)]
        with pytest.raises(GuardError):
            await broker.publish_batch(again, REGISTRY, 3)
        assert (await broker.open_stream()).last == 3


async def test_the_guard_minds_its_own_subjects_only(nats_url: str) -> None:
    """Another service's messages in between do not disturb a guarded batch."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch(messages(2), REGISTRY, 0)
        foreign = [message(one) for one in events(2, streams=2, service="reporting", start=20)]
        assert await broker.publish_batch(foreign, "ksad.log.reporting.>", 0) == 4
        assert await broker.publish_batch(messages(2, start=2), REGISTRY, 2) == 6


async def test_the_newest_message_of_a_service_is_found(nats_url: str) -> None:
    """The newest message under subjects comes with sequence, headers and body; where there is none, None comes."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        assert await broker.last_of(REGISTRY) is None
        await broker.publish_batch(messages(3), REGISTRY, 0)
        await broker.publish(message(events(1, service="reporting", start=9)[0]))
        newest = await broker.last_of(REGISTRY)
        assert newest is not None
        assert (newest.sequence, newest.raw) == (3, messages(3)[-1].raw)
        assert newest.headers["Ksad-Position"] == "registry:3"
        assert newest.headers["Content-Type"] == "application/cloudevents+json"


async def test_a_wiped_stream_is_another_incarnation(nats_server: NatsServer) -> None:
    """The stream keeps its incarnation over a restart, and has a new one when its folder was wiped."""
    async with Broker(nats_server.url, "test") as broker:
        await broker.wait_connected()
        first = await broker.open_stream()
        nats_server.restart()
        await eventually_connected(broker, 1)
        assert await broker.open_stream() == first
        nats_server.stop()
        nats_server.wipe()
        nats_server.start()
        await eventually_connected(broker, 2)
        assert (await broker.open_stream()).incarnation != first.incarnation


async def test_nothing_is_kept_for_later_while_the_broker_is_away(nats_server: NatsServer) -> None:
    """A publish without a connection fails at once, and is not stored when the broker is back."""
    async with Broker(nats_server.url, "test") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        nats_server.kill()
        started = time.monotonic()
        for size in (1, 5):
            with pytest.raises(UnavailableError):
                await broker.publish_batch(messages(size), REGISTRY, 0)
        assert time.monotonic() - started < 2
        nats_server.start()
        await eventually_connected(broker, 1)
        assert (await broker.open_stream()).last == 0


async def test_the_connection_comes_back_again_and_again(nats_server: NatsServer) -> None:
    """After each loss of the server there is a new connection, within two seconds of its return."""
    async with Broker(nats_server.url, "test") as broker:
        await broker.wait_connected()
        for generation in (1, 2, 3):
            nats_server.kill()
            await eventually_connected(broker, generation, connected=False)
            nats_server.start()
            started = time.monotonic()
            await eventually_connected(broker, generation)
            assert time.monotonic() - started < 2


async def test_a_client_that_gave_up_is_replaced(nats_url: str) -> None:
    """When the client closes for good, the watchdog makes another."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        await broker._connection.session.client.close()
        await eventually_connected(broker, 1)
        await broker.open_stream()


async def test_a_stopped_broker_stays_stopped(nats_url: str) -> None:
    """After its end the adapter neither connects again nor answers."""
    broker = Broker(nats_url, "test")
    await broker.start()
    await broker.wait_connected()
    await broker.stop()
    with pytest.raises(UnavailableError):
        await broker.open_stream()


async def test_a_broker_that_is_still_connecting_can_be_stopped(nats_url: str) -> None:
    """However far a connection has come, it ends when it is told to."""
    for steps in range(40):
        broker = Broker(nats_url, "test")
        await broker.start()
        for _ in range(steps):
            await asyncio.sleep(0.0002)
        await asyncio.wait_for(broker.stop(), 5)
        assert not broker.connected


async def test_a_broker_that_comes_late_is_waited_for(nats_server: NatsServer) -> None:
    """A service may start before its broker."""
    nats_server.stop()
    async with Broker(nats_server.url, "test") as broker:
        with pytest.raises(UnavailableError):
            await broker.wait_connected(0.3)
        nats_server.start()
        await broker.wait_connected()


async def test_a_stream_without_batches_is_refused(nats_url: str) -> None:
    """A stream that somebody made without atomic batches is named as the fault, not used."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        body = {"name": "KSAD_LOG", "subjects": ["ksad.log.>"], "storage": "file"}
        await broker._connection.ask("STREAM.CREATE.KSAD_LOG", body)
        with pytest.raises(UnavailableError, match="allow_atomic"):
            await broker.open_stream()


async def test_errors_of_the_server_keep_their_code(nats_url: str) -> None:
    """What JetStream refuses is told apart by the server's own code."""
    async with Broker(nats_url, "test") as broker:
        await broker.wait_connected()
        with pytest.raises(RefusedError) as caught:
            await broker.last_of(REGISTRY)
        assert caught.value.code == 10059


@pytest.fixture
def registry_key() -> nkeys.KeyPair:
    """The registry's key pair at the broker."""
    return nkeys.from_seed(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))


@pytest.fixture
def guarded_server(registry_key: nkeys.KeyPair, tmp_path: Path) -> Iterator[NatsServer]:
    """A server that knows one user, who may use JetStream and publish the registry's events."""
    allowed = '["ksad.log.registry.>", "$JS.API.>"]'
    user = f"{{ nkey: {registry_key.public_key.decode()}, permissions: {{ publish: {{ allow: {allowed} }} }} }}"
    with NatsServer(tmp_path / "nats", extra=f"authorization {{ users: [ {user} ] }}") as server:
        yield server


async def test_a_service_shows_its_key(guarded_server: NatsServer, registry_key: nkeys.KeyPair, tmp_path: Path) -> None:
    """With its seed file a service gets in, and publishes what it may."""
    seed = tmp_path / "registry.nk"
    seed.write_bytes(registry_key.seed)
    async with Broker(guarded_server.url, "registry", seed) as broker:
        await broker.wait_connected()
        await broker.open_stream()
        assert await broker.publish_batch(messages(3), REGISTRY, 0) == 3


async def test_a_stranger_is_not_let_in(guarded_server: NatsServer, tmp_path: Path) -> None:
    """Without the right key there is no connection, and the service keeps trying."""
    seed = tmp_path / "stranger.nk"
    seed.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    for keys in (seed, None):
        async with Broker(guarded_server.url, "stranger", keys) as broker:
            with pytest.raises(UnavailableError):
                await broker.wait_connected(0.5)


async def eventually_connected(broker: Broker, after: int, *, connected: bool = True) -> None:
    """Wait until the connection of a generation is gone, and another is there."""

    async def there() -> bool:
        await asyncio.sleep(0)
        return broker.connected and broker.generation > after if connected else not broker.connected

    await eventually(there, what="the connection")


async def test_a_failed_connection_is_closed_to_its_end(nats_url: str) -> None:
    """With messages still to be sent when a connection fails, it is closed all the same, and whoever waits is told."""
    told = asyncio.Event()

    async def closed() -> None:
        told.set()

    client = Session().client
    await client.connect(nats_url, allow_reconnect=False, closed_cb=closed)
    client._transport._io_writer.transport.abort()  # type: ignore[union-attr] # it is connected
    await asyncio.sleep(0)
    await client.publish("ksad.log.registry.example.thing_happened", b"never sent")
    await client._process_op_err(ConnectionResetError())
    assert told.is_set()
