"""Anchors of the feeds in the national log: written while the feeds grow, each is of one moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from ksad.chassis.clock import RealClock
from ksad.chassis.store import EventStore
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import DayPassed
from ksad.ledger.log.tree import Frontier
from ksad.reporting.checkpoints import Anchors
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Arrival, Journal
from tests.support.forgers.audited import made
from tests.support.histories.histories import registered
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.schemas import opened

PROVINCES = ("32", "33", "34")
MOMENT = datetime(2026, 1, 5, 3, tzinfo=UTC)


@contextmanager
def after_each(table: str, act: Callable[[], None]) -> Iterator[None]:
    """Has something committed right after every statement of this thread that reads or writes a table."""
    mine = threading.get_ident()

    def done(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if table in statement and threading.get_ident() == mine:
            other = threading.Thread(target=act)
            other.start()
            other.join()

    sa.event.listen(sa.Engine, "after_cursor_execute", done)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", done)


def test_a_size_and_its_root_are_of_one_moment(postgres_server: PostgresServer) -> None:
    """Feeds that grow between the statements of an anchor: it names the root that belongs to the size it names.

    On SQLite nothing can: writers take turns.
    """
    with postgres_server.databases() as make, opened(make(), "reporting") as database:
        store, log, numbers = EventStore(database), Journal(database), count(1)
        feeds = Feeds(database, log)
        anchors = Anchors(store, feeds, RealClock(), "urn:ksad:bench:reporting", lambda name: f"ksad/bench/{name}")

        def admit(fact: Envelope) -> None:
            with database.write() as connection:
                log.admit(connection, [Arrival(fact.to_bytes(), "registry", next(numbers))])
            feeds.step()

        def grow() -> None:
            key = f"k-{next(numbers)}"
            admit(made(registered(key, PROVINCES), f"cooperation/{cooperation_id(key)}", 1, MOMENT))

        grow()
        admit(made(DayPassed(day=date(2026, 1, 5)), "calendar/days", 1, MOMENT))
        with after_each("frontiers", grow):
            assert anchors.step() == 1

        (anchor,) = store.stream("anchor/feeds")
        assert [head["province"] for head in anchor.data["heads"]] == list(PROVINCES)
        with database.read() as connection:
            assert feeds.size(connection, "33") > 1
            for head in anchor.data["heads"]:
                hashes = feeds.hashes(connection, head["province"], 0, head["size"])
                tree = Frontier.empty().extended(hashes[at : at + 32] for at in range(0, len(hashes), 32))
                assert (tree.size, tree.root().hex()) == (head["size"], head["root"]), head
