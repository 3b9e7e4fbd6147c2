"""Recorded times: within a service they never go back, and a clock that is far off records nothing."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from ksad.chassis.clock import RealClock, not_before
from ksad.chassis.database import Database
from ksad.chassis.problems import problem_of
from ksad.chassis.store import ClockError, EventStore, PendingCommand, StoreView
from ksad.chassis.store.recording import CommandRecorder
from ksad.contracts.envelope import Envelope, format_time
from ksad.contracts.identifiers import command_id, cooperation_id
from tests.support.forgers.audited import made
from tests.support.histories.histories import registered
from tests.support.servers.schemas import migrated

NOON = datetime(2026, 7, 1, 5, tzinfo=UTC)


class Hand:
    """A clock that a test sets, and that leaps as far as it is told."""

    def __init__(self) -> None:
        self.moment = NOON
        self.ahead: timedelta | None = None

    def now(self) -> datetime:
        """What it was set to."""
        return self.moment

    def leapt(self) -> timedelta | None:
        """As a test has it."""
        return self.ahead

    def trust(self) -> None:
        """From now on it is right."""
        self.ahead = None


@pytest.fixture
def hand() -> Hand:
    """A clock at noon."""
    return Hand()


@pytest.fixture
def store(database: Database, hand: Hand) -> EventStore:
    """A store that records by this clock."""
    return EventStore(database, hand)


def record(store: EventStore, hand: Hand, key: str) -> tuple[Envelope, ...]:
    """A registration, recorded now."""

    def decide(_: StoreView) -> list[Envelope]:
        return [made(registered(key, ("33", "34")), f"cooperation/{cooperation_id(key)}", 1, hand.now())]

    found = CommandRecorder(store).record_one(PendingCommand(command_id("operator", key), "0" * 64, decide))
    assert found is not None
    return found.envelopes


def times(store: EventStore) -> list[str]:
    """The recorded times in the order of recording."""
    return [Envelope.from_store(one.state).time for one in store.notifications(0, 1000)]


@pytest.mark.fault(
    "bug-reports 13",
    kind="a clock that somebody sets stands in the log for ever",
    looked="every writer of a time: the commands of three services, reactions, anchors, refills and restores",
    found="a reaction could say an earlier time than its cause, which another machine had recorded",
)
def test_times_do_not_go_back_with_the_clock(store: EventStore, hand: Hand) -> None:
    """Ten minutes back, an event gets the time of the one before it, until the clock has caught up; it is counted."""
    record(store, hand, "p-1")
    hand.moment = NOON - timedelta(minutes=10)
    (back,) = record(store, hand, "p-2")
    hand.moment = NOON + timedelta(seconds=1)
    record(store, hand, "p-3")
    assert back.time == format_time(NOON)
    assert times(store) == [format_time(NOON), format_time(NOON), format_time(hand.moment)]
    assert store.times.clamped == 1


@pytest.mark.fault("bug-reports 13")
def test_another_process_knows_the_last_time(store: EventStore, hand: Hand, database: Database) -> None:
    """What counts is the newest event of the store, whoever recorded it and before whichever restart."""
    record(store, hand, "p-1")
    late = Hand()
    late.moment = NOON - timedelta(minutes=3)
    (back,) = record(EventStore(database, late), late, "p-2")
    assert back.time == format_time(NOON)


@pytest.mark.parametrize("far", [timedelta(minutes=16), timedelta(days=400)])
def test_a_clock_far_behind_records_nothing(store: EventStore, hand: Hand, far: timedelta) -> None:
    """A clock that is far behind is wrong: commands are refused with both times, until it is right again."""
    record(store, hand, "p-1")
    hand.moment = NOON - far
    with pytest.raises(ClockError) as refused:
        record(store, hand, "p-2")
    problem = problem_of(refused.value)
    assert (problem.status, problem.rule) == (503, "clock-plausible")
    assert format_time(NOON) in problem.detail
    assert store.times.refused == problem.detail
    assert len(times(store)) == 1
    hand.moment = NOON + timedelta(minutes=1)
    record(store, hand, "p-2")
    assert store.times.refused is None


def test_a_clock_that_leaps_ahead_records_nothing(store: EventStore, hand: Hand) -> None:
    """One wrong time in the future would hold all later ones there: until somebody has looked, nothing is recorded."""
    record(store, hand, "p-1")
    hand.moment, hand.ahead = NOON + timedelta(days=40), timedelta(days=40)
    with pytest.raises(ClockError, match="40 hari"):
        record(store, hand, "p-2")
    hand.moment, hand.ahead = NOON + timedelta(minutes=1), None
    record(store, hand, "p-2")
    assert times(store)[-1] == format_time(hand.moment)


def test_a_clock_that_is_set_right_may_leap(store: EventStore, hand: Hand) -> None:
    """A machine that wakes up in the past and is then set right leaps, and goes on without being started anew."""
    record(store, hand, "p-1")
    hand.moment = NOON - timedelta(days=9_000)
    with pytest.raises(ClockError):
        record(store, hand, "p-2")
    hand.ahead = timedelta(days=9_000)
    hand.trust()
    hand.moment = NOON + timedelta(hours=1)
    record(store, hand, "p-2")


def test_the_machines_clock_is_held_against_its_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set ahead by days while the machine counted seconds has leapt; a correction has not."""
    clock, really = RealClock(), time.time
    assert clock.leapt() is None
    monkeypatch.setattr(time, "time", lambda: really() + 3600)
    assert clock.leapt() is None
    monkeypatch.setattr(time, "time", lambda: really() + 3 * 24 * 3600)
    assert clock.leapt() == pytest.approx(timedelta(days=3), abs=timedelta(seconds=5))
    clock.trust()
    assert clock.leapt() is None


def test_times_are_in_order_under_concurrency(database_url: str) -> None:
    """Sixty commands by many threads, each with the time at which it was decided, stand in the order of their times."""
    with closing(Database(database_url, wait_seconds=30)) as database:
        clock = RealClock()
        store = EventStore(migrated(database, "registry"), clock)

        def one(number: int) -> None:
            def decide(_: StoreView) -> list[Envelope]:
                moment = clock.now()
                time.sleep(0.003 * (number % 3))
                key = f"p-{number}"
                return [made(registered(key, ("33", "34")), f"cooperation/{cooperation_id(key)}", 1, moment)]

            CommandRecorder(store).record_one(PendingCommand(command_id("operator", f"p-{number}"), "0" * 64, decide))

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(60)))
        found = times(store)
        assert len(found) == 60
        assert found == sorted(found)


@pytest.mark.parametrize(("minutes", "expected"), [(-5, 0), (0, 0), (5, 5), (15, 15), (16, 0), (60 * 24, 0)])
def test_an_effect_is_not_before_its_cause(minutes: int, expected: int) -> None:
    """What follows from a fact of another machine has at least its time, unless that machine's clock is far off."""
    assert not_before(NOON, NOON + timedelta(minutes=minutes)) == NOON + timedelta(minutes=expected)
