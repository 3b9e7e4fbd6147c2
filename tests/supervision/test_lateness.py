"""Lateness escalates: late, reminded, reported to the supervising head; each is an event of its day."""

from datetime import date, timedelta

import pytest

from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.law import holidays_text
from ksad.contracts.supervision import TaskEscalated, TaskOverdue, TaskReminded
from ksad.supervision.domain import deciding
from ksad.supervision.domain.reference import Reference
from ksad.supervision.domain.task import Status
from tests.support.histories.supervised import GOVERNORS, MINISTERS, World, facts_of, reference

DUE = date(2026, 1, 20)


def world(parties: tuple[str, ...] = GOVERNORS) -> World:
    """A cooperation in exploration, whose guidance is due on 20 January."""
    made = World(parties=parties)
    made.register_it()
    assert made.one("a.2").due_on == DUE
    return made


@pytest.mark.clause("P7", "P11", "P13")
@pytest.mark.parametrize(("parties", "head"), [(MINISTERS, "minister"), (GOVERNORS, "governor:33")])
def test_a_late_task_is_marked_then_reminded_of_then_reported_to_the_head(parties: tuple[str, ...], head: str) -> None:
    """Due on the 20th: late when that day is over, reminded one working day later, reported after ten."""
    made = world(parties)
    subject = made.one("a.2").subject
    made.pass_days(date(2026, 2, 28))
    mine = [(event.occurredon, type(event.fact())) for event in made.log if event.subject == subject][1:]
    assert mine == [
        (DUE, TaskOverdue),
        (date(2026, 1, 21), TaskReminded),
        (date(2026, 2, 3), TaskEscalated),
    ]
    task = made.one("a.2")
    assert (task.status, task.escalated_to) == (Status.ESCALATED, head)


def test_the_day_before_is_not_late() -> None:
    """A task is not late on the days before its due date, and late work that is done stays done."""
    made = world()
    assert made.pass_days(DUE - timedelta(days=1)) == []
    made.pass_day(DUE)
    assert made.one("a.2").status is Status.OVERDUE
    for code in GOVERNORS:
        made.record(deciding.deliver(made.context(made.one("a.2")), code, [], "rapat"))
    assert made.one("a.2").status is Status.COMPLETED
    made.pass_days(date(2026, 2, 28))
    assert made.one("a.2").escalated_on is None


def test_the_same_day_twice_is_late_once() -> None:
    """A day that is seen again adds nothing."""
    made = world()
    made.pass_days(DUE)
    assert made.pass_day(DUE) == []
    assert len(facts_of([event for event in made.log if event.subject == made.one("a.2").subject], TaskOverdue)) == 1


def test_years_without_adopted_holidays_count_weekdays_and_say_so() -> None:
    """Where nobody adopted holidays Saturdays and Sundays alone are left out, and the basis says it."""
    old = reference()
    law = Reference(old.regions, old.law, old.policy, WorkingCalendar.from_text(holidays_text()))
    made = World(law=law, on=date(2040, 1, 2))
    made.register_it()
    task = made.one("a.2")
    assert task.due_on == date(2040, 1, 16)
    assert "belum ditetapkan, pada tahun itu hanya Sabtu dan Minggu tidak dihitung" in task.due_basis


@pytest.mark.parametrize("passed", [None, date(2026, 5, 31)])
def test_nothing_is_late_before_its_body_could_know(passed: date | None) -> None:
    """Of a registration known to the year its first day is meant; terms count from the day of its recording."""
    made = World(recorded=date(2026, 6, 1), current=passed)
    made.register_it(date(2026, 1, 1))
    assert made.tasks()
    assert {one.scheduled_on for one in made.tasks()} == {date(2026, 6, 1)}
    assert min(one.due_on for one in made.tasks()) > date(2026, 6, 1)
