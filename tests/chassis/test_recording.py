"""Recording commands: each once, whoever sends it how often, alone or in a batch, on both databases."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from uuid import UUID

import pytest
import sqlalchemy as sa

from ksad.chassis.store import (
    CommandRecorder,
    CommandReusedError,
    ConflictError,
    Outcome,
    PendingCommand,
    StoreBehindError,
    StoreView,
)
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.histories import DIGEST
from tests.support.histories.recording import ENTERED, RecordingBench, pending, recorded, register, subject

NOTES = sa.Table("notes", sa.MetaData(), sa.Column("note", sa.Text))


def test_a_command_is_decided_once_and_then_recalled(bench: RecordingBench) -> None:
    """A command is decided once and its events are stored; a repeat has the same record and decides nothing."""
    calls: list[str] = []
    first = recorded(bench.recorder.record_one(register("a", "a", calls=calls)))
    again = bench.recorder.record_one(register("a", "a", calls=calls))

    assert again == first
    assert list(first.envelopes) == bench.store.stream(subject("a"))
    assert (str(first.position), first.version(subject("a"))) == (f"registry:{bench.store.head()}", 2)
    assert first.events == [envelope.id for envelope in first.envelopes]
    assert (calls, len(bench.woken)) == (["a"], 1)


def test_a_key_with_another_request_is_refused_undecided(bench: RecordingBench) -> None:
    """A command id that comes with another digest is neither decided nor answered with the other request's record."""
    calls: list[str] = []
    bench.recorder.record_one(register("a", "a"))

    with pytest.raises(CommandReusedError):
        bench.recorder.record_one(register("a", "b", digest="1" * 64, calls=calls))
    assert (calls, bench.store.stream(subject("b"))) == ([], [])


def test_each_command_of_a_batch_has_its_own_outcome(bench: RecordingBench) -> None:
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
    assert len(bench.woken) == 1


def test_what_a_refused_command_wrote_is_undone(bench: RecordingBench) -> None:
    """Tables that a decision changed before it was refused are as before, and so they are when it meets a conflict."""
    database = bench.store.database
    database.create(NOTES.metadata)
    taken = recorded(bench.recorder.record_one(register("a", "a")))

    def decide(error: Exception | None) -> Callable[[StoreView], Sequence[Envelope]]:
        def deciding(view: StoreView) -> Sequence[Envelope]:
            view.connection.execute(sa.insert(NOTES), {"note": "x"})
            if error is not None:
                raise error
            return taken.envelopes

        return deciding

    refused = RuleBrokenError("some-rule", "Tidak boleh.")
    outcomes = bench.recorder.record(
        [PendingCommand(UUID(int=number), DIGEST, decide(error)) for number, error in enumerate((refused, None))]
    )
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(NOTES)).scalar() == 0
    assert outcomes[0] is refused
    assert isinstance(outcomes[1], ConflictError)


def test_a_store_behind_the_log_records_nothing_new(bench: RecordingBench) -> None:
    """While a store lacks events that the log has, repeats are answered and new commands fail."""
    first = bench.recorder.record_one(register("a", "a"))
    bench.store.behind = "the log knows more"

    assert bench.recorder.record_one(register("a", "a")) == first
    with pytest.raises(StoreBehindError):
        bench.recorder.record_one(register("b", "b"))


def test_a_command_sent_to_two_processes_is_not_refused_because_of_itself(bench: RecordingBench) -> None:
    """Whoever comes second waits for the first, and gets its record without deciding."""
    begun, goes_on, calls = Event(), Event(), list[str]()
    twin = register("a", "a", calls=calls)

    def slow(view: StoreView) -> Sequence[Envelope]:
        begun.set()
        assert goes_on.wait(30)
        return twin.decide(view)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(bench.recorder.record_one, twin._replace(decide=slow))
        assert begun.wait(30)
        second = pool.submit(CommandRecorder(bench.store).record_one, twin)
        goes_on.set()

    assert recorded(first.result()) == second.result()
    assert calls == ["a"]


def test_equal_commands_at_once_are_carried_out_once(bench: RecordingBench) -> None:
    """Eight who send the same command at the same moment get equal records of the same events."""
    together = Barrier(8)

    def send(_: int) -> Outcome:
        together.wait(30)
        return bench.recorder.record_one(register("a", "a"))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(send, range(8)))

    assert {str(recorded(one).position) for one in outcomes} == {"registry:2"}
    assert all(one == outcomes[0] for one in outcomes)
