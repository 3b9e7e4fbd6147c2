"""Benchmarks of delivery over NATS: from an accepted command to one province, and to all of them under load."""

from __future__ import annotations

import asyncio
import json
import secrets
import sqlite3
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import nats
import orjson
from nats.aio.client import Client as NatsClient
from nats.errors import Error as NatsError

from ksad.bench.measure import Result, at_most, percentile
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.folder import Folder
from ksad.local.machine.leftovers import living
from ksad.local.machine.offices import provinces
from ksad.local.machine.platform import running, wait_settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nats.js.client import JetStreamContext

    from ksad.chassis.client import Client
    from ksad.local.machine.platform import Platform

    StartNats = Callable[[], AbstractContextManager[str]]

ALONE = 300
ALONE_PER_SECOND = 20
EVENTS_PER_SECOND = 200
LOAD_SECONDS = 20
WRITERS = 4
BATCH = 500
# About the size of an event.
BODY = b"x" * 600
HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}
MEGABYTE = 1 << 20
COOPERATIONS = 20
EVENTS_PER_COMMAND = 15
"""The events of a registered cooperation: registration, resolution of the supervisor, tasks of the first stage."""
LOOK_SECONDS = 0.0005
LEVEL_SECONDS = 120.0
MEMORY_BOUND = 2.0


class DeliveryTimes(NamedTuple):
    """When an event was recorded and when a province received it, in seconds since 1970."""

    recorded: float
    taken: float


class ProvinceClient:
    """A province's client, which acknowledges each event and records its time of arrival."""

    def __init__(self, folder: Folder, province: str) -> None:
        self._known = json.loads((folder.feeds / f"{province}.json").read_text())
        self.arrived: dict[str, DeliveryTimes] = {}

    @asynccontextmanager
    async def taking(self) -> AsyncIterator[None]:
        """Receives during the block."""
        client = NatsClient()
        known = self._known
        prefix = known["inbox_prefix"].encode()
        await client.connect(known["url"], nkeys_seed_str=known["nkey_seed"], inbox_prefix=prefix)
        stream = client.jetstream(prefix=known["api_prefix"])
        pulling = await stream.pull_subscribe_bind(known["consumer"], stream=known["stream"])
        task = asyncio.create_task(self._take(client, pulling))
        try:
            yield
        finally:
            await client.close()
            await task

    async def _take(self, client: NatsClient, pulling: JetStreamContext.PullSubscription) -> None:
        while not client.is_closed:
            with suppress(TimeoutError, NatsError):
                messages = await pulling.fetch(BATCH, timeout=30)
                now = time.time()
                for message in messages:
                    event = orjson.loads(message.data)
                    self.arrived[event["id"]] = DeliveryTimes(datetime.fromisoformat(event["time"]).timestamp(), now)
                    await message.ack()


