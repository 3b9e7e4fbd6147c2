"""Feeds: what concerns a province, in order, dense, with history at joining; the tree is the feed's own."""

from datetime import date

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts import registry, supervision
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, task_id
from ksad.contracts.registry import Stage, StageEntered
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.feeds import tables
from ksad.reporting.feeds.appender import Feeds, feed_log
from ksad.reporting.journal import Journal, load_frontier
from tests.support.histories.histories import admit, generated, origin, registered, resolved, stream
from tests.support.histories.newest import fact_of

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)
REGIONS = "code,kind,name,province_code,autonomous,valid_from,valid_to,lineage\n"


@pytest.fixture
def journal(database: Database) -> Journal:
    """An empty journal on either database."""
    return Journal(database)


@pytest.fixture
def feeds(journal: Journal) -> Feeds:
    """The feeds over the journal."""
    return Feeds(journal.database, journal)


def deliver(journal: Journal, feeds: Feeds, envelopes: list[Envelope]) -> None:
    """Admit the envelopes and append to the feeds."""
    admit(journal, envelopes)
    while feeds.step():
        pass


def feed(feeds: Feeds, province: str) -> list[bytes]:
    """A province's feed; its positions are dense from 0."""
    with feeds.database.read() as connection:
        leaves = feeds.leaves(connection, province, 0, 10_000)
        places = sa.select(tables.feed_entries.c.position).where(tables.feed_entries.c.province == province)
        assert sorted(connection.execute(places).scalars()) == list(range(len(leaves)))
    return leaves


def supervised(key: str, body: str) -> Envelope:
    """The fact that a body supervises a cooperation."""
    return seal(resolved(key, body), f"supervision/{cooperation_id(key)}", 1, origin("supervision"))


def task(key: str, fact: supervision.TaskFact, version: int) -> Envelope:
    """A fact of a cooperation's only task."""
    return seal(fact, f"task/{task_id(cooperation_id(key), 'd.1', '1')}", version, origin("supervision"))


def test_only_the_provinces_of_its_parties(journal: Journal, feeds: Feeds) -> None:
    """A public fact reaches the provinces in which the parties lie, and no other."""
    events = stream("a", [registered("a", ("32.75", "31")), ENTERED])

    deliver(journal, feeds, events)

    expected = [event.to_bytes() for event in events]
    assert expected == feed(feeds, "32")
    assert expected == feed(feeds, "31")
    assert feed(feeds, "33") == []


def test_supervisors_facts_only_reach_the_supervising_province(journal: Journal, feeds: Feeds) -> None:
    """A fact for supervisors reaches the province whose TKKSD supervises, and the history of it comes with that."""
    overdue = supervision.TaskOverdue(cooperation_id=cooperation_id("a"), due_on=date(2026, 1, 5), day=date(2026, 1, 6))
    first = stream("a", [registered("a", ("33.72", "34.71"))])[0]
    late = task("a", overdue, 1)

    deliver(journal, feeds, [first, late])
    assert [first.to_bytes()] == feed(feeds, "33")

    settled = supervised("a", "tkksd:33")
    deliver(journal, feeds, [settled])

    assert [first.to_bytes(), late.to_bytes(), settled.to_bytes()] == feed(feeds, "33")
    assert [first.to_bytes(), settled.to_bytes()] == feed(feeds, "34")


def test_a_joining_province_gets_the_history(journal: Journal, feeds: Feeds) -> None:
    """When a party joins, the history so far is appended to its province's feed at that moment, in journal order."""
    joined = fact_of(registry.PartyJoined, region="35.22", reason=None, parties=["33.16", "33.17", "35.22"])
    events = stream("a", [registered("a", ("33.16", "33.17")), ENTERED, joined])
    other = stream("b", [registered("b", ("35.23", "35.24"))])

    deliver(journal, feeds, [events[0], other[0], *events[1:]])

    assert [event.to_bytes() for event in (*other, *events)] == feed(feeds, "35")
    assert [event.to_bytes() for event in events] == feed(feeds, "33")


def test_a_withdrawn_province_keeps_what_it_has(journal: Journal, feeds: Feeds) -> None:
    """When its last party leaves, a province gets nothing further, and nothing is taken back."""
    left = fact_of(registry.PartyWithdrew, region="35.22", reason=None, parties=["33.16", "33.17"])
    events = stream("a", [registered("a", ("33.16", "33.17", "35.22")), left, ENTERED])

    deliver(journal, feeds, events)

    assert [events[0].to_bytes()] == feed(feeds, "35")
    assert len(feed(feeds, "33")) == 3


def test_a_boundary_change_moves_the_feed(journal: Journal, feeds: Feeds) -> None:
    """When a region goes on in another province, that province gets the history at that moment."""
    events = stream("a", [registered("a", ("91.01", "91.02"))])
    moved = registry.BoundaryChanged(
        region="91.01", successor="93.01", effective_on=date(2022, 7, 25), legal_basis="UU 14/2022", decision=None
    )

    deliver(journal, feeds, events)
    assert feed(feeds, "93") == []
    deliver(journal, feeds, [seal(moved, "reference/boundaries", 1, origin())])

    assert [events[0].to_bytes()] == feed(feeds, "93")
    assert [events[0].to_bytes()] == feed(feeds, "91")


def test_the_feed_is_a_log_of_its_own(journal: Journal, feeds: Feeds) -> None:
    """The root of a feed is that of its own leaves, however the batches fell."""
    for start in range(0, 600, 53):
        deliver(journal, feeds, generated(600)[start : start + 53])

    for province in ("32", "33", "34", "35"):
        leaves = feed(feeds, province)
        with feeds.database.read() as connection:
            frontier = load_frontier(connection, feed_log(province))
        assert Frontier.empty().extended(leaf_hash(raw) for raw in leaves) == frontier


def test_batches_do_not_matter(journal: Journal, feeds: Feeds, database: Database) -> None:
    """The same journal taken at once, or an entry at a time, gives the same feeds."""
    deliver(journal, feeds, generated(250))
    at_once = {province: feed(feeds, province) for province in ("32", "33", "34", "35", "91")}
    with database.write() as connection:
        for table in (tables.feed_entries, tables.cases, tables.members, tables.state):
            connection.execute(sa.delete(table))
        connection.exec_driver_sql("DELETE FROM frontiers WHERE log <> 'national'")
    while feeds.step(limit=1):
        pass

    assert at_once == {province: feed(feeds, province) for province in ("32", "33", "34", "35", "91")}
