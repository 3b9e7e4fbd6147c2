"""Recording commands: each once, whoever sends it how often, alone or in a batch, on both databases."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import NamedTuple
from uuid import UUID

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.store import (
    CommandRecord,
    CommandRecorder,
    CommandReusedError,
    ConflictError,
    EventStore,
    Outcome,
    PendingCommand,
    StoreBehindError,
    StoreView,
)
from ksad.chassis.store.recording import ATTEMPTS_MAX
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.contracts.registry import Stage, StageEntered
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.histories import DIGEST, origin, registered
from tests.support.histories.newest import fact_of

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)


class Bench(NamedTuple):
    """A store with its recorder, and how often its listeners were woken."""

    store: EventStore
    recorder: CommandRecorder
    woken: list[None]


@pytest.fixture
def bench(database: Database) -> Bench:
    """An empty store on either database."""
    store, woken = EventStore(database), list[None]()
    store.listen(lambda: woken.append(None))
    return Bench(store, CommandRecorder(store), woken)


def subject(key: str) -> str:
    """The stream of a cooperation."""
    return f"cooperation/{cooperation_id(key)}"


def pending(
    name: str,
    key: str,
    facts: Sequence[Fact],
    *,
    digest: str = DIGEST,
    first: bool = False,
    calls: list[str] | None = None,
) -> PendingCommand:
    """A command that adds facts to a stream; with ``first`` it is refused where the stream has begun."""
    identity = command_id("operator", name)
    made = origin(command=identity, digest=digest)

    def decide(view: StoreView) -> list[Envelope]:
        if calls is not None:
            calls.append(name)
        version = len(view.stream(subject(key)))
        if first and version:
            raise RuleBrokenError("key-unique", "Kunci sudah terdaftar.")
        return [seal(fact, subject(key), number, made) for number, fact in enumerate(facts, version + 1)]

    return PendingCommand(identity, digest, decide)


def register(name: str, key: str, **more: object) -> PendingCommand:
    """A command that registers a cooperation with two facts."""
    return pending(name, key, [registered(key), ENTERED], first=True, **more)  # type: ignore[arg-type] # passed on


def recorded(outcome: Outcome) -> CommandRecord:
    """The record, which the test is sure of."""
    assert isinstance(outcome, CommandRecord), outcome
    return outcome


def test_a_command_is_decided_once_and_then_recalled(bench: Bench) -> None:
    """A command is decided once and its events are stored; a repeat has the same record and decides nothing."""
    calls: list[str] = []
    first = recorded(bench.recorder.record_one(register("a", "a", calls=calls)))
    again = bench.recorder.record_one(register("a", "a", calls=calls))

    assert again == first
    assert list(first.envelopes) == bench.store.stream(subject("a"))
    assert (str(first.position), first.version(subject("a"))) == (f"registry:{bench.store.head()}", 2)
    assert first.events == [envelope.id for envelope in first.envelopes]
    assert (calls, len(bench.woken)) == (["a"], 1)


def test_a_key_with_another_request_is_refused_undecided(bench: Bench) -> None:
    """A command id that comes with another digest is neither decided nor answered with the other request's record."""
    calls: list[str] = []
    bench.recorder.record_one(register("a", "a"))

    with pytest.raises(CommandReusedError):
        bench.recorder.record_one(register("a", "b", digest="1" * 64, calls=calls))
    assert (calls, bench.store.stream(subject("b"))) == ([], [])


def test_each_command_of_a_batch_has_its_own_outcome(bench: Bench) -> None:
    """Repeats, reused keys, refusals, faults and nothing to do stand in a batch side by side; the rest is recorded."""

    def fault(_: StoreView) -> list[Envelope]:
        raise ZeroDivisionError

    batch = [
        register("a", "a"),
        register("a", "a"),
        register("b", "a"),
        register("a", "c", digest="1" * 64),
        PendingCommand(command_id("operator", "fault"), DIGEST, fault),
        pending("none", "a", []),
        pending("d", "a", [ENTERED]),
    ]

    outcomes = bench.recorder.record(batch)

    assert recorded(outcomes[0]) == recorded(outcomes[1])
    assert [type(one) for one in outcomes[2:6]] == [RuleBrokenError, CommandReusedError, ZeroDivisionError, type(None)]
    assert recorded(outcomes[6]).version(subject("a")) == 3
    assert [one.id for one in bench.store.notifications(0, 10)] == [1, 2, 3]
    assert len(bench.woken) == 2


def test_what_a_refused_command_wrote_is_undone(bench: Bench) -> None:
    """Tables that a decision changed before it was refused are as before, and so they are when it meets a conflict."""
    database = bench.store.database
    notes = sa.Table("notes", sa.MetaData(), sa.Column("note", sa.Text))
    database.create(notes.metadata)
    taken = recorded(bench.recorder.record_one(register("a", "a")))

    def decide(error: Exception | None) -> Callable[[StoreView], Sequence[Envelope]]:
        def deciding(view: StoreView) -> Sequence[Envelope]:
            view.connection.execute(sa.insert(notes), {"note": "x"})
            if error is not None:
                raise error
            return taken.envelopes

        return deciding

    refused = RuleBrokenError("some-rule", "Tidak boleh.")
    outcomes = bench.recorder.record(
        [PendingCommand(UUID(int=number), DIGEST, decide(error)) for number, error in enumerate((refused, None))]
    )
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(notes)).scalar() == 0
    assert outcomes[0] is refused
    assert isinstance(outcomes[1], ConflictError)


