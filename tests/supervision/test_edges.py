"""Rules at their edges: days before and after, what was seen already, and when somebody has to look again."""

from datetime import date, timedelta

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import TaskScheduled
from ksad.supervision.domain import deciding, lateness, reports, task
from ksad.supervision.domain.calendar import day_of
from ksad.supervision.domain.owed import DutyLedger
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, MINISTERS, World, facts_of, reference

DAY = timedelta(days=1)
ARISEN = date(2026, 1, 5)


def world(parties: tuple[str, ...] = GOVERNORS) -> World:
    """A cooperation in exploration since 5 January."""
    made = World(parties=parties)
    made.register_it()
    return made


def test_what_is_done_in_a_task_is_of_a_day_since_it_arose() -> None:
    """Without a day it is today, or the day on which the task arose; of a month its first possible day; never ahead."""
    one = world().one("a.2")
    assert one.scheduled_on == ARISEN
    assert day_of(None, one, ARISEN - DAY) == ARISEN
    assert day_of(None, one, ARISEN + DAY) == ARISEN + DAY
    assert day_of("2026-01", one, ARISEN + DAY) == ARISEN
    assert day_of("2026-02", one, date(2026, 2, 3)) == date(2026, 2, 1)
    for on, rule in (("2026-01-07", "date-not-future"), ("2026-01-04", "task-in-order"), ("2025", "task-in-order")):
        with pytest.raises(RuleBrokenError) as refused:
            day_of(on, one, ARISEN + DAY)
        assert refused.value.rule == rule


@pytest.mark.clause("P7", "P11")
def test_the_head_of_who_answers_now_is_told() -> None:
    """A task that was handed over is reported to the head of its present body, whoever had it before."""
    one = world().one("a.2")
    told = [lateness.steps(one, body, reference(), date(2026, 3, 1))[-1] for body in (one.body, "joint_secretariat")]
    assert [getattr(fact, "to_office", None) for fact in told] == ["governor:33", "minister"]


def test_each_step_of_lateness_has_its_day() -> None:
    """Due, reminded, reported: the next is looked for on its own day; of what is closed none is."""
    made, law = world(), reference()
    due, (reminded, escalated) = made.one("a.2").due_on, law.late_days(made.one("a.2").due_on)
    found = []
    for day in (due - DAY, due, reminded, escalated):
        made.pass_days(day)
        found.append(lateness.next_step(made.one("a.2"), law))
    assert found == [due, reminded, escalated, None]
    other = world()
    other.pass_days(due)
    for code in GOVERNORS:
        other.record(deciding.deliver(other.context(other.one("a.2")), code, [], "rapat"))
    assert lateness.next_step(other.one("a.2"), law) is None


def test_a_day_on_which_a_code_changes_is_ahead_until_it_has_come() -> None:
    """Merauke's code changed on 25 July 2022: the day before looks ahead to it, the day itself no more."""
    changed = date(2022, 7, 25)
    assert reference().next_turning_point(("93.01",), changed - DAY) == changed
    assert reference().next_turning_point(("93.01",), changed) != changed


@pytest.mark.clause("P4.c")
def test_help_for_a_signing_that_is_told_late_is_due_today() -> None:
    """Not on the day of the signing, which is over: it would be late at once."""
    made = world()
    made.enter(Stage.NEGOTIATION)
    made.pass_days(date(2026, 3, 2))
    made.schedule(InstrumentKind.ACCORD, date(2026, 2, 16), date(2026, 2, 10))
    assert made.one("c.1").due_on >= date(2026, 3, 2)


def test_nothing_arises_on_a_day_that_nobody_looked_for() -> None:
    """Whatever a passing day makes owed in a whole life, the day before had said that it would have to be looked at."""
    end = date(2026, 9, 30)
    made = World().implement(ends_on=end)
    arisen = 0
    for number in range(1, 480):
        day = ARISEN + number * DAY
        if day == date(2026, 2, 2):
            made.tell(fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 8, 3)), day)
        if day == date(2026, 8, 20):
            made.tell(fact_of(registry.Ended, ground="mutual", open_items=["a"], reason=None), day)
        ahead = DutyLedger(made.case, reference(), day - DAY).next_due()
        scheduled = facts_of(made.pass_day(day), TaskScheduled)
        arisen += len(scheduled)
        assert not scheduled or (ahead is not None and ahead <= day), (day, ahead, scheduled)
    assert arisen > 6


@pytest.mark.clause("P8", "P12")
def test_a_period_that_closed_while_days_were_left_out_is_owed() -> None:
    """Where the calendar leapt over the end of a half-year, its reports are owed all the same, each once."""
    leapt = {str(one.period) for one in reports.closed_periods(reference(), date(2026, 6, 20), date(2026, 7, 3))}
    assert "2026-S1" in leapt
    assert "2026-S1" not in {
        str(one.period) for one in reports.closed_periods(reference(), date(2026, 7, 3), date(2026, 7, 4))
    }


@pytest.mark.clause("P3", "P6", "P10")
def test_an_officer_does_not_go_over_with_the_task() -> None:
    """Who takes a task over assigns it anew; the officer was one of the other body."""
    made = world()
    made.record(deciding.assign(made.context(made.one("a.2")), "petugas-1"))
    assert made.one("a.2").assignee == "petugas-1"
    made.tell(fact_of(registry.PartyJoined, region="34.71", reason=None, parties=[*GOVERNORS, "34.71"]))
    assert (made.one("a.2", occurrence="exploration").body, made.one("a.2", occurrence="exploration").assignee) == (
        "joint_secretariat",
        None,
    )


def test_an_event_that_was_seen_changes_nothing() -> None:
    """Told again, out of turn, an event of a task leaves it as it is."""
    made = world(MINISTERS)
    made.record(deciding.assign(made.context(made.one("a.2")), "petugas-1"))
    made.record(deciding.assign(made.context(made.one("a.2")), "petugas-2"))
    one = made.one("a.2")
    mine = [event for event in made.log if event.subject == one.subject]
    for event in mine:
        assert task.evolve(one, event) is one
