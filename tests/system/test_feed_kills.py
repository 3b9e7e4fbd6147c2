"""A follower that is killed again and again, and readers that do not read: nothing is lost, nobody else is slowed."""

import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from ksad.bench import feeding, sending
from ksad.chassis.auth import LocalIssuer
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.local.machine.ports import Port
from tests.support.histories.histories import generated
from tests.support.platforms import following
from tests.support.platforms.ministry import ORIGIN, Ministry
from tests.support.servers.processes import end, port_open, wait_until

ENTRIES = 3_000
PAGE = 20
SLOW = 30
EVENTS = 8_000


def grown(file: Path, size: int) -> bool:
    """Whether a follower's file holds at least so many entries."""
    return following.rows(file) >= size


@pytest.mark.parametrize("kind", ["sqlite", "lines"])
def test_killed_again_and_again(tmp_path: Path, rounds: int, rng: random.Random, kind: str) -> None:
    """However often a follower is killed while it stores, in the end it has each entry once, in order, and proven."""
    file = tmp_path / ("feed.sqlite" if kind == "sqlite" else "feed.jsonl")
    into = f"sqlite:{file}" if kind == "sqlite" else str(file)
    kills = 2 * rounds
    entries = [envelope.to_bytes() for envelope in generated(ENTRIES)]
    with Ministry(entries) as ministry:
        ministry.page = PAGE
        wanted = following.order(ministry.url, "32", into, ministry.key.verifier.vkey)
        assert wanted["vkey"].startswith(ORIGIN)
        for number in range(kills):
            before = following.rows(file)
            wanted_rows = before + rng.randint(1, max(1, (ENTRIES - before) // (kills - number + 1)))
            follower = following.start(wanted)
            try:
                wait_until(partial(grown, file, wanted_rows), seconds=60, every=0.002, what="progress")
                assert follower.poll() is None
            finally:
                end(follower, how=signal.SIGKILL)
            assert following.rows(file) < ENTRIES
        follower = following.start(wanted | {"once": True})
        assert follower.wait(100) == 0

    leaves, size, root = following.kept(into)
    assert leaves == entries
    assert (size, root) == (ENTRIES, Frontier.empty().extended(map(leaf_hash, entries)).root())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, psutil.Process, int, str]]:
    """The service of the feeds with a backlog: its folder, its process, its port, and a token."""
    root = tmp_path_factory.mktemp("served") / "feed"
    feeding.prepare(root, EVENTS)
    token = LocalIssuer(root / "issuer").issue(f"feed:{feeding.PROVINCE}")
    port = Port()
    server = subprocess.Popen([sys.executable, "-m", "ksad.bench.sending", str(root), str(port.number)])
    try:
        wait_until(lambda: port_open(port.number), seconds=60, what="the server")
        yield root, psutil.Process(server.pid), port.number, token
    finally:
        end(server)
        port.close()


def ask(port: int, token: str) -> HTTPConnection:
    """A connection on which all of the feed was asked for, by somebody whose own buffer is small."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.connect(("127.0.0.1", port))
    path = f"/feeds/{feeding.PROVINCE}?limit={EVENTS}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    return connection


def test_who_does_not_read_slows_nobody(served: tuple[Path, psutil.Process, int, str]) -> None:
    """While thirty provinces leave their answer unread, another gets all of it; memory stays, and theirs is whole."""
    root, server, port, token = served
    whole = (root / sending.LINES).read_bytes()
    first = ask(port, token)
    assert first.getresponse().read() == whole
    first.close()
    at_rest = server.memory_info().rss
    with ExitStack() as stack:
        slow = [ask(port, token) for _ in range(SLOW)]
        for one in slow:
            stack.callback(one.close)
        answers = [one.getresponse() for one in slow]
        begun = [answer.read(1000) for answer in answers]

        quick = ask(port, token)
        stack.callback(quick.close)
        assert quick.getresponse().read() == whole
        assert server.memory_info().rss < at_rest + SLOW * len(whole)

        taken = [b""] * SLOW
        readers = [
            threading.Thread(target=lambda n=number: taken.__setitem__(n, begun[n] + answers[n].read()))
            for number in range(SLOW)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(60)
    assert set(taken) == {whole}
