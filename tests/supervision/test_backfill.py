"""Legacy facts only move state; what is owed now arises when the backfill is closed, which itself is owed."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import BACKFILL, Finding, JurisdictionResolved, TaskCompleted
from ksad.supervision.domain import deciding
from ksad.supervision.domain.reference import Reference
from ksad.supervision.domain.task import OVERSIGHT, Task
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import LAST, World, facts_of

CLOSED = registry.BackfillClosed(facts=3)
RECORDED = date(2026, 1, 5)
"""The day on which the facts of these tests are recorded."""


def others(made: World) -> list[Task]:
    """All tasks but the one to complete the backfill."""
    return [one for one in made.tasks() if one.occurrence != BACKFILL]


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
    assert not others(made)


def test_closing_the_backfill_makes_the_present_stage_owed_and_none_that_passed() -> None:
    """In the last stage: its check, its monitoring and its reminders, no guidance of exploration or negotiation."""
    made = old(Stage.EXPLORATION)
    made.enter(Stage.NEGOTIATION, date(2009, 9, 1), legacy=True)
    made.enter(LAST, date(2010, 1, 1), legacy=True)
    signed = fact_of(
        registry.AgreementSigned,
        numbers={},
        effective_on=None,
        ends_on=date(2026, 5, 1),
        scope=None,
        witnesses=[],
        document=None,
    )
    made.tell(signed, date(2010, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    assert sorted((one.duty, one.occurrence) for one in others(made)) == [
        ("d.1", "2026-S1"),
        ("d.4", "2026-05-01/180"),
        ("oversight", "implementation_and_termination/entry"),
    ]
    assert all(one.scheduled_on == date(2026, 1, 5) for one in others(made))


def test_an_old_cooperation_that_is_still_negotiated_is_guided_from_now_on() -> None:
    """What is current at the close is owed in full."""
    made = old(Stage.NEGOTIATION)
    made.tell(CLOSED, date(2026, 1, 5))
    assert {one.duty for one in others(made)} == {"b.1", "b.2", "oversight"}


def test_open_problems_and_disputes_of_the_past_are_owed_now_and_settled_ones_are_not() -> None:
    """An opinion on what still lasts; none on what is over."""
    made = old()
    for key in ("lama", "selesai"):
        made.tell(fact_of(registry.ProblemReported, problem=key, description="lama"), date(2015, 1, 1), legacy=True)
    made.tell(
        registry.ProblemResolved(problem="selesai", outcome="beres", document=None), date(2016, 1, 1), legacy=True
    )
    made.tell(CLOSED, date(2026, 1, 5))
    assert [one.occurrence for one in made.tasks("d.2")] == ["lama"]


def test_a_new_fact_before_the_close_has_its_duty_at_once() -> None:
    """Only legacy facts wait for the close: a problem of today makes its opinion owed today."""
    made = old()
    made.tell(fact_of(registry.ProblemReported, problem="baru", description="baru"), date(2026, 1, 5))
    assert [(one.duty, one.occurrence) for one in others(made)] == [("d.2", "baru")]


def test_an_ended_history_owes_nothing() -> None:
    """A cooperation that was over before the platform gets no task."""
    made = old()
    made.tell(fact_of(registry.Ended, ground="term_expired", open_items=[], reason=None), date(2020, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    made.pass_days(date(2026, 2, 1))
    assert not others(made)


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
    signed = fact_of(registry.AccordSigned, numbers={}, witnesses=[], document=None)
    made.tell(signed, date(2012, 1, 1), legacy=True)
    made.tell(CLOSED, date(2026, 1, 5))
    assert "accord-without-agreement/2012-01-01" in [one.occurrence for one in made.tasks("oversight")]


def test_early_notice_of_today_reminds_at_once_even_before_the_close() -> None:
    """A notice that is no legacy fact makes its reminder owed at once, and later ones as their time comes."""
    made = old()
    notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 3, 10))
    made.tell(notice, date(2026, 1, 5))
    made.pass_days(date(2026, 2, 9))
    end = "2026-03-10"
    assert [one.occurrence for one in others(made)] == [f"{end}/notice", f"{end}/60", f"{end}/30"]


@pytest.mark.fault("http A5")
def test_an_open_backfill_is_a_task_of_the_supervising_body() -> None:
    """From the first legacy fact on, due by the policy from the day of its recording; the close completes it."""
    made = old()
    task = made.one(OVERSIGHT, occurrence=BACKFILL)
    assert (task.body, task.clause, task.scheduled_on) == ("tkksd:33", "P11", RECORDED)
    assert task.due_on == made.law.due(BACKFILL, RECORDED).on
    assert task.due_basis.startswith("pemasukan data lama belum ditutup; 30 hari kerja sejak data lama pertama dicatat")
    made.enter(Stage.NEGOTIATION, date(2010, 9, 1), legacy=True)
    assert made.one(OVERSIGHT, occurrence=BACKFILL).open
    made.tell(CLOSED, date(2026, 1, 5))
    done = made.one(OVERSIGHT, occurrence=BACKFILL).completed
    assert done is not None
    assert done.outcome == "pemasukan data lama ditutup"


def test_the_task_of_a_backfill_is_not_ticked_off() -> None:
    """Findings do not complete it: closing the backfill does."""
    made = old()
    task = made.one(OVERSIGHT, occurrence=BACKFILL)
    finding = Finding(basis="legislation", conforms=True, description="lengkap")
    fact = TaskCompleted(
        cooperation_id=task.cooperation_id,
        outcome="lengkap",
        documents=[],
        findings=[finding],
        evaluation=None,
        satisfies=None,
        duty=task.duty,
    )
    with pytest.raises(RuleBrokenError) as caught:
        deciding.complete(made.context(task), fact, None)
    assert caught.value.rule == "backfill-closes-it"


def test_an_open_backfill_goes_to_the_next_supervisor() -> None:
    """Who supervises from now on has to complete what the one before began."""
    made = old()
    made.tell(
        fact_of(registry.PartyJoined, region="34.71", reason=None, parties=["33.72", "33.11", "34.71"]),
        date(2026, 1, 5),
    )
    assert made.one(OVERSIGHT, occurrence=BACKFILL).body == "joint_secretariat"


def test_a_policy_that_does_not_know_the_term_owes_nothing() -> None:
    """What was adopted before the term was known makes no task, neither now nor of old logs."""
    law = World().law
    terms = {name: term for name, term in law.policy.terms.items() if name != BACKFILL}
    policy = law.policy.model_copy(update={"terms": terms})
    made = World(law=Reference(law.regions, law.law, policy, law.calendar))
    made.register_it(date(2009, 6, 1), stage=LAST, legacy=True)
    assert not made.tasks()
