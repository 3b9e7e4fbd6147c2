"""Benchmarks of reports: an R2 of one province, in a log ten times as long, and beside its rows by SQL."""

from __future__ import annotations

import multiprocessing
import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ksad.bench import tables
from ksad.bench.generator import Generator
from ksad.bench.measure import Result, at_most, median_rates
from ksad.bench.rebuilding import ADMIT, codes
from ksad.chassis.database import Database
from ksad.contracts import registry as reg
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.texts import packaged_texts
from ksad.ledger.figures.compiling import ReportOrder, compile_report
from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS, SUPERVISED
from ksad.ledger.folds.tasks import OWED, TASKS
from ksad.ledger.folds.verifying import ENTRIES
from ksad.reporting.journal import Arrival, Journal
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from ksad.reporting.reports.selected import SelectedStreams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.folds.rows import Table

PROVINCE = "33"
TEAM = f"tkksd:{PROVINCE}"
LARGER = 10
KIBI = 1024


class Filled(NamedTuple):
    """A database with a history, and the last semester in it that is over."""

    url: str
    database: Database
    period: str


def _texts() -> Iterator[Envelope]:
    moment = datetime(2015, 1, 5, tzinfo=UTC)
    origin = Origin(
        source="urn:ksad:bench:registry",
        time=moment,
        occurred_on=moment.date(),
        date_precision="day",
        actor_office="platform",
        actor_id="bench",
        command_id=None,
        command_digest=None,
        correlation_id=cooperation_id("bench"),
        causation_id=None,
    )
    for number, text in enumerate(packaged_texts(), 1):
        yield seal(reg.TextSupplied(**text.model_dump()), "reference/adopted", number, origin)


def fill(journal: Journal, count: int) -> date:
    """Admits a history in which every cooperation ends, with the texts of the software; returns its last day."""
    batch: list[Arrival] = []
    last = date.min
    for number, envelope in enumerate([*_texts(), *Generator(codes(), 1, closing=True).envelopes(count)], 1):
        last = max(last, envelope.occurredon)
        batch.append(Arrival(envelope.to_bytes(), envelope.service, number))
        if len(batch) == ADMIT:
            _admit(journal, batch)
    _admit(journal, batch)
    return last


def _admit(journal: Journal, batch: list[Arrival]) -> None:
    with journal.database.write() as connection:
        journal.admit(connection, batch)
    batch.clear()


def _nothing_kept(sha256: str) -> bytes:
    raise LookupError(sha256)


def _compile(database: Database, text: str) -> tuple[int, int]:
    """Compiles the report on a period; the cooperations and tasks that it tells."""
    period = Period.parse(text)
    with database.read() as connection:
        source = SelectedStreams(Journal(database), connection)
        # On its last day a period is still a draft, so that nobody needs to owe the report.
        order = ReportOrder(ReportKind.R2, TEAM, period, "ksad/bench/national", period.last, _nothing_kept)
        content = compile_report(source, order).content
    return len(content.matrix), content.timeliness.total.total


def _rows(database: Database, text: str) -> tuple[int, int]:
    """The rows of the same cooperations and tasks, from the live tables alone, as the objects that folds work with.

    What a report tells of them stands in five tables: the register, who supervises, which facts are verified, counts
    of regions, and the tasks.
    """
    period = Period.parse(text)
    first, last = period.first.isoformat(), period.last.isoformat()
    with database.read() as connection:
        views = Views(connection)
        one, mine = views.table("register", COOPERATIONS), views.table("register", SUPERVISED)
        task, owed = views.table("tasks", TASKS), views.table("tasks", OWED)
        live = sa.or_(one.c.closed_on.is_(None), one.c.closed_on >= first)
        ours = (
            sa.select(one.c.cooperation_id)
            .join(mine, mine.c.cooperation_id == one.c.cooperation_id)
            .where(mine.c.office == TEAM, live)
        )
        told = {
            table.name: _told(views, connection, "register", table, ours)
            for table in (COOPERATIONS, JURISDICTIONS, ENTRIES)
        }
        views.recap(PROVINCE)
        current = sa.or_(owed.c.closed_on.is_(None), owed.c.closed_on >= first)
        work = sa.select(task).join(owed, owed.c.task_id == task.c.task_id).where(owed.c.body == TEAM, current)
        tasks = [TASKS.unpack(row) for row in connection.execute(work.where(owed.c.arose_on <= last))]
    registered = [row for row in told[COOPERATIONS.name] if row["detail"]["registered_on"] <= last]
    return len(registered), len(tasks)


def _told(
    views: Views, connection: sa.Connection, projection: str, table: Table, ours: sa.Select[tuple[str]]
) -> list[dict[str, Any]]:
    """The rows of a table that belong to some cooperations."""
    one = views.table(projection, table)
    rows = connection.execute(sa.select(one).where(one.c.cooperation_id.in_(ours)))
    return [table.unpack(row) for row in rows]


def _apart(url: str, period: str) -> float:
    """The megabytes of a process that compiled the report once."""
    database = Database(url)
    _compile(database, period)
    database.close()
    # A process begins with the ``ru_maxrss`` of the one that started it; this mark is its own.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / KIBI


def filled(url: str, count: int) -> Filled:
    """A database with a history of a size; the caller closes it."""
    database = tables.database(url)
    journal = Journal(database)
    last = fill(journal, count)
    Runner(database, journal).catch_up(20_000)
    first_half = last.month <= 6  # noqa: PLR2004 - June
    return Filled(url, database, f"{last.year - first_half}-S{2 if first_half else 1}")


def measure(size: int, scratch: Path, runs: int) -> list[Result]:
    """The results for an R2 at a size of the log, compared with the same at a tenth of it, and with SQL."""
    small, large = (
        filled(f"sqlite:///{scratch / secrets.token_hex(4)}.sqlite", count) for count in (size // LARGER, size)
    )
    told = [_compile(one.database, one.period) for one in (large, small)]
    works = (
        lambda: _compile(large.database, large.period),
        lambda: _compile(small.database, small.period),
        lambda: _rows(large.database, large.period),
    )
    # In turns, so that changes of the machine's speed affect all alike.
    ours, before, rows = (1000 / rate for rate in median_rates(1, works, runs))
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        megabytes = [pool.apply(_apart, (one.url, one.period)) for one in (large, small)]
    for one in (large, small):
        one.database.close()
    work, same = f"R2 of one province, {size:,} events", f"the same at {size // LARGER:,}"
    note = " ".join(
        f"{cooperations} cooperations and {tasks} tasks in the period at {count:,} events;"
        for count, (cooperations, tasks) in zip((size, size // LARGER), told, strict=True)
    ).rstrip(";")
    return [
        at_most(work, "ms", ours, same, before, 2, note),
        at_most(f"{work}, memory of a process", "MB", megabytes[0], same, megabytes[1], 1.25),
        at_most(work, "ms", ours, "its rows by SQL", rows, 3),
    ]