def test_a_conflict_is_decided_anew_within_one_bound(bench: Bench) -> None:
    """A decision that always names a taken version is asked for so often and no more, and ends in a conflict."""
    taken = recorded(bench.recorder.record_one(register("a", "a")))
    asked = []

    def decide(_: StoreView) -> Sequence[Envelope]:
        asked.append(1)
        return taken.envelopes

    with pytest.raises(ConflictError):
        bench.recorder.record_one(PendingCommand(UUID(int=1), DIGEST, decide))
    assert len(asked) == ATTEMPTS_MAX


def test_conflicts_are_not_met_for_longer_than_a_lock_is_waited_for(bench: Bench) -> None:
    """However many attempts are left: all of them together get the time that one transaction is given."""
    taken = recorded(bench.recorder.record_one(register("a", "a")))
    bench.store.database.wait_seconds = 0.3
    asked = []

    def decide(_: StoreView) -> Sequence[Envelope]:
        asked.append(time.monotonic())
        time.sleep(0.1)
        return taken.envelopes

    with pytest.raises(ConflictError):
        bench.recorder.record_one(PendingCommand(UUID(int=1), DIGEST, decide))
    assert len(asked) < ATTEMPTS_MAX / 6
    assert asked[-1] - asked[0] < 0.5


def test_a_store_behind_the_log_records_nothing_new(bench: Bench) -> None:
    """While a store lacks events that the log has, repeats are answered and new commands fail."""
    first = bench.recorder.record_one(register("a", "a"))
    bench.store.behind = "the log knows more"

    assert bench.recorder.record_one(register("a", "a")) == first
    with pytest.raises(StoreBehindError):
        bench.recorder.record_one(register("b", "b"))


@pytest.mark.parametrize("facts", [[registered("a")], []], ids=["refused", "nothing-to-record"])
def test_a_command_sent_twice_at_once_is_not_refused_because_of_itself(bench: Bench, facts: list[Fact]) -> None:
    """Whoever comes second sees what the first did, and gets the first's record instead of a refusal or nothing."""
    twin = register("a", "a")
    once = [1]

    def decide(view: StoreView) -> Sequence[Envelope]:
        if once and bench.store.database.dialect == "postgresql":
            once.clear()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(bench.recorder.record_one, twin).result()
        return twin.decide(view) if facts or not view.stream(subject("a")) else []

    slow = twin._replace(decide=decide)
    outcomes = [bench.recorder.record_one(slow), bench.recorder.record_one(twin)]

    assert recorded(outcomes[0]) == outcomes[1]
    assert len(bench.store.stream(subject("a"))) == 2


def test_equal_commands_at_once_are_carried_out_once(bench: Bench) -> None:
    """Eight who send the same command at the same moment get equal records of the same events."""
    together = Barrier(8)

    def send(_: int) -> Outcome:
        together.wait(30)
        return bench.recorder.record_one(register("a", "a"))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, range(8)))

    assert {str(recorded(one).position) for one in outcomes} == {"registry:2"}
    assert all(one == outcomes[0] for one in outcomes)


def test_batches_of_many_senders_make_what_one_by_one_makes(bench: Bench, rng: random.Random) -> None:
    """Random batches from six threads: a command has one outcome, its events stand together, no stream has a gap."""
    keys = "abcd"
    facts: dict[str, tuple[str, int, bool]] = {
        f"command-{number}": (rng.choice(keys), rng.randint(1, 3), rng.random() < 0.2) for number in range(60)
    }

    def batch(names: Sequence[str]) -> list[tuple[str, Outcome]]:
        asked = [pending(name, facts[name][0], [ENTERED] * facts[name][1], first=facts[name][2]) for name in names]
        return list(zip(names, bench.recorder.record(asked), strict=True))

    sent = [[rng.choice(list(facts)) for _ in range(rng.randint(1, 6))] for _ in range(40)]
    with ThreadPoolExecutor(6) as pool:
        outcomes = [one for found in pool.map(batch, sent) for one in found]

    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for name, outcome in outcomes:
        by_name[name].append(outcome)
    notified = bench.store.notifications(0, 10_000)
    ids = [Envelope.from_store(one.state).id for one in notified]
    place = {one.id: number for number, one in enumerate(notified, 1)}
    for name, found in by_name.items():
        key, count, first = facts[name]
        if isinstance(found[-1], RuleBrokenError):
            assert first
            assert all(isinstance(one, RuleBrokenError) for one in found)
            continue
        record = recorded(found[0])
        assert all(one == record for one in found)
        assert len(record.envelopes) == count
        last = place[record.notification]
        assert ids[last - count : last] == record.events
        assert {one.subject for one in record.envelopes} == {subject(key)}
    for key in keys:
        versions = [one.streamversion for one in bench.store.stream(subject(key))]
        assert versions == list(range(1, len(versions) + 1))
    records = [found[0] for found in by_name.values() if isinstance(found[0], CommandRecord)]
    assert len(ids) == sum(len(record.events) for record in records)
