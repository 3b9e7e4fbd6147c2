"""After an end: what is open of the settlement is reminded of again, and late from the policy's day on."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry
from ksad.contracts.dates import in_words
from ksad.contracts.law import PROFILES, Lawbook, load_text, read_policy
from ksad.supervision.domain import settling
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, World, reference

END = date(2026, 3, 1)
AFTER = (30, 90, 180)


def over() -> World:
    """An agreement that ended by mutual consent on the last day of its term, with nothing prepared."""
    made = World().implement(ends_on=END)
    made.pass_days(END - timedelta(days=1))
    made.tell(fact_of(registry.Ended, ground="mutual", open_items=["a. Inventarisasi barang"], reason=None), END)
    return made


def after_end(made: World) -> list[Any]:
    """The reminders after the end."""
    return [one for one in made.tasks("d.4") if "/after-" in one.occurrence]


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_an_open_settlement_is_reminded_of_again() -> None:
    """30, 90 and 180 days after the end, each once, to every participant; after 90 days it says that it is late."""
    made = over()
    made.pass_days(END + timedelta(days=200))
    found = after_end(made)
    assert [(one.occurrence, one.scheduled_on) for one in found] == [
        (f"{END}/after-{days}", END + timedelta(days=days)) for days in AFTER
    ]
    assert {(one.for_parties, one.agreement, one.rests_on) for one in found} == {(GOVERNORS, "perjanjian-1", END)}
    late = f"terlambat sejak {in_words(END + timedelta(days=91))}"
    assert [late in one.due_basis for one in found] == [False, False, True]
    assert "10 butir penyelesaian belum selesai" in found[0].due_basis


def test_what_is_settled_is_reminded_of_no_more() -> None:
    """When the register closes the settlement the open reminder is cancelled, and no other is owed."""
    made = over()
    made.pass_days(END + timedelta(days=31))
    made.tell(registry.SettlementClosed(agreement="perjanjian-1"), END + timedelta(days=40))
    made.pass_days(END + timedelta(days=200))
    [reminder] = after_end(made)
    assert reminder.status is Status.CANCELLED


def test_an_end_that_is_known_late_is_reminded_of_once() -> None:
    """Of the times that have passed only the last is owed."""
    made = World().implement(ends_on=date(2030, 1, 1))
    made.pass_days(END + timedelta(days=100))
    made.tell(fact_of(registry.Ended, ground="mutual", open_items=["x"], reason=None), END)
    made.pass_days(END + timedelta(days=101))
    assert [one.occurrence for one in after_end(made)] == [f"{END}/after-90"]


def test_a_lifted_end_is_reminded_of_no_more() -> None:
    """An extension that was signed in time makes the end void; its reminders rest on nothing."""
    made = World().implement(ends_on=END)
    made.pass_days(END)
    expired = fact_of(registry.Ended, ground="term_expired", open_items=["x"], reason=None)
    made.tell(expired.model_copy(update={"rests_on": END, "of": registry.Scope.AGREEMENT, "key": "perjanjian-1"}), END)
    made.pass_days(END + timedelta(days=31))
    assert [one.status for one in after_end(made)] == [Status.OPEN]
    numbers = dict.fromkeys(GOVERNORS, "2")
    later = date(2031, 3, 1)
    extended = fact_of(registry.AgreementExtended, numbers=numbers, changes=None, ends_on=later, document=None)
    made.tell(extended, END - timedelta(days=5))
    assert [one.status for one in after_end(made)] == [Status.CANCELLED]


def test_a_policy_from_before_says_nothing_of_it() -> None:
    """A text that names no time after the end makes nothing owed and nothing late."""
    text = load_text("policy").replace("after_end = [30, 90, 180]\n", "")
    text = text.replace("[terms.settlement]", "[terms.something]")
    known = reference()
    older = type(known)(known.regions, Lawbook.from_texts(map(load_text, PROFILES)), read_policy(text), known.calendar)
    made = over()
    [agreement] = made.case.parts.agreements.values()
    checklist = known.law.profile(made.case.profile).checklist
    assert settling.reminder(agreement, checklist, older, date(2027, 1, 1)) is None
    assert (settling.late_from(agreement, older), settling.late_from(agreement, known)) == (
        None,
        END + timedelta(days=91),
    )
    assert list(settling.reminder_days(agreement, older, END)) == []
