"""Days pass from whichever process leads the calendar, each once, on both databases."""

import asyncio
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ksad.chassis.clock import SimulatedClock, set_simulated
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.edge import Submission
from ksad.chassis.leadership import leaders_of
from ksad.chassis.offices import Caller
from ksad.chassis.store import EventStore
from ksad.contracts.identifiers import command_id
from ksad.registry.application import Registry
from ksad.registry.calendar import ROLE, Calendar
from tests.support.histories.events import running
from tests.support.servers.processes import eventually

OPENED = date(2026, 6, 1)


def at(folder: Path, day: date) -> None:
    """Make it ten in the morning, Jakarta time, of a day."""
    set_simulated(folder / "clock", datetime(day.year, day.month, day.day, 3, tzinfo=UTC))


def process(database: Database, folder: Path) -> Calendar:
    """The calendar of one process of the registry."""
    clock = SimulatedClock(folder / "clock")
    registry = Registry(EventStore(database), Documents(folder / "documents"), clock, "urn:ksad:test:registry")
    return Calendar(registry, clock)


def opened(calendar: Calendar) -> Registry:
    """Open the platform on the day of the clock; returns the registry of the process."""
    registry = calendar._registry
    registry.open(Submission(Caller("operator", "uji"), command_id("operator", "open"), "0" * 64, None), training=False)
    return registry


@pytest.mark.anyio
async def test_the_leader_passes_every_day_that_is_over(database: Database, tmp_path: Path) -> None:
    """From the day of the opening on, none left out, and the running day not; an hour later there is nothing to do."""
    at(tmp_path, OPENED)
    calendar = process(database, tmp_path)
    assert calendar.step() == 0
    registry = opened(calendar)
    at(tmp_path, OPENED + timedelta(days=3))
    async with running(calendar.run):

        async def passed() -> bool:
            return await asyncio.to_thread(registry.last_day) == OPENED + timedelta(days=2)

        await eventually(passed, what="three days", every=0.1)
    assert not calendar.lease.leads
    assert calendar.step() == 0


def test_the_second_process_goes_on_where_the_first_ended(database: Database, tmp_path: Path) -> None:
    """While one leads the other passes nothing; when it ends the other passes the next day, in the next term."""
    at(tmp_path, OPENED)
    with closing(Database(database.url)) as there:
        first, second = process(database, tmp_path), process(there, tmp_path)
        registry = opened(first)
        at(tmp_path, OPENED + timedelta(days=1))
        assert (first.step(), second.step()) == (1, 0)
        at(tmp_path, OPENED + timedelta(days=2))
        assert second.step() == 0
        first.lease.release()
        assert second.step() == 1
        assert registry.last_day() == OPENED + timedelta(days=1)
        assert first.step() == 0
    assert [(one.role, one.term) for one in leaders_of(database)] == [(ROLE, 2)]
