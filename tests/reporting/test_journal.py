"""The journal: dense, in exact bytes, causes before effects, whatever order events come in."""

import json
import random

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import Stage, StageEntered
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.journal import Arrival, Journal
from tests.support.histories.histories import arrivals, generated, origin, registered, shuffled, stream
from tests.support.histories.newest import fact_of

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)


@pytest.fixture
def journal(database: Database) -> Journal:
    """An empty journal on either database."""
    return Journal(database)


def admit(journal: Journal, items: list[Arrival], batch: int = 50) -> int:
    """Admit in batches; the number admitted."""
    count = 0
    for start in range(0, len(items), batch):
        with journal.database.write() as connection:
            count += journal.admit(connection, items[start : start + batch])
    return count


def entries(journal: Journal) -> list[bytes]:
    """All entries' bytes."""
    with journal.database.read() as connection:
        return [entry.raw for entry in journal.prefix(connection, journal.size(connection))]


def test_exact_bytes_in_order(journal: Journal) -> None:
    """Events that come in order are admitted in that order, byte for byte, and the root is theirs."""
    items = arrivals(generated(300))

    assert len(items) == admit(journal, items)

    assert [item.raw for item in items] == entries(journal)
    expected = Frontier.empty().extended(leaf_hash(item.raw) for item in items)
    assert (expected.size, expected.root()) == tuple(journal.head())


def test_any_order_of_arrival(journal: Journal, rng: random.Random) -> None:
    """However arrivals are mixed, all are admitted once, after their predecessor and their cause."""
    items = arrivals(generated(300, seed=rng.randrange(1000)))

    admit(journal, shuffled(items, rng), batch=rng.choice((1, 7, 50)))
    admit(journal, shuffled(items, rng))

    assert sorted(item.raw for item in items) == sorted(entries(journal))
    with journal.database.read() as connection:
        assert journal.held_count(connection) == 0
        rows = list(connection.execute(sa.text("SELECT entry, raw FROM journal ORDER BY entry")))
    seen: set[str] = set()
    versions: dict[str, int] = {}
    for number, raw in rows:
        event = json.loads(bytes(raw))
        assert event.get("causationid") is None or event["causationid"] in seen, number
        assert event["streamversion"] == versions.get(event["subject"], 0) + 1, number
        seen.add(event["id"])
        versions[event["subject"]] = event["streamversion"]


def test_a_missing_cause_is_held_and_visible(journal: Journal) -> None:
    """An effect without its cause waits, can be counted, and goes in behind the cause when that comes."""
    cause = stream("a", [registered("a")])[0]
    subject = f"supervision/{cooperation_id('a')}"
    effect = seal(ENTERED, subject, 1, origin("supervision", cause=cause.id))

    assert admit(journal, arrivals([effect])) == 0
    with journal.database.read() as connection:
        assert journal.held_count(connection) == 1

    assert admit(journal, arrivals([cause])) == 2

    assert [cause.to_bytes(), effect.to_bytes()] == entries(journal)


def test_what_waited_for_one_cause_goes_in_by_stream(journal: Journal) -> None:
    """Effects of several streams that came before their cause follow it by stream and version, however they came."""
    cause = stream("a", [registered("a")])[0]
    said = origin("supervision", cause=cause.id)
    effects = [seal(ENTERED, f"supervision/{cooperation_id(key)}", 1, said) for key in "abcdef"]
    effects.sort(key=lambda one: one.subject, reverse=True)
    assert admit(journal, arrivals(effects)) == 0
    assert admit(journal, arrivals([cause])) == 7
    assert [one.to_bytes() for one in (cause, *reversed(effects))] == entries(journal)


def test_a_contradiction_is_kept_and_counted(journal: Journal) -> None:
    """Other bytes under the id of an admitted event change nothing, and are kept as evidence."""
    ours = stream("a", [registered("a")])
    theirs = stream("a", [registered("a", title="Judul lain")])
    admit(journal, arrivals(ours))

    admit(journal, arrivals(theirs))
    admit(journal, arrivals(ours))

    assert [ours[0].to_bytes()] == entries(journal)
    with journal.database.read() as connection:
        assert journal.conflict_count(connection) == 1


@pytest.mark.parametrize("statement", ["DELETE FROM journal", "UPDATE journal SET stream = 'x'"])
def test_the_journal_is_never_changed(journal: Journal, statement: str) -> None:
    """Triggers refuse to delete or change an entry."""
    admit(journal, arrivals(generated(3)))

    with pytest.raises(sa.exc.DBAPIError, match="never changed"), journal.database.write() as connection:
        connection.exec_driver_sql(statement)


def test_a_rolled_back_batch_leaves_nothing(journal: Journal) -> None:
    """Entries, frontier and holds of a failed transaction are gone together."""
    items = arrivals(generated(40))

    def admit_and_fail() -> None:
        with journal.database.write() as connection:
            journal.admit(connection, items)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        admit_and_fail()

    assert journal.head().size == 0
    assert len(items) == admit(journal, items)
