"""Benchmarks of rebuilds, compared with the library's own runner and with only reading the journal."""

from __future__ import annotations

import secrets
import statistics
import time
from typing import TYPE_CHECKING

import orjson

from ksad.bench import stock, tables
from ksad.bench.generator import Generator
from ksad.bench.measure import Result, at_least, median_rates
from ksad.bench.tally import Tally
from ksad.contracts.regions import RegionKind, RegionTable
from ksad.contracts.regions import load_text as regions_text
from ksad.reporting.journal import Arrival, Journal
from ksad.reporting.projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADMIT = 1_000
STOCK_EVENTS = 10_000
BESIDE_STOCK = {"SQLite": 70, "PostgreSQL": 50}
"""How many times as fast as the library's runner a rebuild has to be."""


def codes() -> list[str]:
    """The codes of today's regencies and cities."""
    table = RegionTable.from_csv(regions_text())
    return [
        one.code
        for one in table.regions
        if one.autonomous and one.valid_to is None and one.kind is not RegionKind.PROVINCE
    ]


def fill(journal: Journal, count: int) -> Tally:
    """Admits a generated history to a journal; returns the expected contents of its projections."""
    tally = Tally()
    batch: list[Arrival] = []
    numbers: dict[str, int] = {}

    def admit() -> None:
        with journal.database.write() as connection:
            journal.admit(connection, batch)
        batch.clear()

    for envelope in Generator(codes(), seed=count).envelopes(count):
        tally.take(envelope)
        numbers[envelope.service] = numbers.get(envelope.service, 0) + 1
        batch.append(Arrival(envelope.to_bytes(), envelope.service, numbers[envelope.service]))
        if len(batch) == ADMIT:
            admit()
    if batch:
        admit()
    return tally


def _read(journal: Journal, count: int) -> None:
    with journal.database.read() as connection:
        for entry in journal.prefix(connection, count):
            orjson.loads(entry.raw)


def _folding_seconds(runner: Runner, count: int) -> float:
    """The seconds of a complete rebuild, including indexes and switch, without the comparison."""
    started = time.perf_counter()
    done = runner.rebuild(compare=False)
    assert done is not None  # noqa: S101 - nobody cancels it
    assert done.events == count  # noqa: S101 - nothing was left out
    return time.perf_counter() - started


def measure(sizes: list[int], scratch: Path, postgres: Callable[[], str], runs: int) -> list[Result]:
    """The results for rebuilds on SQLite and PostgreSQL."""
    dsn = postgres()
    stock.prepare(dsn, STOCK_EVENTS)
    results = []

    def sqlite() -> str:
        return f"sqlite:///{scratch / secrets.token_hex(4)}.sqlite"

    for kind, make in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        rates: list[float] = []
        for count in sizes:
            database = tables.database(make())
            journal = Journal(database)
            tally = fill(journal, count)
            runner = Runner(database, journal)
            runner.catch_up(20_000)
            (reading,) = median_rates(count, [lambda: _read(journal, count)], runs)  # noqa: B023 - run at once
            pairs = [(_folding_seconds(runner, count), stock.run(dsn, STOCK_EVENTS)) for _ in range(runs)]
            with database.read() as connection:
                tally.check(connection)
            rate = count / statistics.median(taken for taken, _ in pairs)
            stock_rate = statistics.median(theirs for _, theirs in pairs)
            work = f"rebuild of all projections, {count:,} events, {kind}"
            results.append(at_least(work, "events/s", rate, "stock ProjectionRunner", stock_rate, BESIDE_STOCK[kind]))
            results.append(at_least(work, "events/s", rate, "read and orjson.loads", reading, 0.35))
            rates.append(rate)
            database.close()
        if len(sizes) > 1:
            work = f"rebuild rate at {sizes[-1]:,} events, {kind}"
            results.append(at_least(work, "events/s", rates[-1], f"the same at {sizes[-2]:,}", rates[-2], 0.8))
    return results
