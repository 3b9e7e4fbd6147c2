"""A store behind the log: an old backup takes no writes until it has its own events back from the log."""

from collections.abc import Callable, Iterator, Sequence

import pytest
import sqlalchemy as sa

from ksad.chassis.broker import Broker, Outgoing, UnavailableError
from ksad.chassis.relay import ContradictionError, Relay
from ksad.chassis.store import EventStore, StoreBehindError, commands
from ksad.contracts.envelope import Envelope
from tests.support.histories.events import event, events, message, recorded, running, write
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually
from tests.support.servers.schemas import opened
from tests.support.servers.stores import leave_gap

pytestmark = pytest.mark.anyio

NewStore = Callable[[], EventStore]


@pytest.fixture
def new_store(new_database: Callable[[], str]) -> Iterator[NewStore]:
    """Makes one empty store after another."""
    made = []

    def make() -> EventStore:
        context = opened(new_database())
        made.append(context)
        return EventStore(context.__enter__())

    yield make
    for context in made:
        context.__exit__(None, None, None)


@pytest.fixture
def whole(new_store: NewStore) -> EventStore:
    """A store with 1,340 events, 600 of them of one command."""
    store = new_store()
    write(store, events(40))
    write(store, events(600, start=40), per_command=600)
    write(store, events(700, start=640), per_command=3)
    return store


async def relay_all(store: EventStore, url: str) -> None:
    """Fills the log from a store."""
    async with Broker(url, "fill") as broker:
        relay = Relay(store, broker, "registry")
        async with running(relay.run):
            await level(relay)


async def level(relay: Relay) -> None:
    """Wait until the store takes writes and all its events are in the log."""

    async def there() -> bool:
        return relay.store.behind is None and relay.position == relay.store.head()

    await eventually(there, what="the relay", seconds=20)


async def behind(relay: Relay, text: str) -> None:
    """Wait until the relay has found the store wanting."""

    async def found() -> bool:
        return text in (relay.store.behind or "")

    await eventually(found, what="the comparison")


def backup(source: EventStore, target: EventStore, count: int) -> None:
    """Copies the first events of a store, as an old backup has them, with their commands."""
    stored = source.recorder.select_notifications(0, count)
    with target.database.write() as connection:
        target.refill(connection, stored, [Envelope.from_store(one.state) for one in stored])


def commands_of(store: EventStore) -> list[tuple[object, ...]]:
    """The records of commands, in the order of their events: id, digest, number of events. PostgreSQL leaves gaps."""
    count = commands.c.last_notification - commands.c.first_notification + 1
    query = sa.select(commands.c.command_id, commands.c.digest, count).order_by(commands.c.first_notification)
    with store.database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


@pytest.mark.parametrize("kept", [0, 40, 643])
async def test_an_old_backup_gets_its_events_back(
    whole: EventStore, new_store: NewStore, nats_url: str, kept: int
) -> None:
    """What a restored store lacks comes back in order, byte for byte, commands and local tables included."""
    await relay_all(whole, nats_url)
    old = new_store()
    if kept:
        backup(whole, old, kept)
    folded: list[Envelope] = []

    def restored(_connection: sa.Connection, envelopes: Sequence[Envelope]) -> None:
        folded.extend(envelopes)

    async with Broker(nats_url, "old") as broker:
        relay = Relay(old, broker, "registry", restored=restored)
        async with running(relay.run):
            await level(relay)
            write(old, events(5, start=1340))
            await level(relay)
    assert recorded(old)[:1340] == recorded(whole)
    assert commands_of(old)[: len(commands_of(whole))] == commands_of(whole)
    assert [envelope.to_bytes() for envelope in folded] == recorded(whole)[kept:]


@pytest.mark.fault(
    "operator F2",
    kind="What is put back gets other ids than the journal knows.",
    looked="Refills from the stream and from the journal, restores of all three services, the sequence on PostgreSQL, "
    "reconcile.",
    found="Stores that an earlier release put back stay shifted: reconcile counts them, and calls it no tampering.",
)
async def test_what_comes_back_keeps_its_ids(new_store: NewStore, nats_url: str) -> None:
    """Ids have gaps, as rolled-back inserts leave them: what comes back from the log has the ids that the log knows."""
    whole, old = new_store(), new_store()
    write(whole, events(40))
    for start in (40, 60, 80):
        leave_gap(whole.database)
        write(whole, events(20, start=start), per_command=3)
    await relay_all(whole, nats_url)
    backup(whole, old, 40)

    async with Broker(nats_url, "old") as broker:
        relay = Relay(old, broker, "registry")
        async with running(relay.run):
            await level(relay)
            write(old, [event(900)])

    assert ids_of(old)[:-1] == ids_of(whole)
    assert ids_of(whole)[-1] == 109
    assert ids_of(old)[-1] == 110


def ids_of(store: EventStore) -> list[int]:
    """The ids of all events of a store."""
    return [one.id for one in store.notifications(0, 1_000_000)]


