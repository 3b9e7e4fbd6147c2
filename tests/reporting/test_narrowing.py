"""What strangers read of a row of the register follows from what is public."""

import pytest

from ksad.chassis.database import Database
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import cooperation_id
from ksad.reporting.api.narrowing import FOR_PARTIES, narrowed
from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.cooperations import Case
from tests.support.histories.histories import admit
from tests.support.servers.schemas import ON_SQLITE


@pytest.mark.parametrize(("seen", "ends_on"), [(Audience.PARTIES, "2026-12-31"), (Audience.PUBLIC, "2030-01-01")])
@ON_SQLITE
def test_the_end_that_strangers_read_is_that_of_the_term(database: Database, seen: Audience, ends_on: str) -> None:
    """The day of a notice is for the parties, who read it as the end; others read the day that was signed."""
    journal = Journal(database)
    admit(journal, Case().ending().events)
    Runner(database, journal).catch_up()
    with database.read() as connection:
        item = Views(connection).cooperation(cooperation_id("a"))
    assert item is not None
    shown = narrowed(item, seen)
    assert shown["ends_on"] == ends_on
    assert item.keys() >= FOR_PARTIES
    assert (not FOR_PARTIES & shown.keys()) is (seen is Audience.PUBLIC)
