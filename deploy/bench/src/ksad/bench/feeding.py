"""Benchmarks of feeds: over HTTP compared with a file, and followers with and without verification."""

from __future__ import annotations

import secrets
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from ksad.audit.feeds.command import opener
from ksad.audit.feeds.follower import HttpFeed, VerifiedHead, follow
from ksad.audit.feeds.kept import SqliteKept
from ksad.bench import delivering, sending, tables
from ksad.bench.generator import Generator
from ksad.bench.measure import Result, at_least, median_rates
from ksad.bench.rebuilding import ADMIT, codes
from ksad.bench.serving import await_port
from ksad.chassis.auth import LocalIssuer
from ksad.ledger.log.keys import read_public
from ksad.ledger.log.tree import Frontier
from ksad.local.machine.ports import Port
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Arrival, Journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ksad.bench.delivering import StartNats

PROVINCE = "33"
ORIGIN = f"ksad/bench/feed/{PROVINCE}"
CHUNK = 1 << 20


class Unverified(SqliteKept):
    """Stores in the same transactions as the follower, but does not hash."""

    def _extended(self, leaves: Sequence[bytes]) -> Frontier:
        return Frontier(self._tip.size + len(leaves), ())


class Headless(HttpFeed):
    """A feed without signed heads, so that nothing is verified."""

    def head(self) -> VerifiedHead | None:
        """Always ``None``."""
        return None


def prepare(root: Path, count: int) -> None:
    """Creates a province's feed with ``count`` events, and a file with the same lines."""
    root.mkdir()
    database = tables.database(f"sqlite:///{root / sending.DATABASE}")
    journal = Journal(database)
    feeds = Feeds(database, journal)
    inside = [code for code in codes() if code.startswith(PROVINCE)]
    numbers: dict[str, int] = {}
    batch: list[Arrival] = []
    with (root / sending.LINES).open("wb") as lines:
        for number, envelope in enumerate(Generator(inside, seed=count).envelopes(count), 1):
            numbers[envelope.service] = numbers.get(envelope.service, 0) + 1
            batch.append(Arrival(envelope.to_bytes(), envelope.service, numbers[envelope.service]))
            lines.write(batch[-1].raw + b"\n")
            if len(batch) == ADMIT or number == count:
                with database.write() as connection:
                    journal.admit(connection, batch)
                batch.clear()
    while feeds.step():
        pass
    database.close()


@contextmanager
def _served(root: Path) -> Iterator[int]:
    port = Port()
    command = [sys.executable, "-m", "ksad.bench.sending", str(root), str(port.number)]
    server = subprocess.Popen(command)
    try:
        await_port(port.number)
        yield port.number
    finally:
        server.terminate()
        server.wait()
        port.close()


def _take(port: int, path: str, token: str, size: int) -> None:
    """Reads and discards a response."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        taken = 0
        while chunk := answer.read1(CHUNK):
            taken += len(chunk)
    if taken != size:
        raise RuntimeError(f"{path} gave {taken} bytes, not {size}")


def _sent(root: Path, port: int, token: str, count: int, runs: int) -> Result:
    size = (root / sending.LINES).stat().st_size
    ours, theirs = median_rates(
        count,
        [
            lambda: _take(port, f"/feeds/{PROVINCE}?after=0&limit={count}", token, size),
            lambda: _take(port, "/file", token, size),
        ],
        runs,
    )
    work = f"feed over HTTP, backlog of {count:,} events"
    note = f"{ours * size / count / 1e6:,.0f} MB/s, the file {theirs * size / count / 1e6:,.0f} MB/s"
    return at_least(work, "events/s", ours, "the same server sends the bytes from a file", theirs, 0.3, note)


def _followed(root: Path, port: int, token: str, count: int, runs: int) -> Result:
    (vkey,) = [one.vkey for one in read_public(root / sending.KEYS / "public.vkeys") if one.name == ORIGIN]
    url = f"http://127.0.0.1:{port}"

    def run(feed: type[HttpFeed], kept: type[SqliteKept]) -> None:
        file = root / f"{secrets.token_hex(4)}.sqlite"
        with closing(kept(file)) as stored, feed(url, PROVINCE, token, opener(vkey, ORIGIN)) as source:
            if follow(source, stored, once=True) != count:
                raise RuntimeError(f"a feed of {count} events was not taken whole")
        file.unlink()

    ours, theirs = median_rates(count, [lambda: run(HttpFeed, SqliteKept), lambda: run(Headless, Unverified)], runs)
    work = f"follower that verifies while it stores, {count:,} events"
    return at_least(work, "events/s", ours, "the same follower without verification", theirs, 0.8)


def measure(scratch: Path, start_nats: StartNats, count: int, runs: int) -> list[Result]:
    """The results for feeds: over HTTP, into a province's database, and over NATS.

    :param count: the number of events in the backlog.
    """
    root = scratch / "feed"
    prepare(root, count)
    token = LocalIssuer(root / "issuer").issue(f"feed:{PROVINCE}")
    with _served(root) as port:
        results = [_sent(root, port, token, count, runs), _followed(root, port, token, count, runs)]
    return results + delivering.measure(scratch, start_nats)
