"""Ordered reading of the log."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksad.chassis.broker import Broker, Stored, StreamReader, UnavailableError
from ksad.chassis.broker.reader import PREFETCH
from tests.support.histories.events import events, message
from tests.support.servers.nats import NatsServer

pytestmark = pytest.mark.anyio

ALL = ["ksad.log.>"]
REGISTRY = "ksad.log.registry.>"


@pytest.fixture(params=["false", "true"])
def either_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NatsServer]:
    """A server with the old and one with the new form of the subjects that acknowledgements go to."""
    with NatsServer(tmp_path / "nats", extra=f"feature_flags {{ js_ack_fc_v2: {request.param} }}") as server:
        yield server


async def filled(broker: Broker, count: int) -> None:
    """Publishes this many events of the registry."""
    await broker.wait_connected()
    await broker.open_stream()
    batch = [message(event, n + 1) for n, event in enumerate(events(count))]
    last = 0
    for start in range(0, count, 500):
        last = await broker.publish_batch(batch[start : start + 500], REGISTRY, last)


async def read(broker: Broker, after: int, limit: int = 500) -> list[Stored]:
    """All messages after a sequence."""
    found: list[Stored] = []
    async with broker.reader(after, ALL) as reader:
        while reader.pending:
            found += await reader.read(limit, 1)
    return found


async def wait_on(reader: StreamReader, seconds: float) -> None:
    """Waits for messages that do not come."""
    for _ in range(int(seconds / 0.2)):
        assert await reader.read(10, 0.2) == []


async def test_messages_come_in_order_each_once(either_server: NatsServer) -> None:
    """More messages than are fetched ahead come in order, each once, with either form of reply subjects."""
    count = 2 * PREFETCH + 77
    async with Broker(either_server.url, "test") as broker:
        await filled(broker, count)
        found = await read(broker, 0)
        assert [one.sequence for one in found] == list(range(1, count + 1))
        assert [one.raw for one in found] == [event.to_bytes() for event in events(count)]


async def test_reading_goes_on_after_a_position(either_server: NatsServer) -> None:
    """A reader gives what lies after its position, also when nothing or everything does."""
    async with Broker(either_server.url, "test") as broker:
        await filled(broker, 20)
        for after in (0, 7, 19, 20):
            assert [one.sequence for one in await read(broker, after, limit=3)] == list(range(after + 1, 21))


async def test_a_message_tells_when_it_was_stored(either_server: NatsServer) -> None:
    """Read in order or asked for singly, a message says the same of itself, to the nanosecond."""
    async with Broker(either_server.url, "test") as broker:
        await filled(broker, 5)
        for one in await read(broker, 0):
            assert await broker.message(one.sequence) == one


async def test_new_messages_wake_a_waiting_reader(nats_url: str) -> None:
    """A waiting reader gives a message as soon as it is published, and nothing when none comes."""
    async with Broker(nats_url, "test") as broker:
        await filled(broker, 1)
        async with broker.reader(1, ALL) as reader:
            assert await reader.read(10, 0.1) == []
            waiting = asyncio.create_task(reader.read(10, 10))
            await asyncio.sleep(0)
            await broker.publish(message(events(1, start=5)[0]))
            assert [one.sequence for one in await asyncio.wait_for(waiting, 2)] == [2]


async def test_a_reader_sees_the_subjects_that_it_asked_for(nats_url: str) -> None:
    """What lies under other subjects is neither given nor counted."""
    async with Broker(nats_url, "test") as broker:
        await filled(broker, 3)
        for one in events(3, service="supervision", start=100):
            await broker.publish(message(one))
        async with broker.reader(0, ["ksad.log.supervision.>", "ksad.log.reporting.>"]) as reader:
            assert reader.pending == 3
            assert (await reader.read(10, 2))[0].sequence == 4


async def test_a_reader_ends_with_its_connection(nats_server: NatsServer) -> None:
    """When the server dies, a waiting reader says so at once; it never waits for messages that cannot come."""
    async with Broker(nats_server.url, "test") as broker:
        await filled(broker, 1)
        async with broker.reader(1, ALL) as reader:
            nats_server.kill()
            with pytest.raises(UnavailableError):
                await wait_on(reader, 2)


async def test_a_reader_ends_with_its_consumer(nats_url: str) -> None:
    """When somebody deletes the consumer or the stream, the reader says so."""
    async with Broker(nats_url, "test") as broker:
        await filled(broker, 1)
        async with broker.reader(1, ALL) as reader:
            await reader.read(10, 0.1)
            await broker._connection.ask("STREAM.DELETE.KSAD_LOG")
            with pytest.raises(UnavailableError, match="consumer"):
                await wait_on(reader, 2)


async def test_a_silent_server_is_noticed(nats_server: NatsServer) -> None:
    """A server that hangs is not taken for one that has nothing to say."""
    async with Broker(nats_server.url, "test") as broker:
        await filled(broker, 1)
        assert nats_server.process is not None
        async with broker.reader(1, ALL) as reader:
            os.kill(nats_server.process.pid, signal.SIGSTOP)
            try:
                with pytest.raises(UnavailableError):
                    await wait_on(reader, 15)
            finally:
                os.kill(nats_server.process.pid, signal.SIGCONT)
