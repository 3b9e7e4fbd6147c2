"""Escalation (UU 23/2014 Pasal 370(3)): by whom, from which letter, of what the Governor could not or did decide."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from ksad.contracts.registry import DisputeEscalated, LawApplied
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.registry.domain import permissions
from ksad.registry.domain.commands import COMMANDS
from ksad.registry.domain.context import Context
from tests.registry.test_disputes import DECIDED, GOVERNORS, PAPER, STATUTES_BY_DATE, quarrel
from tests.support.histories.cooperations import SOLO, TODAY, YOGYA, Case, adopted

ESCALATED: dict[str, Any] = {"dispute": "d", "reason": "tidak tercapai", "number": "100/2026", "document": PAPER}


@pytest.mark.clause("UU 23/2014 Pasal 370(3)")
def test_what_the_governor_cannot_settle_goes_to_the_minister() -> None:
    """Under the law of 2018 it is passed on once, a decision requested or not; then the Minister alone decides."""
    for asked in (False, True):
        case = quarrel()
        if asked:
            case.do("request-decision", dispute="d")
        case.do("escalate-dispute", dispute="d", reason="tidak tercapai")
        said = {"dispute": "d", "forum": "minister", "reason": "tidak tercapai", "number": None, "document": None}
        assert case.last == DisputeEscalated.model_validate(said)
        error = case.refused("escalated-once", "escalate-dispute", dispute="d", reason="x")
        assert error.clause == "UU 23/2014 Pasal 370(3)"
        case.refused("right-forum", "settle-dispute", manner="governor_decision", **DECIDED)
        assert case.do("settle-dispute", manner="minister_decision", **DECIDED).last.final is True


@pytest.mark.clause("UU 23/2014 Pasal 370(3)")
def test_a_team_passes_on_what_its_governor_wrote() -> None:
    """With number and document of the letter, which the fact cites; another team and the parties pass nothing on."""
    fields: dict[str, Any] = {"dispute": "d", "reason": "tidak tercapai"}
    case = quarrel()
    for lacking in ({}, {"number": "100/2026"}, {"document": PAPER}):
        error = case.refused("escalation-has-letter", "escalate-dispute", office="tkksd:33", **fields, **lacking)
        assert error.clause == "UU 23/2014 Pasal 370(3)"
    fact = case.do("escalate-dispute", office="tkksd:33", **fields, number="100/2026", document=PAPER).last
    assert (fact.forum, fact.number, fact.document) == ("minister", "100/2026", PAPER)
    command = read_value(COMMANDS["escalate-dispute"], fields)
    for office, rule in (("tkksd:34", "heads-decision"), (f"region:{SOLO}", "office-may"), ("minister", "legacy")):
        with pytest.raises(RuleBrokenError) as caught:
            permissions.check(office, command, quarrel().state, Context(adopted(), TODAY, TODAY, office=office))
        assert caught.value.rule == rule
    for office in ("tkksd:33", "governor:33"):
        permissions.check(office, command, quarrel().state, Context(adopted(), TODAY, TODAY, office=office))


def decided_by_the_governor(profile: str = "ksad-2009") -> Case:
    """A dispute that the Governor has decided the day before, which is not final."""
    case = quarrel(profile=profile)
    assert case.do("settle-dispute", manner="governor_decision", **DECIDED).last.final is False
    case.today += timedelta(days=1)
    return case


@STATUTES_BY_DATE
@pytest.mark.clause("UU 23/2014 Pasal 370(3)", "UU 23/2014 Pasal 370(4)")
@pytest.mark.parametrize("office", ["governor:33", "tkksd:33"])
def test_escalation_follows_the_day_and_not_the_profile(office: str) -> None:
    """Scenario 19: one dispute of a cooperation of 2012 is decided by the Governor, passed on, decided for good."""
    case = decided_by_the_governor()
    command = read_value(COMMANDS["escalate-dispute"], {"on": str(case.today), **to_jsonable_python(ESCALATED)})
    permissions.check(office, command, case.state, Context(adopted(), case.today, case.today, office=office))
    case.do("escalate-dispute", case.today, office=office, **ESCALATED)
    assert (case.last.forum, case.last.number, case.last.document) == ("minister", "100/2026", PAPER)
    assert (case.state.umbrella.disputes["d"].open, dict(case.state.disputes)["d"].status) == (True, "escalated")
    case.refused("escalated-once", "escalate-dispute", case.today, **ESCALATED)
    case.refused("right-forum", "settle-dispute", case.today, manner="governor_decision", **DECIDED)
    fact = case.do("settle-dispute", case.today, manner="minister_decision", **DECIDED).last
    found = LawApplied(clause="UU 23/2014 Pasal 370(4)", basis="text")
    assert (fact.final, fact.forum, fact.law) == (True, "minister", found)
    assert case.refused("dispute-open", "escalate-dispute", case.today, **ESCALATED).clause == "P6.d.3/P10.d.3"
    quarrel((SOLO, YOGYA)).refused("escalated-once", "escalate-dispute", dispute="d", reason="x")


def test_a_decision_is_passed_on_after_it_was_made() -> None:
    """C13: an escalation of the day before the Governor's decision is impossible once that is recorded."""
    case = decided_by_the_governor()
    error = case.refused("dispute-in-order", "escalate-dispute", TODAY - timedelta(days=1), **ESCALATED)
    assert "diajukan" in error.detail
    case = quarrel()
    case.today += timedelta(days=2)
    case.do("settle-dispute", TODAY + timedelta(days=2), manner="governor_decision", **DECIDED)
    error = case.refused("dispute-in-order", "escalate-dispute", TODAY + timedelta(days=1), **ESCALATED)
    assert "diputuskan Gubernur" in error.detail


def test_a_finality_that_is_only_recalled_keeps_nobody_from_the_minister() -> None:
    """A decision of 2013 is recorded as final from memory, which refuses nothing; deliberation is nobody's decision."""
    case = Case.paper().do(
        "raise-dispute", date(2012, 1, 1), legacy=True, dispute="d", between=list(GOVERNORS), description="t"
    )
    case.do("settle-dispute", date(2013, 1, 1), legacy=True, manner="governor_decision", **DECIDED)
    assert (case.last.final, case.last.law.basis) == (True, "memory")
    assert case.do("escalate-dispute", **ESCALATED).last.forum == "minister"
    case = quarrel().do("settle-dispute", dispute="d", manner="deliberation", outcome="sepakat")
    case.refused("dispute-open", "escalate-dispute", **ESCALATED)
