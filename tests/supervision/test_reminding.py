"""Receipts of reminders: who was reminded of what, and that it was opened once; it closes nothing."""

from datetime import date, timedelta

import pytest

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.contracts.supervision import ReminderKind, ReminderOpened
from ksad.supervision.domain import deciding
from ksad.supervision.domain.affording import refused_by
from ksad.supervision.domain.commands import COMMANDS
from ksad.supervision.domain.task import Status, Task
from tests.support.histories.supervised import GOVERNORS, World, facts_of

CITY = "region:33.72"
OWING = "tkksd:33"


def world() -> World:
    """A cooperation of two regions of one province that ends soon, so that its parties are reminded."""
    return World(parties=GOVERNORS).implement(ends_on=date(2026, 3, 1))


def opening(made: World, task: Task, office: str, reminder: ReminderKind) -> str | None:
    """Opens a reminder as an office; the rule that refuses it, or none, and then it is recorded."""
    command = read_value(COMMANDS["open-reminder"], {"reminder": reminder.value})
    context = made.context(task)
    refused = refused_by(office, command, context)
    if refused is not None:
        return refused.rule
    made.record(deciding.decided(command, context, office))
    return None


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_party_that_opens_its_reminder_has_not_acknowledged_it() -> None:
    """The fact names the office and is recorded once; the reminder still waits for every party's word."""
    made = world()
    assert opening(made, made.one("d.4"), CITY, ReminderKind.END) is None
    task = made.one("d.4")
    assert [(one.office, one.reminder) for one in task.opened] == [(CITY, ReminderKind.END)]
    assert (task.remaining, task.status) == (GOVERNORS, Status.OPEN)
    assert opening(made, task, CITY, ReminderKind.END) == "opened-once"
    assert opening(made, task, "region:33.11", ReminderKind.END) is None
    assert len(made.one("d.4").opened) == 2


@pytest.mark.parametrize("office", ["region:34.71", "tkksd:34", "governor:34"])
def test_whoever_was_not_reminded_opens_nothing(office: str) -> None:
    """A region that is no party, and bodies that do not owe the task, are refused by the table of grants."""
    made = world()
    assert opening(made, made.one("d.4"), office, ReminderKind.END) in {"own-party", "owes"}


def test_a_body_opens_what_it_was_reminded_of() -> None:
    """Of a task that was assigned, and of one that is late; before that there is no such reminder."""
    made = world()
    for office in (OWING, "governor:33"):
        for reminder in ReminderKind:
            assert opening(made, made.one("d.4"), office, reminder) == "reminder-sent", (office, reminder)
    made.record(deciding.assign(made.context(made.one("d.4")), "petugas-1"))
    assert opening(made, made.one("d.4"), OWING, ReminderKind.ASSIGNED) is None
    made.pass_days(made.one("d.4").due_on + timedelta(days=1))
    assert opening(made, made.one("d.4"), OWING, ReminderKind.LATE) is None
    said = [(one.office, one.reminder) for one in made.one("d.4").opened]
    assert said == [(OWING, ReminderKind.ASSIGNED), (OWING, ReminderKind.LATE)]


def test_a_reminder_of_a_closed_task_can_still_be_opened() -> None:
    """A mail lies for a while: that it was opened later is as true."""
    made = world()
    for code in GOVERNORS:
        made.record(deciding.acknowledge(made.context(made.one("d.4")), code))
    assert made.one("d.4").status is Status.COMPLETED
    assert opening(made, made.one("d.4"), CITY, ReminderKind.END) is None


def test_a_reminder_is_opened_today() -> None:
    """A receipt is evidence of when an office knew: nobody says afterwards that it was earlier."""
    made = world()
    task = made.one("d.4")
    made.pass_days(task.scheduled_on + timedelta(days=3))
    command = read_value(COMMANDS["open-reminder"], {"reminder": "end"})
    before = made.context(task)._replace(on=task.scheduled_on)
    with pytest.raises(RuleBrokenError) as refused:
        deciding.decided(command, before, CITY)
    assert refused.value.rule == "opened-today"
    assert opening(made, task, CITY, ReminderKind.END) is None


def test_the_fact_says_who_and_of_what() -> None:
    """What is recorded is the office that opened and the kind of reminder, and nobody's name."""
    made = world()
    command = read_value(COMMANDS["open-reminder"], {"reminder": "end"})
    recorded = made.record(deciding.decided(command, made.context(made.one("d.4")), CITY))
    [fact] = facts_of(recorded, ReminderOpened)
    assert fact.model_dump(exclude={"cooperation_id"}) == {"office": CITY, "reminder": ReminderKind.END}
    with pytest.raises(RuleBrokenError) as refused:
        deciding.decided(command, made.context(made.one("d.4")), CITY)
    assert refused.value.kind is RefusalKind.CONFLICT