class ClerksClient:
    """The HTTP client of clerks of the regions."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient) -> None:
        self._url = platform.endpoints["registry"]
        self._tokens: dict[str, str] = platform.endpoints["tokens"]
        self._offices: dict[str, str] = {}
        self._http = http

    async def send(self, office: str, path: str, body: dict[str, Any]) -> list[str]:
        """Sends a command; returns the ids of its events."""
        headers = {"Authorization": f"Bearer {self._tokens[office]}", "Idempotency-Key": secrets.token_hex(12)}
        answer = await self._http.post(f"{self._url}{path}", json=body, headers=headers)
        answer.raise_for_status()
        events: list[str] = answer.json()["events"]
        return events

    async def report(self, path: str) -> list[str]:
        """Reports a problem of a cooperation; returns the ids of its events."""
        body = {"problem": secrets.token_hex(8), "description": "keterlambatan"}
        return await self.send(self._offices[path], f"{path}/report-problem", body)

    async def register(self, key: str, parties: list[str]) -> str:
        """Registers a cooperation as its first party; returns the path of its commands."""
        path, office = f"/cooperations/{cooperation_id(key)}", f"region:{parties[0]}"
        await self.send(office, "/cooperations", {"key": key, **HEAD, "parties": parties})
        self._offices[path] = office
        return path


async def _alone(platform: Platform) -> list[float]:
    """Milliseconds from the response to a command to the arrival of its event at one province."""
    hands, waits = ProvinceClient(platform.folder, "33"), []
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http, hands.taking():
        clerks = ClerksClient(platform, http)
        paths = [await clerks.register(f"alone-{number}", ["33.72", "33.13"]) for number in range(COOPERATIONS)]
        await _level(platform, {"33": hands})
        for number in range(ALONE):
            begun = time.time()
            (event,) = await clerks.report(paths[number % COOPERATIONS])
            accepted = time.time()
            while event not in hands.arrived:  # noqa: ASYNC110 - another client's arrival is looked at, not told
                await asyncio.sleep(LOOK_SECONDS)
            waits.append((hands.arrived[event].taken - accepted) * 1000)
            await asyncio.sleep(max(0.0, 1 / ALONE_PER_SECOND - (time.time() - begun)))
    return waits


async def _level(platform: Platform, hands: Mapping[str, ProvinceClient]) -> None:
    """Waits until every feed is completely signed and received."""
    deadline = time.monotonic() + LEVEL_SECONDS
    with platform.client() as client:
        await asyncio.to_thread(wait_settled, client, LEVEL_SECONDS)
        while not await asyncio.to_thread(_all_here, client, hands):
            if time.monotonic() > deadline:
                raise TimeoutError("the provinces did not get all of their feeds")
            await asyncio.sleep(0.2)


def _all_here(client: Client, hands: Mapping[str, ProvinceClient]) -> bool:
    status = client.get("reporting", "/status", "operator")
    if status["signed"]["size"] != status["journal"]["size"]:
        return False
    heads = {code: client.raw("reporting", f"/feeds/{code}/checkpoint") for code in hands}
    return all(int(heads[code].split(b"\n")[1]) == len(one.arrived) for code, one in hands.items())


async def _two_hops(url: str, scratch: Path) -> list[float]:
    """Milliseconds for commit, publish, fetch, commit, publish, fetch, all in one process."""
    client = await nats.connect(url)
    stream = client.jetstream()
    await stream.add_stream(name="HOPS", subjects=["hop.*"])
    pulling = [await stream.pull_subscribe(f"hop.{hop}", durable=f"hop{hop}") for hop in (1, 2)]
    connection = sqlite3.connect(scratch / f"{secrets.token_hex(4)}.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    # As durable as the platform's databases.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB)")
    waits = []
    for number in range(ALONE):
        connection.execute("INSERT INTO rows (body) VALUES (?)", (BODY,))
        accepted = time.perf_counter()
        for hop, one in enumerate(pulling, 1):
            if hop > 1:
                connection.execute("INSERT INTO rows (body) VALUES (?)", (BODY,))
            waiting = asyncio.create_task(one.fetch(BATCH, timeout=30))
            await asyncio.sleep(0)
            await stream.publish(f"hop.{hop}", BODY, headers={"Nats-Msg-Id": f"{hop}-{number}"})
            for message in await waiting:
                await message.ack()
        waits.append((time.perf_counter() - accepted) * 1000)
        await asyncio.sleep(max(0.0, 1 / ALONE_PER_SECOND - (time.perf_counter() - accepted)))
    connection.close()
    await client.close()
    return waits


class Memory:
    """Peak resident memory of the platform's processes in MB, by name."""

    def __init__(self, platform: Platform) -> None:
        self._processes = living(platform.folder)
        self.peak = dict.fromkeys(self._processes, 0.0)

    def look(self) -> dict[str, float]:
        """The present sizes; updates the peaks."""
        now = {name: process.memory_info().rss / MEGABYTE for name, process in self._processes.items()}
        self.peak = {name: max(size, now[name]) for name, size in self.peak.items()}
        return now

    async def watch(self) -> None:
        """Updates the peaks until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(0.2)


class Crowd(NamedTuple):
    """The result with all provinces following: delays in ms, events per second, memory in MB by process."""

    waits: list[float]
    rate: float
    before: dict[str, float]
    peak: dict[str, float]


async def _write(clerks: ClerksClient, pairs: Iterable[tuple[str, str]], until: float) -> None:
    """Registers cooperations between pairs of provinces, one after the other, until a time."""
    for pair in pairs:
        begun = time.time()
        if begun > until:
            return
        await clerks.register(secrets.token_hex(8), list(pair))
        await asyncio.sleep(max(0.0, WRITERS * EVENTS_PER_COMMAND / EVENTS_PER_SECOND - (time.time() - begun)))


async def _crowd(platform: Platform) -> Crowd:
    """All provinces follow while the log grows by 200 events per second."""
    codes = provinces()
    hands = {code: ProvinceClient(platform.folder, code) for code in codes}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=60))
        for one in hands.values():
            await stack.enter_async_context(one.taking())
        clerks = ClerksClient(platform, http)
        pairs = list(zip(codes, [*codes[1:], codes[0]], strict=True))
        for pair in pairs:
            await clerks.register(f"first-{pair[0]}", list(pair))
        await _level(platform, hands)
        before, memory = _journal_size(platform), Memory(platform)
        at_rest = memory.look()
        watching = asyncio.create_task(memory.watch())
        begun = time.time()
        every = cycle(pairs)
        await asyncio.gather(*[_write(clerks, every, begun + LOAD_SECONDS) for _ in range(WRITERS)])
        rate = (_journal_size(platform) - before) / (time.time() - begun)
        await _level(platform, hands)
        watching.cancel()
    arrivals = [arrival for one in hands.values() for arrival in one.arrived.values() if arrival.recorded > begun]
    return Crowd([(one.taken - one.recorded) * 1000 for one in arrivals], rate, at_rest, memory.peak)


def _journal_size(platform: Platform) -> int:
    with platform.client() as client:
        return int(client.get("reporting", "/status", "operator")["journal"]["size"])


def _sizes(found: dict[str, float]) -> str:
    return ", ".join(f"{name} {size:.0f}" for name, size in sorted(found.items()))


def measure(scratch: Path, start_nats: StartNats) -> list[Result]:
    """The results for delivery over NATS."""
    with running(Folder(scratch / "alone"), name="bench") as platform:
        alone = asyncio.run(_alone(platform))
    with start_nats() as url:
        bare = asyncio.run(_two_hops(url, scratch))
    with running(Folder(scratch / "crowd"), name="bench") as platform:
        crowd = asyncio.run(_crowd(platform))
    mine, theirs, all_of_them = (percentile(waits, 0.99) for waits in (alone, bare, crowd.waits))
    note = f"p50 {percentile(alone, 0.5):.1f} ms, bare p50 {percentile(bare, 0.5):.1f} ms"
    baseline = "bare commit, publish, fetch, twice in a row"
    results = [at_most("accepted to a province's hands over NATS, p99", "ms", mine, baseline, theirs, 4.5, note)]
    note = (
        f"p50 {percentile(crowd.waits, 0.5):.1f} ms of {len(crowd.waits):,} deliveries at {crowd.rate:.0f} events/s;"
        f" peak MB {_sizes(crowd.peak)}; at rest {_sizes(crowd.before)}"
    )
    work = f"recorded to the hands of {len(provinces())} provinces at {EVENTS_PER_SECOND} events/s, p99"
    results.append(
        Result(work, "ms", all_of_them, "one province alone", mine, all_of_them / mine, "told", reached=True, note=note)
    )
    grown = sum(crowd.peak.values())
    work = f"memory of all processes while {len(provinces())} provinces follow"
    results.append(at_most(work, "MB", grown, "the same processes at rest", sum(crowd.before.values()), MEMORY_BOUND))
    return results
