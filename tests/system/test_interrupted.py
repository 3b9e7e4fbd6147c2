"""A verb that is told to end while it works: it ends in good order, and the same call goes on."""

import signal
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.bench import tables
from ksad.bench.rebuilding import fill
from ksad.chassis.database import Database
from ksad.local.machine.folder import Folder
from ksad.reporting.journal import Journal
from ksad.reporting.projections.generations import generations
from ksad.reporting.projections.runner import Runner
from tests.support.platforms.command import ksad, start
from tests.support.servers.processes import end, wait_until

EVENTS = 8_000


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.torture)])
def test_a_rebuild_that_is_told_to_end_can_go_on(tmp_path: Path, number: signal.Signals) -> None:
    """The signal reaches the service's verb in the middle: exit 130, the live rows stay live, and again is enough."""
    folder = Folder(tmp_path / "data")
    folder.make()
    folder.named("local")
    with closing(tables.database(folder.database_url("reporting"))) as database:
        journal = Journal(database)
        fill(journal, EVENTS)
        Runner(database, journal).catch_up(EVENTS)
        live = _states(database)
        process = start("rebuild", "--data-dir", folder.root)
        try:
            wait_until(lambda: _states(database) != live, what="a rebuild that has begun")
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        finally:
            end(process)
        assert process.returncode == 130
        assert (b"cancelled" in said, b"Traceback" in said) == (True, False), said
        assert {one for one in _states(database) if one[1] == "live"} == set(live)
        again = ksad("rebuild", "--json", "--data-dir", folder.root)
        assert (again.code, again.json["identical"]) == (0, True), again.err


def _states(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        rows = connection.execute(sa.select(generations.c.name, generations.c.status))
        return sorted((row.name, row.status) for row in rows)
