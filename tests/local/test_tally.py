"""The benchmark's own judge: projections are held against what the generated facts add up to."""

import pytest

from ksad.bench.rebuilding import fill
from ksad.bench.tally import WrongResultError
from ksad.chassis.database import Database
from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner

EVENTS = 600


def test_projections_of_a_generated_history_are_what_its_facts_add_up_to(database: Database) -> None:
    """Followed live or rebuilt, register, tasks, timelines and recapitulation equal the tally."""
    journal = Journal(database)
    tally = fill(journal, EVENTS)
    runner = Runner(database, journal)
    runner.catch_up()
    with database.read() as connection:
        tally.check(connection)
    runner.rebuild()
    with database.read() as connection:
        tally.check(connection)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cooperations_g1 SET stage = 'signing'",
        "UPDATE tasks_g1 SET status = 'open'",
        "DELETE FROM timeline_g1 WHERE entry = 3",
        "UPDATE recap_g1 SET number = number + 1 WHERE scope = 'nation'",
    ],
)
def test_a_wrong_row_is_found(database: Database, change: str) -> None:
    """One row that is not what the facts add up to makes the judge say which."""
    journal = Journal(database)
    tally = fill(journal, EVENTS)
    Runner(database, journal).catch_up()
    with database.write() as connection:
        connection.exec_driver_sql(change)

    with database.read() as connection, pytest.raises(WrongResultError, match="the facts add up to"):
        tally.check(connection)
