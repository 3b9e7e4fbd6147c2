"""Legacy facts only move state; what is owed now arises when the backfill is closed."""

from datetime import date

from ksad.contracts import registry
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import JurisdictionResolved
from tests.support.histories.supervised import LAST, World, facts_of

CLOSED = registry.BackfillClosed(facts=3)


def old(stage: Stage = LAST) -> World:
    """A cooperation of 2009 that came in from a file."""
    made = World()
    made.register_it(date(2009, 6, 1), stage=stage, legacy=True)
    return made


def test_legacy_facts_resolve_who_supervised_and_owe_nothing() -> None:
    """The history says who supervised; no duty arises from it, whatever day passes."""
    made = old(Stage.EXPLORATION)
    made.enter(Stage.NEGOTIATION, date(2009, 9, 1), legacy=True)
    made.pass_days(date(2009, 9, 30))
    assert facts_of(made.log, JurisdictionResolved)
    assert not made.tasks()


def test_closing_the_backfill_makes_the_present_stage_owed_and_none_that_passed() -> None:
    """In the last stage: its check, its monitoring and its reminders, no guidance of exploration or negotiation."""
    made = old(Stage.EXPLORATION)
    made.enter(Stage.NEGOTIATION, date(2009, 9, 1), legacy=True)
    made.enter(LAST, date(2010, 1, 1), legacy=True)
    signed = registry.AgreementSigned(
        numbers={}, effective_on=None, ends_on=date(2026, 5, 1), scope=None, witnesses=[], document=None
    )
    made.tell(signed, date(2010, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    assert sorted((one.duty, one.occurrence) for one in made.tasks()) == [
        ("d.1", "2026-S1"),
        ("d.4", "2026-05-01/180"),
        ("oversight", "implementation_and_termination/entry"),
    ]
    assert all(one.scheduled_on == date(2026, 1, 5) for one in made.tasks())


def test_an_old_cooperation_that_is_still_negotiated_is_guided_from_now_on() -> None:
    """What is current at the close is owed in full."""
    made = old(Stage.NEGOTIATION)
    made.tell(CLOSED, date(2026, 1, 5))
    assert {one.duty for one in made.tasks()} == {"b.1", "b.2", "oversight"}


def test_open_problems_and_disputes_of_the_past_are_owed_now_and_settled_ones_are_not() -> None:
    """An opinion on what still lasts; none on what is over."""
    made = old()
    for key in ("lama", "selesai"):
        made.tell(registry.ProblemReported(problem=key, description="lama"), date(2015, 1, 1), legacy=True)
    made.tell(registry.ProblemResolved(problem="selesai", outcome="beres"), date(2016, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    assert [one.occurrence for one in made.tasks("d.2")] == ["lama"]


def test_a_new_fact_before_the_close_has_its_duty_at_once() -> None:
    """Only legacy facts wait for the close: a problem of today makes its opinion owed today."""
    made = old()
    made.tell(registry.ProblemReported(problem="baru", description="baru"), date(2026, 1, 5))
    assert [(one.duty, one.occurrence) for one in made.tasks()] == [("d.2", "baru")]


def test_an_ended_history_owes_nothing() -> None:
    """A cooperation that was over before the platform gets no task."""
    made = old()
    made.tell(registry.Ended(ground="term_expired", open_items=[], reason=None), date(2020, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    made.pass_days(date(2026, 2, 1))
    assert not made.tasks()


def test_closing_the_backfill_of_what_was_never_legacy_adds_nothing() -> None:
    """Everything was owed already, and is owed once."""
    made = World()
    made.register_it()
    before = len(made.log)
    assert made.tell(registry.BackfillClosed(facts=0)) == []
    assert len(made.log) == before + 1


def test_an_old_accord_without_agreement_is_found_at_the_close() -> None:
    """An accord that no agreement followed for years is a finding as soon as the file is in."""
    made = old(Stage.NEGOTIATION)
    signed = registry.AccordSigned(numbers={}, witnesses=[], document=None)
    made.tell(signed, date(2012, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    assert "accord-without-agreement/2012-01-01" in [one.occurrence for one in made.tasks("oversight")]


def test_early_notice_of_today_reminds_at_once_even_before_the_close() -> None:
    """A notice that is no legacy fact makes its reminder owed at once, and later ones as their time comes."""
    made = old()
    notice = registry.TerminationNoticeGiven(ground="mutual", planned_end_on=date(2026, 3, 10))
    made.tell(notice, date(2026, 1, 5))
    made.pass_days(date(2026, 2, 9))
    end = "2026-03-10"
    assert [one.occurrence for one in made.tasks()] == [f"{end}/notice", f"{end}/60", f"{end}/30"]
