"""Benchmarks of what officers read: the register, its filters and search, a case and its timeline, at two sizes."""

from __future__ import annotations

import secrets
import statistics
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa

from ksad.bench import tables
from ksad.bench.measure import Result, at_most, percentile, seconds
from ksad.bench.rebuilding import fill
from ksad.ledger.folds.register import COOPERATIONS
from ksad.reporting.journal import Journal
from ksad.reporting.projections.register_list import RegisterList, RegisterReader, RegisterWanted, SoughtWord
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ksad.chassis.database import Database

    Reading = Callable[[sa.Connection], object]

SMALL = 10_000
"""Events of some two hundred cooperations."""
CALLS = 60
BATCH = 10_000
PAGE = 100
LISTS = {
    "register, first page": RegisterWanted(),
    "register by status": RegisterWanted(status="ended"),
    "register by stage": RegisterWanted(stage="negotiation"),
    "register by affair": RegisterWanted(affair="kesehatan"),
    "register by body": RegisterWanted(supervisor="tkksd:32"),
    "register by region": RegisterWanted(inside=frozenset({"32.01"})),
    "register by end": RegisterWanted(ends_until="2015-06-30"),
    "register, open problems": RegisterWanted(has_problem=True),
    "search, no hit": RegisterWanted(q=(SoughtWord("tidakada"),)),
    "search, few hits": RegisterWanted(q=(SoughtWord("17"),)),
}


def measure(size: int, scratch: Path, postgres: Callable[[], str]) -> list[Result]:
    """The results for a journal of ``size`` events beside one of ten thousand, on SQLite and PostgreSQL."""
    results = []
    for kind in ("SQLite", "PostgreSQL"):
        urls = [f"sqlite:///{scratch / secrets.token_hex(4)}.sqlite" if kind == "SQLite" else postgres() for _ in "12"]
        (small, few), (large, many) = (_taken(url, count) for url, count in zip(urls, (SMALL, size), strict=True))
        for name, taken in large.items():
            work = f"{name}, {many:,} cooperations, {kind}"
            note = f"p95 {percentile(taken, 0.95):.2f} ms with the building of the statement"
            ours, theirs = statistics.median(taken), statistics.median(small[name])
            results.append(at_most(work, "ms", ours, f"the same at {few:,}", theirs, 3, note))
    return results


def _taken(url: str, count: int) -> tuple[dict[str, list[float]], int]:
    """The milliseconds of each reading, and the number of cooperations."""
    database = tables.database(url)
    try:
        journal = Journal(database)
        fill(journal, count)
        Runner(database, journal).catch_up(BATCH)
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE")
        with database.read() as connection:
            rows = Views(connection).table("register", COOPERATIONS)
            known = [UUID(one) for one in connection.execute(sa.select(rows.c.cooperation_id)).scalars()]
        readings = _readings(known[len(known) // 2])
        return {name: _times(database, one) for name, one in readings.items()}, len(known)
    finally:
        database.close()


def _readings(identity: UUID) -> dict[str, Reading]:
    def listed(wanted: RegisterWanted) -> Reading:
        return lambda connection: RegisterList(Views(connection), connection, RegisterReader()).page(
            wanted, "key", None, PAGE
        )

    found = {name: listed(wanted) for name, wanted in LISTS.items()}
    found["one cooperation"] = lambda connection: Views(connection).cooperation(identity)
    found["its timeline"] = lambda connection: Views(connection).timeline(identity, 0, PAGE)
    found["recapitulation of a province"] = lambda connection: Views(connection).recap("32")
    return found


def _times(database: Database, reading: Reading) -> list[float]:
    def call() -> None:
        with database.read() as connection:
            reading(connection)

    call()
    return [seconds(call) * 1e3 for _ in range(CALLS)]
