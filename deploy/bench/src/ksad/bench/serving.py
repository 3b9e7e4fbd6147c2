"""Benchmarks of commands over HTTP and of the time until the register shows them, compared with simpler programs."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import nats

from ksad.bench.lean import LeanClient, drive
from ksad.bench.measure import Result, at_least, at_most, percentile
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.positions import AFTER_HEADER
from ksad.local.machine.leftovers import living
from ksad.local.machine.platform import wait_settled
from ksad.local.machine.ports import Port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ksad.local.machine.platform import Platform

COMMANDS = 600
PER_SECOND = 50
VISIBLE = 400
RUNNING = 40
BASELINE = "plain FastAPI + SQLAlchemy insert with audit row"
FOLLOWERS = ("supervision", "reporting")
SETTLE_SECONDS = 120.0
CLERK = "region:33.72"
HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.13"]}


def throughput(platform: Platform, store: str, bounds: Mapping[int, float], runs: int) -> list[Result]:
    """The commands per second of the registry with its relay, and of a plain FastAPI service with an audit row.

    Supervision and reporting are suspended meanwhile, as nothing follows the plain service. The rate while they process
    fifteen events per command on the same cores is given in the note.

    :param store: the address of an empty database for the plain service, of the same engine as the platform's.
    :param bounds: the ratio to reach by number of clients.
    """
    engine = "SQLite" if store.startswith("sqlite") else "PostgreSQL"
    port = Port()
    plain = subprocess.Popen([sys.executable, "-m", "ksad.bench.plain", str(port.number), store])
    token = platform.endpoints["tokens"][CLERK]

    def ours(client: LeanClient) -> None:
        key = secrets.token_hex(12)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        client.post("/cooperations", {"key": key, **HEAD}, headers)

    def theirs(client: LeanClient) -> None:
        client.post("/cooperations", {"key": secrets.token_hex(12), **HEAD}, {})

    def mine(clients: int) -> float:
        return drive(clients, COMMANDS, platform.endpoints["registry"], ours)

    results = []
    try:
        await_port(port.number)
        for clients, bound in bounds.items():
            pairs = []
            for _ in range(runs):
                with _alone(platform):
                    rate = mine(clients)
                _settle(platform)
                pairs.append((rate, drive(clients, COMMANDS, f"http://127.0.0.1:{port.number}", theirs)))
            rate, plains = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
            whole = mine(clients)
            _settle(platform)
            work = f"commands over HTTP, {clients} client{'s' if clients > 1 else ''}, {engine}"
            note = f"{whole:.0f}/s while supervision and reporting follow on the same cores; lean client"
            results.append(at_least(work, "commands/s", rate, BASELINE, plains, bound, note))
    finally:
        plain.terminate()
        plain.wait()
        port.close()
    return results


@contextmanager
def _alone(platform: Platform) -> Iterator[None]:
    """Suspends supervision and reporting during the block."""
    followers = [process for name, process in living(platform.folder).items() if name in FOLLOWERS]
    for process in followers:
        process.suspend()
    try:
        yield
    finally:
        for process in followers:
            process.resume()


def _settle(platform: Platform) -> None:
    with platform.client() as client:
        wait_settled(client, SETTLE_SECONDS)


def await_port(port: int) -> None:
    """Waits until a server answers on a port, at most ten seconds."""
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return


def visibility(platform: Platform, scratch: Path) -> list[Result]:
    """The time from an accepted command to its row in the register, at 50 commands per second."""
    tokens, urls = platform.endpoints["tokens"], platform.endpoints
    waits = []
    with platform.client() as client:
        for number in range(RUNNING):
            client.post("registry", "/cooperations", CLERK, f"bench-{number}", {"key": f"bench-{number}", **HEAD})
        wait_settled(client)
    with httpx.Client(trust_env=False, timeout=30) as http:
        for number in range(VISIBLE):
            begun = time.perf_counter()
            key = f"bench-{number % RUNNING}"
            headers = {"Authorization": f"Bearer {tokens[CLERK]}", "Idempotency-Key": secrets.token_hex(12)}
            body = {"problem": f"p{number}", "description": "keterlambatan pembayaran"}
            path = f"{urls['registry']}/cooperations/{cooperation_id(key)}/report-problem"
            answer = http.post(path, json=body, headers=headers).json()
            accepted = time.perf_counter()
            headers = {"Authorization": f"Bearer {tokens['auditor']}", AFTER_HEADER: answer["position"]}
            http.get(f"{urls['reporting']}/cooperations/{cooperation_id(key)}", headers=headers).raise_for_status()
            waits.append((time.perf_counter() - accepted) * 1000)
            time.sleep(max(0.0, 1 / PER_SECOND - (time.perf_counter() - begun)))
    bare = asyncio.run(_bare_loop(platform, scratch))
    note = f"p50 {percentile(waits, 0.5):.1f} ms, bare p50 {percentile(bare, 0.5):.1f} ms"
    mine, theirs = percentile(waits, 0.99), percentile(bare, 0.99)
    work = "command accepted to visible in the register, p99"
    return [at_most(work, "ms", mine, "bare commit, publish, fetch", theirs, 5, note)]


async def _bare_loop(platform: Platform, scratch: Path) -> list[float]:
    """Milliseconds for commit to SQLite, publish and fetch, on the platform's own broker."""
    url, seed = platform.endpoints["nats"], platform.folder.feeds_seed
    client = await nats.connect(url, nkeys_seed=str(seed))
    heard: asyncio.Queue[float] = asyncio.Queue()

    async def arrived(_: Any) -> None:  # noqa: ANN401 - nats-py's message
        heard.put_nowait(time.perf_counter())

    inbox = client.new_inbox()
    await client.subscribe(inbox, cb=arrived)
    stream = client.jetstream()
    connection = sqlite3.connect(scratch / f"{secrets.token_hex(4)}.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT)")
    waits = []
    subscription = await stream.pull_subscribe("ksad.feed.bench.>", stream="KSAD_FEEDS")
    for _ in range(VISIBLE // 2):
        begun = time.perf_counter()
        connection.execute("INSERT INTO rows (body) VALUES (?)", ("x" * 600,))
        await stream.publish("ksad.feed.bench.x", b"x" * 600)
        await subscription.fetch(1, timeout=2)
        waits.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(1 / PER_SECOND)
    await client.close()
    connection.close()
    return waits
