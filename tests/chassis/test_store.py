"""The event store: order of ids is order of commits, events are never changed, commands happen once."""

import threading

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.store import CommandReusedError, ConflictError, EventStore, StoreBehindError
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.contracts.registry import Stage, StageEntered
from tests.support.histories.histories import DIGEST, origin, registered, stream
from tests.support.histories.newest import fact_of

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)


@pytest.fixture
def store(database: Database) -> EventStore:
    """An empty store on either database."""
    return EventStore(database)


def append(store: EventStore, *envelopes: Envelope) -> int:
    """Append in a transaction of its own."""
    with store.database.write() as connection:
        return store.append(connection, envelopes)


def test_state_is_the_bytes_of_the_event(store: EventStore) -> None:
    """What is stored, and read back by stream and by page, is the event's canonical bytes."""
    events = stream("a", [registered("a"), ENTERED])

    position = append(store, *events)

    assert [event.to_bytes() for event in events] == [one.state for one in store.notifications(0, 10)]
    assert events == store.stream(events[0].subject)
    assert position == store.head()


def test_a_version_is_taken_once(store: EventStore) -> None:
    """A second event of one stream and version is a conflict, and nothing of its transaction stays."""
    first, second = stream("a", [registered("a"), ENTERED])
    append(store, first, second)
    other = stream("b", [registered("b")])[0]

    with pytest.raises(ConflictError):
        append(store, other, second)

    assert [first, second] == store.stream(first.subject)
    assert store.stream(other.subject) == []


@pytest.mark.parametrize("statement", ["DELETE FROM stored_events", "UPDATE stored_events SET topic = 'x'"])
def test_events_are_never_changed(store: EventStore, statement: str) -> None:
    """Triggers refuse to delete or change an event, so no id is ever issued twice."""
    append(store, *stream("a", [registered("a")]))

    with pytest.raises(sa.exc.DBAPIError, match="never changed"), store.database.write() as connection:
        connection.exec_driver_sql(statement)


def test_a_command_is_recalled(store: EventStore) -> None:
    """A repeat is answered from the events; the same key with another request is refused."""
    identity = command_id("operator", "key-1")
    subject = f"cooperation/{cooperation_id('a')}"
    made = origin(command=identity)
    events = [seal(registered("a"), subject, 1, made), seal(ENTERED, subject, 2, made)]
    position = append(store, *events)

    recalled = store.recall(identity, DIGEST)

    assert recalled is not None
    assert (tuple(events), position) == (recalled.envelopes, recalled.notification)
    assert store.recall(command_id("operator", "key-2"), DIGEST) is None
    with pytest.raises(CommandReusedError):
        store.recall(identity, "1" * 64)


def test_a_command_id_is_taken_once(store: EventStore) -> None:
    """Two transactions of one command cannot both commit, even on different streams."""
    made = origin(command=command_id("operator", "key-1"))
    append(store, seal(registered("a"), f"cooperation/{cooperation_id('a')}", 1, made))

    with pytest.raises(ConflictError):
        append(store, seal(registered("b"), f"cooperation/{cooperation_id('b')}", 1, made))


def test_behind_refuses_writes_until_refilled(store: EventStore) -> None:
    """A store that is behind the log takes only what the log already has, under the old ids."""
    events = stream("a", [registered("a"), ENTERED])
    append(store, events[0])
    store.behind = "the log knows more"

    with pytest.raises(StoreBehindError):
        append(store, events[1])
    with store.database.write() as connection:
        store.refill(connection, [store.mapper.to_stored_event(events[1])], events[1:], ids=[7])
    store.behind = None
    append(store, *stream("b", [registered("b")]))

    assert [one.id for one in store.notifications(0, 10)] == [1, 7, 8]


def test_eight_writers_and_a_tailing_reader(store: EventStore) -> None:
    """What a reader sees while eight writers commit is what was recorded: nothing missed, strictly ascending."""
    writers, each = 8, 25

    def write(number: int) -> None:
        for index in range(each):
            append(store, *stream(f"w{number}-{index}", [registered(f"w{number}-{index}"), ENTERED]))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    seen: list[int] = []
    with store.recorder.subscribe(0) as subscription:
        for thread in threads:
            thread.start()
        for notification in subscription:
            seen.append(notification.id)
            if len(seen) == writers * each * 2:
                break
    for thread in threads:
        thread.join()

    assert sorted(set(seen)) == seen
    assert [one.id for one in store.notifications(0, 1000)] == seen


def test_a_rolled_back_writer_leaves_no_gap_for_readers(store: EventStore) -> None:
    """A transaction that holds its events open keeps later ones from being read before it ends."""
    held, waiting = threading.Event(), threading.Event()
    release = threading.Event()

    def hold() -> None:
        with store.database.write() as connection:
            store.append(connection, stream("slow", [registered("slow")]))
            held.set()
            release.wait(10)

    def follow() -> None:
        held.wait(10)
        waiting.set()
        append(store, *stream("fast", [registered("fast")]))

    threads = [threading.Thread(target=hold), threading.Thread(target=follow)]
    for thread in threads:
        thread.start()
    waiting.wait(10)

    assert list(store.notifications(0, 10)) == []

    release.set()
    for thread in threads:
        thread.join()
    assert [one.id for one in store.notifications(0, 10)] == [1, 2]
