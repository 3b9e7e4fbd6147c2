"""Two processes of reporting, each with a folder of its own, sign for one platform while their lines are cut."""

import asyncio
import os
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import nats
import pytest
from nats.aio.msg import Msg

from ksad.chassis.broker import Broker
from ksad.contracts.envelope import Envelope
from ksad.ledger.log.checkpoint import Checkpoint
from ksad.ledger.log.claimed import claimed
from ksad.local.machine.forking import python
from ksad.local.machine.ports import Port
from tests.support.histories.events import message
from tests.support.histories.histories import generated
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import end, eventually
from tests.support.servers.proxy import Proxy

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

EVENTS = [event for event in generated(600) if event.service == "registry"]
FIRST = 20
CUT_SECONDS = 1.0


class Process:
    """One of them, with the lines to database and broker that a test may cut."""

    def __init__(self, folder: Path, database: Proxy, broker: Proxy, dsn: str) -> None:
        self.folder = folder
        self.lines = {"database": database, "broker": broker}
        self._port = Port()
        self._dsn = dsn
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, on the schema that it works with."""
        address, _, name = self._dsn.rpartition("/")
        address = f"{address.rpartition(':')[0]}:{self.lines['database'].port}"
        settings = {
            "KSAD_DATABASE_URL": f"{address}/{name}",
            "KSAD_NATS_URL": self.lines["broker"].url,
            "KSAD_PLATFORM": "test",
            "KSAD_DOCUMENTS_DIR": str(self.folder / "documents"),
            "KSAD_KEYS_DIR": str(self.folder / "keys"),
            "KSAD_ISSUER_KEYS_DIR": str(self.folder / "issuer"),
            "KSAD_PORT": str(self._port.number),
            "KSAD_CHECKPOINT_SECONDS": "0.1",
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "output").open("ab") as output:
            command = python("ksad.reporting", "serve", "--migrate")
            self._process = subprocess.Popen(command, env=os.environ | settings, stdout=output, stderr=output)

    def stop(self) -> None:
        """End it, and give up its port."""
        if self._process is not None:
            end(self._process)
        self._port.close()

    async def size(self) -> int:
        """How many entries are under the head that it serves."""
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            with suppress(httpx.HTTPError):
                answer = await http.get(f"http://127.0.0.1:{self._port.number}/checkpoint")
                return claimed(answer.content).size if answer.is_success else 0
        return 0

    def recorded(self) -> list[Checkpoint]:
        """What its files say was signed."""
        return [claimed(path.read_bytes()) for path in (self.folder / "keys" / "logs").glob("*.signed")]


def share_keys(one: Process, two: Process) -> None:
    """Bring each key to the process that lacks it."""
    for source, target in ((one, two), (two, one)):
        for path in (source.folder / "keys" / "logs").glob("*.key"):
            copy = target.folder / "keys" / "logs" / path.name
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)


@asynccontextmanager
async def process(folder: Path, dsn: str, port: int) -> AsyncIterator[Process]:
    """A process that is not started yet, behind its two lines."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Proxy(int(dsn.rpartition("/")[0].rpartition(":")[2])))
        broker = await stack.enter_async_context(Proxy(port))
        made = Process(folder, database, broker, dsn)
        stack.callback(made.stop)
        yield made


def forks(heads: Sequence[Checkpoint]) -> list[tuple[str, int]]:
    """Origin and size of heads with more than one root."""
    roots: dict[tuple[str, int], set[bytes]] = {}
    for head in heads:
        roots.setdefault((head.origin, head.size), set()).add(head.root)
    return [place for place, found in roots.items() if len(found) > 1]


@pytest.mark.fault("cluster K2")
async def test_two_processes_with_cut_lines_never_fork(
    postgres_dsn: str, nats_server: NatsServer, tmp_path: Path, rng: random.Random, rounds: int
) -> None:
    """Whichever line of which process is cut, what both hand out is one log, and they end with the same head."""
    heads: list[Checkpoint] = []
    events: Iterator[Envelope] = iter(EVENTS)
    numbers = iter(range(1, 100_000))

    async def hear(told: Msg) -> None:
        heads.append(claimed(told.data))

    async def publish(broker: Broker, count: int) -> None:
        for one in (event for event, _ in zip(events, range(count), strict=False)):
            await broker.publish(message(one, next(numbers)))

    async with (
        process(tmp_path / "one", postgres_dsn, nats_server.port) as one,
        process(tmp_path / "two", postgres_dsn, nats_server.port) as two,
        Broker(nats_server.url, "test") as broker,
    ):
        listener = await nats.connect(nats_server.url)
        await listener.subscribe("ksad.checkpoint.>", cb=hear)
        await broker.wait_connected()
        await broker.open_stream()
        one.start()
        await publish(broker, FIRST)

        async def begun() -> bool:
            return await one.size() > 0

        async def joined() -> bool:
            return await two.size() > 0

        await eventually(begun, seconds=60, what="the first head", every=0.2)
        shutil.copytree(one.folder / "keys", two.folder / "keys", ignore=shutil.ignore_patterns("*.signed*"))
        two.start()
        # Without its database a process does not start: lines are cut of two that work.
        await eventually(joined, seconds=60, what="the other's first head", every=0.2)
        for _ in range(rounds * 4):
            cut = rng.choice([one, two]).lines[rng.choice(["database", "broker"])]
            cut.down = True
            cut.cut()
            await publish(broker, rng.randrange(1, 8))
            await asyncio.sleep(CUT_SECONDS)
            cut.down = False
            share_keys(one, two)
            await publish(broker, rng.randrange(1, 4))
        published = next(numbers) - 1

        async def level() -> bool:
            await asyncio.to_thread(share_keys, one, two)
            sizes = [await one.size(), await two.size()]
            return sizes[0] == sizes[1] > FIRST and sizes[0] <= published

        async def grown() -> bool:
            await publish(broker, 1)
            return await level()

        await eventually(grown, seconds=90, what="both at one head", every=1)
        await listener.close()
        everything = [*heads, *one.recorded(), *two.recorded()]
    assert forks(everything) == []
    assert {head.origin for head in everything} > {"ksad/test/national"}
