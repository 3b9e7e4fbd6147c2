"""Benchmarks of export, verification, replay and proofs, and of the time until an event is under a signed head."""

from __future__ import annotations

import json
import random
import secrets
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from ksad.audit import replay
from ksad.audit.checks import verify
from ksad.bench import bare, tables
from ksad.bench.measure import Result, at_least, at_most, percentile, seconds
from ksad.bench.rebuilding import fill
from ksad.bench.serving import CLERK, HEAD, PER_SECOND, RUNNING
from ksad.chassis.database import Database
from ksad.chassis.places import DataFolder
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.positions import Position
from ksad.ledger.archive.archive import read_events
from ksad.ledger.archive.inside import opened
from ksad.ledger.log.keys import read_public
from ksad.ledger.log.proof import consistency_proof, inclusion_proof
from ksad.ledger.log.reader import TileHashes
from ksad.local.machine.platform import wait_settled
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.checkpoints.tile_folder import TileFolder
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from ksad.reporting.keeping.export import export
from ksad.reporting.projections.digest import digest
from ksad.reporting.projections.runner import Runner

if TYPE_CHECKING:
    from ksad.local.machine.platform import Platform

PLATFORM = "bench"
PROOFS = 2_000
COMMANDS = 600
MEGABYTE = 1024
MEMORY = 400.0


