"""Benchmarks of relay and follower, compared with plain nats-py on the same server."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import nats

from ksad.bench import tables
from ksad.bench.generator import Generator
from ksad.bench.measure import Result, at_least
from ksad.bench.rebuilding import codes
from ksad.chassis.broker import Broker
from ksad.chassis.follower import Follower
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.contracts.envelope import Envelope

COUNT = 20_000
# Publishes in flight at a time: one by one, the baseline would mostly wait for the network.
GATHERED = 200


async def _until(done: Any) -> None:  # noqa: ANN401 - a callable
    while not done():  # noqa: ASYNC110 - the thing measured has no event to wait for
        await asyncio.sleep(0.005)


async def _ours(url: str, events: list[Envelope], scratch: Path) -> tuple[float, float]:
    broker = Broker(url, "bench")
    await broker.start()
    await broker.wait_connected()
    store_database = tables.database(f"sqlite:///{scratch / secrets.token_hex(4)}.sqlite")
    store = EventStore(store_database)
    for start in range(0, len(events), 500):
        with store_database.write() as connection:
            store.append(connection, events[start : start + 500])
    stop = asyncio.Event()
    relay = Relay(store, broker, "supervision")
    started = time.perf_counter()
    task = asyncio.create_task(relay.run(stop))
    await _until(lambda: relay.position >= len(events))
    relayed = len(events) / (time.perf_counter() - started)
    database = tables.database(f"sqlite:///{scratch / secrets.token_hex(4)}.sqlite")
    seen = [0]

    def apply(_connection: object, batch: Any) -> None:  # noqa: ANN401 - the follower's batch
        seen[0] += len(batch)

    follower = Follower("bench", broker, database, apply, subjects=("ksad.log.supervision.>",))
    started = time.perf_counter()
    following = asyncio.create_task(follower.run(stop))
    await _until(lambda: seen[0] >= len(events))
    followed = len(events) / (time.perf_counter() - started)
    stop.set()
    await asyncio.gather(task, following)
    await broker.stop()
    store_database.close()
    database.close()
    return relayed, followed


async def _bare(url: str, events: list[Envelope]) -> tuple[float, float]:
    client = await nats.connect(url)
    stream = client.jetstream()
    name = f"BARE_{secrets.token_hex(4)}"
    await stream.add_stream(name=name, subjects=[f"{name}.>"])
    bodies = [(event.to_bytes(), {"Nats-Msg-Id": str(event.id)}) for event in events]
    started = time.perf_counter()
    for start in range(0, len(bodies), GATHERED):
        page = bodies[start : start + GATHERED]
        await asyncio.gather(*[stream.publish(f"{name}.x", raw, headers=headers) for raw, headers in page])
    published = len(bodies) / (time.perf_counter() - started)
    pulling = await stream.pull_subscribe(f"{name}.>", durable="bench", stream=name)
    count = 0
    started = time.perf_counter()
    while count < len(bodies):
        with suppress(TimeoutError):
            messages = await pulling.fetch(500, timeout=1)
            count += len(messages)
            for message in messages:
                await message.ack()
    fetched = count / (time.perf_counter() - started)
    await client.close()
    return published, fetched


def measure(scratch: Path, start_nats: Any, runs: int) -> list[Result]:  # noqa: ANN401 - starts a fresh server
    """The results for relay and follower: medians of runs, each on a new server."""
    events = [one for one in Generator(codes(), 7).envelopes(COUNT * 2) if one.service == "supervision"][:COUNT]
    ours, theirs = [], []
    for _ in range(runs):
        with start_nats() as url:
            ours.append(asyncio.run(_ours(url, events, scratch)))
            theirs.append(asyncio.run(_bare(url, events)))
    relayed, followed = (statistics.median(pair[side] for pair in ours) for side in (0, 1))
    published, fetched = (statistics.median(pair[side] for pair in theirs) for side in (0, 1))
    backlog = f"relay of a backlog, {len(events):,} events"
    return [
        at_least(backlog, "events/s", relayed, "bare nats-py gathered publish", published, 0.8),
        at_least("follower's intake", "events/s", followed, "bare fetch and ack", fetched, 0.8),
    ]