async def test_a_store_behind_the_log_refuses_writes(whole: EventStore, new_store: NewStore, nats_url: str) -> None:
    """Where an operator decides when to refill, writes are refused until it is done."""
    await relay_all(whole, nats_url)
    old = new_store()
    backup(whole, old, 40)
    async with Broker(nats_url, "old") as broker:
        relay = Relay(old, broker, "registry", refills=False)
        async with running(relay.run):
            await behind(relay, "tidak ada di penyimpanannya")
            with pytest.raises(StoreBehindError):
                write(old, [event(900)])
            assert len(recorded(old)) == 40
            assert await relay.refill() == 1300
            write(old, [event(900)])
            await level(relay)
    assert recorded(old) == [*recorded(whole), recorded(old)[-1]]


async def test_a_refill_that_was_interrupted_goes_on(whole: EventStore, new_store: NewStore, nats_url: str) -> None:
    """A refill whose connection is lost leaves whole commands behind, and the next one completes it."""
    await relay_all(whole, nats_url)
    old = new_store()
    batches = 0

    async with Broker(nats_url, "old") as broker:
        await broker.wait_connected()

        def restored(_connection: sa.Connection, _envelopes: Sequence[Envelope]) -> None:
            nonlocal batches
            batches += 1
            if batches == 2:
                raise UnavailableError("the network went away")

        relay = Relay(old, broker, "registry", restored=restored)
        with pytest.raises(UnavailableError):
            await relay.refill()
        assert 0 < len(recorded(old)) < 1340
        await relay.refill()
    assert recorded(old) == recorded(whole)
    assert commands_of(old) == commands_of(whole)


async def test_a_store_that_contradicts_the_log_is_left_alone(
    whole: EventStore, new_store: NewStore, nats_url: str
) -> None:
    """Where store and log hold different events at one place, nothing is written and nothing is sent."""
    await relay_all(whole, nats_url)
    forked = new_store()
    backup(whole, forked, 1339)
    last = Envelope.from_store(recorded(whole)[-1])
    write(forked, [last.model_copy(update={"data": {"stream": -1}})])
    before = recorded(forked)
    async with Broker(nats_url, "forked") as broker:
        relay = Relay(forked, broker, "registry")
        async with running(relay.run):
            await behind(relay, "berbeda di tempat yang sama")
            with pytest.raises(StoreBehindError):
                write(forked, [event(900)])
            with pytest.raises(ContradictionError):
                await relay.refill()
            assert (await broker.open_stream()).last == 1340
    assert recorded(forked) == before


async def logged(url: str) -> list[bytes]:
    """The bodies of the log's messages, in order."""
    found: list[bytes] = []
    async with Broker(url, "look") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        async with broker.reader(0, ["ksad.log.>"]) as reader:
            while reader.pending:
                found += [one.raw for one in await reader.read(500, 1)]
    return found


async def test_a_store_that_is_ahead_and_behind_loses_nothing(new_store: NewStore, nats_url: str) -> None:
    """Events that somebody else published as this service's are taken in, and what the store had before is sent."""
    store = new_store()
    write(store, events(30))
    await relay_all(store, nats_url)
    foreign = [event(stream) for stream in range(100, 800)]
    await put(nats_url, foreign)
    write(store, events(5, start=30))
    for _ in range(3):
        await relay_all(store, nats_url)
    write(store, events(4, start=35))
    foreign.append(event(90))
    await put(nats_url, foreign[-1:])
    write(store, events(1, start=39))
    for _ in range(2):
        await relay_all(store, nats_url)
    log = await logged(nats_url)
    assert sorted(log) == sorted(recorded(store))
    assert len(log) == len(set(log)) == 40 + len(foreign)
    others = {one.to_bytes() for one in foreign}
    assert [raw for raw in log if raw not in others] == [raw for raw in recorded(store) if raw not in others]


async def test_what_was_fetched_fills_another_stream(new_store: NewStore, nats_server: NatsServer) -> None:
    """Once the stream is lost, what had come out of it is sent like everything else."""
    store = new_store()
    write(store, events(10))
    await relay_all(store, nats_server.url)
    await put(nats_server.url, [event(100), event(101)])
    write(store, events(2, start=10))
    await relay_all(store, nats_server.url)
    nats_server.stop()
    nats_server.wipe()
    nats_server.start()
    await relay_all(store, nats_server.url)
    assert await logged(nats_server.url) == recorded(store)
    assert len(recorded(store)) == 14


async def put(url: str, foreign: Sequence[Envelope]) -> None:
    """Publish events that no store has."""
    async with Broker(url, "foreign") as broker:
        await broker.wait_connected()
        for number, one in enumerate(foreign, 10_000):
            await broker.publish(message(one, number))


async def test_what_is_no_event_is_not_refilled(new_store: NewStore, nats_url: str) -> None:
    """Foreign messages among the service's own do not come into its store."""
    whole = new_store()
    write(whole, events(10))
    await relay_all(whole, nats_url)
    async with Broker(nats_url, "noise") as broker:
        await broker.wait_connected()
        for number in range(20):
            await broker.publish(Outgoing("ksad.log.registry.noise", b"%d" % number, {}))
        await broker.publish(message(events(11)[10], 11))
        relay = Relay(whole, broker, "registry")
        async with running(relay.run):
            await level(relay)
    assert len(recorded(whole)) == 11
    assert recorded(whole)[-1] == events(11)[10].to_bytes()