def measure(sizes: list[int], scratch: Path, runs: int) -> list[Result]:
    """The results for archives at the largest sizes, including the memory of an export at two sizes."""
    results: list[Result] = []
    larger = sizes[1:] or sizes
    # Of a log with a quarter of the entries: memory must not grow with the log.
    small = _folder(scratch, larger[0] // 4)
    peak = _piece("export", small.root)["peak"]
    before = _peaks(small)
    for count in larger:
        source = _folder(scratch, count)
        done = _piece("export", source.root)
        results += _remembered(count, _peaks(source), before)
        results += _exported(source, count, done, peak, runs)
        results += _verified(source, count, runs)
        results += _replayed(source, count, runs)
        results += _proved(source, count)
    return results


def _peaks(source: DataFolder) -> dict[str, float]:
    """The peak memory, in MB, of each verb that reads all of an archive or a journal, in a process of its own."""
    file, replayed = source.root / "archive.tar", source.root / "peak.sqlite"
    arguments = {
        "verify": (file, source.keys / "public.vkeys"),
        "replay": (file, replayed),
        "rebuild": (source.root,),
        "digest": (source.root,),
    }
    found = {name: _piece(name, *more)["peak"] for name, more in arguments.items()}
    replayed.unlink()
    return found


def _remembered(count: int, peaks: dict[str, float], before: dict[str, float]) -> list[Result]:
    """The memory of each verb at a size, beside that at a smaller size and beside a bound for all sizes."""
    results = []
    for name, peak in peaks.items():
        work = f"{name} of {count:,} entries, peak memory"
        results.append(at_most(work, "MB", peak, "the same of a smaller log", before[name], 1.25))
        results.append(at_most(work, "MB", peak, "400 MB", MEMORY, 1))
    return results


def _folder(scratch: Path, count: int) -> DataFolder:
    """A data folder with a generated history, its feeds, and everything signed."""
    source = DataFolder(scratch / f"audited-{secrets.token_hex(4)}")
    source.root.mkdir()
    with closing(tables.database(source.database_url("reporting"))) as database:
        journal = Journal(database)
        fill(journal, count)
        feeds = Feeds(database, journal)
        while feeds.step(20_000):
            pass
        checkpoints = Checkpoints(journal, Keyring(source.keys, PLATFORM), source.log)
        checkpoints.publish()
        checkpoints.close()
    return source


def _piece(name: str, *arguments: object) -> dict[str, float]:
    """Runs a piece of work in a separate process; returns its seconds, without the process's start, and peak MB."""
    command = [sys.executable, "-m", "ksad.bench.auditing", name, *map(str, arguments)]
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer


def _pieces(runs: int, *names: tuple[object, ...]) -> list[float]:
    """The median seconds of pieces of work, run alternately."""
    taken: list[list[float]] = [[] for _ in names]
    for _ in range(runs):
        for times, name in zip(taken, names, strict=True):
            times.append(_piece(*map(str, name))["seconds"])
    return [statistics.median(times) for times in taken]


def _exported(source: DataFolder, count: int, done: dict[str, float], small: float, runs: int) -> list[Result]:
    ours, theirs = _pieces(runs, ("export", source.root), ("read-and-compress", source.root))
    work = f"export of {count:,} entries"
    note = f"{ours:.1f} s; peak {done['peak']:.0f} MB, of a smaller log {small:.0f} MB"
    return [
        at_least(work, "entries/s", count / ours, "bare loop that reads and compresses", count / theirs, 0.4, note),
        at_most(f"{work}, peak memory", "MB", done["peak"], "export of a smaller log", small, 1.25),
    ]


def _verified(source: DataFolder, count: int, runs: int) -> list[Result]:
    file, keys = source.root / "archive.tar", source.keys / "public.vkeys"
    ours, theirs = _pieces(runs, ("verify", file, keys), ("read-hash-fold", file))
    note = f"{ours:.1f} s for {count:,} leaves, every check"
    return [at_most(f"offline verify of {count:,} leaves", "s", ours, "bare read, hash, fold", theirs, 2.5, note)]


def _replayed(source: DataFolder, count: int, runs: int) -> list[Result]:
    file, pairs = source.root / "archive.tar", []
    with source.database("reporting") as database:
        runner = Runner(database, Journal(database))
        runner.catch_up(20_000)
        for _ in range(runs):
            rebuilt = seconds(lambda: runner.rebuild(compare=False))
            into = source.root / f"{secrets.token_hex(4)}.sqlite"
            pairs.append((rebuilt, _piece("replay", file, into)["seconds"]))
            into.unlink()
    rebuilt, replayed = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    work = f"replay of {count:,} leaves into all projections"
    return [at_least(work, "leaves/s", count / replayed, "online rebuild", count / rebuilt, 0.9)]


def _proved(source: DataFolder, count: int) -> list[Result]:
    """Times of proofs for random leaves and prefixes, with a warm cache."""
    hashes = TileHashes(TileFolder(source.log).read, kept=count // 256 + 256).at(count)
    numbers = random.Random(count)  # noqa: S311 - repeatable, no secret
    places = [numbers.randrange(1, count) for _ in range(PROOFS)]
    results = []
    for name, make in (("inclusion", inclusion_proof), ("consistency", consistency_proof)):
        for place in places:
            make(place, count, hashes)
        taken = [seconds(lambda: make(place, count, hashes)) * 1e6 for place in places]  # noqa: B023 - run at once
        note = f"p50 {percentile(taken, 0.5):.0f} µs, p99 {percentile(taken, 0.99):.0f} µs"
        work = f"warm {name} proof in {count:,} leaves, nine of ten"
        results.append(at_most(work, "µs", percentile(taken, 0.9), "one millisecond", 1_000.0, 1, note))
    return results


class _Heads:
    """Records when each published head was first seen."""

    def __init__(self, address: str) -> None:
        self.seen: list[tuple[float, int]] = []
        self._address = address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as http:
            while not self._stop.wait(0.02):
                answer = http.get(f"{self._address}/checkpoint")
                if answer.is_success:
                    size = int(answer.content.split(b"\n")[1])
                    if not self.seen or self.seen[-1][1] != size:
                        self.seen.append((time.perf_counter(), size))

    def covering(self, size: int) -> float | None:
        """When a head over at least ``size`` leaves was first seen; ``None`` if it was not."""
        return next((moment for moment, seen in self.seen if seen >= size), None)


def coverage(platform: Platform) -> list[Result]:
    """The time from an accepted command to a published head over its event, at 50 commands per second."""
    tokens, urls = platform.endpoints["tokens"], platform.endpoints
    with platform.client() as client:
        for number in range(RUNNING):
            key = f"covered-{number}"
            client.post("registry", "/cooperations", CLERK, key, {"key": key, **HEAD})
        wait_settled(client)
    asked: list[tuple[float, str]] = []
    with _Heads(urls["reporting"]) as heads, httpx.Client(trust_env=False, timeout=30) as http:
        for number in range(COMMANDS):
            begun = time.perf_counter()
            headers = {"Authorization": f"Bearer {tokens[CLERK]}", "Idempotency-Key": secrets.token_hex(12)}
            path = f"/cooperations/{cooperation_id(f'covered-{number % RUNNING}')}/report-problem"
            body = {"problem": f"p{number}", "description": "keterlambatan pembayaran"}
            answer = http.post(f"{urls['registry']}{path}", json=body, headers=headers)
            asked.append((time.perf_counter(), answer.raise_for_status().json()["position"]))
            time.sleep(max(0.0, 1 / PER_SECOND - (time.perf_counter() - begun)))
        sizes = _places(platform, [position for _, position in asked])
        deadline = time.perf_counter() + 30
        while heads.covering(max(sizes)) is None and time.perf_counter() < deadline:
            time.sleep(0.02)
    waits = [
        (heads.covering(size) or time.perf_counter()) - accepted
        for size, (accepted, _) in zip(sizes, asked, strict=True)
    ]
    note = f"p50 {percentile(waits, 0.5):.2f} s, longest {max(waits):.2f} s"
    work = "command accepted to covered by a published head, p99"
    return [at_most(work, "s", percentile(waits, 0.99), "five seconds", 5.0, 1, note)]


def _places(platform: Platform, positions: list[str]) -> list[int]:
    """For each position, the size of the log up to and including its event."""
    with platform.client() as client:
        wait_settled(client)
    database = Database(platform.folder.database_url("reporting"))
    try:
        journal = Journal(database)
        with database.read() as connection:
            found = [journal.index_of(connection, *Position.parse(position)) for position in positions]
    finally:
        database.close()
    return [number + 1 for number in found if number is not None]


def _work(name: str, arguments: list[str]) -> Any:  # noqa: ANN401 - what it gives is not looked at
    first = Path(arguments[0])
    if name == "export":
        return lambda: export(DataFolder(first), first / "archive.tar")
    if name == "read-and-compress":
        return lambda: bare.read_and_compress(first / "reporting.sqlite", first / "bare.zst")
    if name == "read-hash-fold":
        return lambda: bare.read_hash_fold(first)
    if name == "replay":
        return lambda: _replay(first, Path(arguments[1]))
    if name in {"rebuild", "digest"}:
        return lambda: _projected(DataFolder(first), name)
    asked = verify.Asked(read_public(Path(arguments[1])))
    return lambda: verify.verify(first, asked)


def _replay(file: Path, into: Path) -> None:
    with opened(file) as bag:
        replay.replay(lambda: read_events(bag / "data" / "events"), into)


def _projected(source: DataFolder, name: str) -> None:
    """Rebuilds, with the comparison, or digests what is live; the first rebuild makes it so."""
    with source.database("reporting") as database:
        if name == "rebuild":
            Runner(database, Journal(database)).rebuild()
        else:
            with database.read() as connection:
                digest(connection)


def _peak() -> float:
    """The peak memory of this process in MB; getrusage would include the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / MEGABYTE


if __name__ == "__main__":
    taken = seconds(_work(sys.argv[1], sys.argv[2:]))
    sys.stdout.write(json.dumps({"seconds": taken, "peak": _peak()}))
