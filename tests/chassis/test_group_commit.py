"""Group commit: commands that share a transaction have the outcomes of commands that are committed alone."""

import random
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
import sqlalchemy as sa

from ksad.chassis.database import WAITING_MAX, BusyError, Database
from ksad.chassis.store import (
    CommandRecord,
    CommandRecorder,
    ConflictError,
    EventStore,
    Outcome,
    PendingCommand,
    StoreView,
    batch,
)
from ksad.chassis.store.recording import BATCH_MAX
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.histories import DIGEST, origin
from tests.support.histories.recording import ENTERED, RecordingBench, pending, recorded, register, subject
from tests.support.servers.schemas import migrated

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("note", sa.Text))


def test_a_taken_version_is_a_conflict_of_its_command_alone(bench: RecordingBench) -> None:
    """A decision that names a taken version fails; what stands beside it in the batch is recorded all the same."""
    taken = recorded(bench.recorder.record_one(register("a", "a")))
    conflicting = PendingCommand(UUID(int=1), DIGEST, lambda _: taken.envelopes)

    outcomes = bench.recorder.record([register("b", "b"), conflicting, register("c", "c")])

    assert [type(one) for one in outcomes] == [CommandRecord, ConflictError, CommandRecord]
    assert [len(bench.store.stream(subject(key))) for key in "abc"] == [2, 2, 2]


def test_a_database_error_fails_its_command_alone(bench: RecordingBench) -> None:
    """A statement that the database refuses, which spoils the transaction of PostgreSQL, fails its command only."""

    def decide(view: StoreView) -> Sequence[Envelope]:
        view.connection.execute(sa.text("SELECT nothing FROM nowhere"))
        raise AssertionError

    outcomes = bench.recorder.record(
        [register("a", "a"), PendingCommand(UUID(int=1), DIGEST, decide), register("b", "b")]
    )

    assert isinstance(outcomes[1], sa.exc.DBAPIError)
    assert recorded(outcomes[0]).notification < recorded(outcomes[2]).notification


def test_what_waits_while_one_is_committed_is_one_transaction(bench: RecordingBench) -> None:
    """Commands that gather behind a slow one are committed together: their listeners are woken once for all."""
    begun, goes_on = Event(), Event()

    def slow(view: StoreView) -> Sequence[Envelope]:
        begun.set()
        assert goes_on.wait(30)
        return register("slow", "slow").decide(view)

    with ThreadPoolExecutor(13) as pool:
        first = pool.submit(bench.recorder.record_one, PendingCommand(command_id("operator", "slow"), DIGEST, slow))
        assert begun.wait(30)
        others = [pool.submit(bench.recorder.record_one, register(f"c{one}", f"c{one}")) for one in range(12)]
        while bench.recorder.waiting < len(others):
            time.sleep(0.001)
        goes_on.set()
        records = [recorded(one.result()) for one in (first, *others)]

    assert len(bench.woken) == 2
    assert sorted(one.notification for one in records) == list(range(2, 28, 2))


def test_a_long_batch_is_divided(bench: RecordingBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time, or its number, a transaction takes no further command; the next ones follow in their order."""
    many = bench.recorder.record([pending(f"c{one}", "a", [ENTERED]) for one in range(BATCH_MAX + 3)])
    assert [recorded(one).version(subject("a")) for one in many] == list(range(1, BATCH_MAX + 4))
    by_number = len(bench.woken)
    monkeypatch.setattr(batch, "BATCH_SECONDS", 0.0)
    few = bench.recorder.record([pending(f"d{one}", "b", [ENTERED]) for one in range(4)])

    assert [recorded(one).version(subject("b")) for one in few] == [1, 2, 3, 4]
    assert by_number > 1
    assert len(bench.woken) - by_number == len(few)


def test_where_no_writer_may_queue_everybody_is_told_at_once(bench: RecordingBench) -> None:
    """A database that takes no further writer refuses a whole batch, though nobody has waited for long."""
    bench.store.database.wait_seconds = 600.0
    # As so many writers of the process would leave it.
    bench.store.database._waiting = WAITING_MAX
    outcomes = bench.recorder.record([register(one, one) for one in "ab"])

    assert [type(one) for one in outcomes] == [BusyError, BusyError]


def test_a_command_waits_no_longer_than_its_time(bench: RecordingBench) -> None:
    """Behind a transaction that does not end, each of several commands is refused after the time it may wait."""
    bench.store.database.wait_seconds = 0.4
    begin = time.monotonic()
    with bench.store.database.write() as other:
        bench.store.recorder.lock(other)
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(lambda one: bench.recorder.record([register(one, one)])[0], "abcdef"))

    assert {type(one) for one in outcomes} == {BusyError}
    assert time.monotonic() - begin < 3
    assert isinstance(bench.recorder.record_one(register("a", "a")), CommandRecord)


def test_batches_of_many_senders_make_what_one_by_one_makes(bench: RecordingBench, rng: random.Random) -> None:
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


def _random_command(rng: random.Random) -> PendingCommand:
    """A command of one or two streams, which may repeat an earlier one or its key, be refused, fail or do nothing."""
    identity = command_id("operator", f"command-{rng.randint(1, 25)}")
    digest = rng.choice([DIGEST] * 9 + ["1" * 64])
    keys = sorted(rng.sample("abcd", rng.choice([1, 1, 2])))
    count, kind, writes = rng.randint(0, 3), rng.random(), rng.random() < 0.3
    made = origin(command=identity, digest=digest)

    def decide(view: StoreView) -> list[Envelope]:
        if writes:
            view.connection.execute(sa.insert(NOTES), {"note": str(identity)})
        versions = {key: len(view.stream(subject(key))) for key in keys}
        if kind < 0.15 or (kind < 0.4 and versions[keys[0]] > 6):
            raise RuleBrokenError("some-rule", f"Tidak boleh: {versions}.")
        if kind > 0.95:
            raise ZeroDivisionError(f"{versions}")
        return [
            seal(ENTERED, subject(key), version, made)
            for key in keys
            for version in range(versions[key] + 1, versions[key] + 1 + count)
        ]

    return PendingCommand(identity, digest, decide, streams=[subject(key) for key in keys[:1]])


def _told(outcome: Outcome) -> str:
    return f"{outcome.events} at {outcome.position}" if isinstance(outcome, CommandRecord) else repr(outcome)


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_answers_and_stores_what_one_by_one_does(bench: RecordingBench, tmp_path: Path, seed: int) -> None:
    """Random commands in one transaction and each in its own: the same answers, bytes, order and rows of tables."""
    rng = random.Random(seed)
    commands = [_random_command(rng) for _ in range(60)]
    alone = EventStore(migrated(Database(f"sqlite:///{tmp_path / 'alone.db'}"), "supervision"))
    found = []
    for store, size in ((alone, 1), (bench.store, len(commands))):
        store.database.create(NOTES.metadata)
        outcomes = []
        for begin in range(0, len(commands), size):
            outcomes += CommandRecorder(store).record(commands[begin : begin + size])
        with store.database.read() as connection:
            notes = sorted(connection.execute(sa.select(NOTES.c.note)).scalars())
        states = [one.state for one in store.notifications(0, 1_000)]
        found.append(([_told(one) for one in outcomes], states, notes))
    alone.database.close()

    assert found[0] == found[1]
    assert {"RuleBrokenError", "CommandReusedError", "ZeroDivisionError"} <= {
        one.partition("(")[0] for one in found[0][0]
    }
