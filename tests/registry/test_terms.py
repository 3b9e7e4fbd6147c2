"""Terms end by law: the register records an expiry itself, and a term that reads otherwise lifts it."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.registry import SettlementClosed
from ksad.contracts.umbrella import AgreementState
from tests.support.histories.cooperations import BOTH, KARANGANYAR, PAPER, SOLO, TODAY, Case
from tests.support.histories.settlements import prove, settled

END = date(2026, 10, 25)
DAY = timedelta(days=1)


def running(ends_on: str = "2026-10-25") -> Case:
    """A running agreement with a term."""
    return Case().agreed().do("sign-agreement", numbers=BOTH, ends_on=ends_on)


def state_of(case: Case) -> AgreementState:
    """The state of the only agreement."""
    return case.state.umbrella.agreements["perjanjian-1"].state


@pytest.mark.fault(
    "law L4",
    kind="What the law brings about on a day is known to nobody until somebody types it in.",
    looked="Terms of accords and agreements, days of effect, expiry of proposals, planned ends, settlements.",
    found="A planned end that passed without an end was noticed by nobody either.",
)
@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
def test_a_term_that_has_passed_ends_the_agreement() -> None:
    """On its last day it is in force; when that is over the register records the end, on that day, with the clause."""
    case = running().pass_time(END)
    assert state_of(case) is AgreementState.IN_FORCE
    case.pass_time(END + DAY)
    ended = case.last
    assert (ended.of, ended.key, ended.ground, ended.rests_on) == ("agreement", "perjanjian-1", "term_expired", END)
    assert (ended.clause, case.events[-1].occurredon) == ("PP 28/2018 Pasal 9(1)", END)
    assert len(ended.open_items) == 10
    assert state_of(case) is AgreementState.SETTLING
    count = len(case.facts)
    assert len(case.pass_time(END + 5 * DAY).facts) == count


def test_a_term_that_is_a_year_ends_with_the_year() -> None:
    """Nothing expires on a doubt: the last day of ``2026`` is 31 December."""
    case = running("2026").pass_time(date(2026, 12, 31))
    assert state_of(case) is AgreementState.IN_FORCE
    case.pass_time(date(2027, 1, 1))
    assert (case.last.rests_on, case.events[-1].occurredon) == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.fault(
    "law L2",
    kind="A list that only reminds bars what the law itself brings about.",
    looked="All grounds of ending of both profiles, and every rule that a proof of d.4 was a condition of.",
    found="The same ground was accepted years before the term had passed.",
)
@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
def test_nobody_says_that_a_term_has_passed_before_it_has() -> None:
    """People record it only where nobody knows the term, or from paper of a term that has passed."""
    error = running().refused("term-over", "end", ground="term_expired")
    assert (error.clause, error.facts["ends_on"]) == ("PP 28/2018 Pasal 9(1)", END)
    assert Case.paper().do("end", ground="term_expired", reason="x").last.ground == "term_expired"
    old = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=BOTH, ends_on="2010-01-01", legacy=True)
    old.do("end", date(2010, 1, 1), ground="term_expired", legacy=True)


@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
def test_an_end_lies_within_the_agreements_life() -> None:
    """It does not end before it was signed, nor after its term."""
    early = running().refused("end-within-life", "end", TODAY - DAY, ground="mutual")
    assert early.facts["signed_on"] == "2026-06-01"
    paper = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=BOTH, ends_on="2010-01-01", legacy=True)
    late = paper.refused("end-within-life", "end", date(2011, 1, 1), ground="replaced", legacy=True)
    assert late.facts["ends_on"] == date(2010, 1, 1)


@pytest.mark.clause("P1.6")
def test_an_extension_signed_in_time_and_recorded_late_lifts_the_expiry() -> None:
    """Scenario 15: nothing is undone in the log; the agreement is in force without gap, and ends with its new term."""
    case = running()
    case.pass_time(END + DAY)
    assert state_of(case) is AgreementState.SETTLING
    case.do("extend", TODAY, numbers=BOTH, ends_on="2031-10-25")
    assert state_of(case) is AgreementState.IN_FORCE
    assert [one.on for one in case.state.umbrella.agreements["perjanjian-1"].lifted] == [END]
    case.pass_time(date(2031, 10, 26))
    assert (case.last.ground, case.last.rests_on) == ("term_expired", date(2031, 10, 25))


def test_a_corrected_term_lifts_the_expiry_or_brings_it() -> None:
    """Scenario 21: moved ahead the end is without effect; moved to a day that has passed it is recorded at once."""
    case = running().pass_time(END + DAY)
    case.correct(facts.AgreementSigned, ends_on="2027-10-25")
    assert state_of(case) is AgreementState.IN_FORCE
    paper = Case.paper().do("sign-agreement", date(2015, 1, 1), numbers=BOTH, ends_on="2030-01-01", legacy=True)
    paper.do("close-backfill")
    paper.correct(facts.AgreementSigned, ends_on="2026-01-01")
    corrected, ended = paper.facts[-2:]
    assert isinstance(corrected, facts.Corrected)
    assert (ended.rests_on, paper.events[-1].occurredon) == (date(2026, 1, 1), date(2026, 1, 1))
    assert state_of(paper) is AgreementState.SETTLING


def test_terms_of_paper_end_when_the_backfill_is_closed() -> None:
    """Until then they are data that still comes in; then they end with their old date, and nobody examines them."""
    case = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=BOTH, ends_on="2010-01-01", legacy=True)
    assert len(case.pass_time(TODAY).facts) == 2
    case.do("close-backfill")
    ended, closed = case.facts[-2:]
    assert (ended.rests_on, ended.clause) == (date(2010, 1, 1), "PP 50/2007 Pasal 21")
    assert (case.events[-2].occurredon, case.events[-2].legacy) == (date(2010, 1, 1), True)
    assert closed == facts.BackfillClosed(facts=2)
    before = case.state.umbrella.settlement
    case.do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="pembagian")
    assert (before, case.state.umbrella.settlement) == ("not_examined", "open")


@pytest.mark.clause("P1.5")
def test_an_accord_ends_and_its_agreements_go_on() -> None:
    """The agreement has its own term (P1.6): an accord that expires ends none of them, and one can be signed after."""
    case = Case().signing().do("sign-accord", numbers=BOTH, ends_on="2026-12-31")
    case.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.do("sign-agreement", numbers=BOTH, ends_on="2030-01-01")
    case.pass_time(date(2027, 1, 1))
    assert (case.last.of, case.last.key, case.last.open_items) == ("accord", "kesepakatan-1", [])
    assert state_of(case) is AgreementState.IN_FORCE
    case.do("open-agreement", agreement="air-baku", title="Air baku")
    case.do("enter-stage", stage="signing", agreement="air-baku").do(
        "sign-agreement", agreement="air-baku", numbers=BOTH
    )
    assert case.state.umbrella.agreements["air-baku"].state is AgreementState.IN_FORCE


@pytest.mark.clause("P6.d.4", "P10.d.4")
@pytest.mark.fault(
    "http A7",
    kind="A later fact lengthens what an earlier one has limited.",
    looked="Notices before and after the term, second notices, notices of what has ended; folds of all three services.",
    found="A second notice moved the end without naming the first.",
)
def test_a_notice_never_lengthens_a_term() -> None:
    """It lies within the term, moves no end, and a reminder counts to the earlier of the two."""
    case = running()
    error = case.refused("notice-within-term", "give-termination-notice", ground="mutual", planned_end_on="2050-01-01")
    assert (error.clause, error.facts["ends_on"]) == ("P6.d.4/P10.d.4", END)
    case.do("give-termination-notice", ground="mutual", planned_end_on="2026-09-30")
    known = case.state.umbrella.agreements["perjanjian-1"]
    assert (known.ends_on, known.planned_end) == (END, date(2026, 9, 30))
    case.pass_time(date(2026, 10, 1))
    assert state_of(case) is AgreementState.IN_FORCE


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_one_notice_lives_and_can_be_revoked() -> None:
    """Scenario 22: the second names the first; revoked, the agreement runs until its term again."""
    case = running().do("give-termination-notice", ground="mutual", planned_end_on="2026-09-30")
    first = case.event(facts.TerminationNoticeGiven)
    again: dict[str, Any] = {"ground": "mutual", "planned_end_on": "2026-08-31"}
    error = case.refused("one-notice", "give-termination-notice", **again)
    assert error.facts["notice"] == str(first)
    case.do("give-termination-notice", replaces=str(first), **again)
    assert case.last.replaces == first
    case.do("revoke-termination-notice", reason="berubah pikiran", document=PAPER)
    assert case.last.notice == case.event(facts.TerminationNoticeGiven)
    assert case.state.umbrella.agreements["perjanjian-1"].planned_end == END
    case.refused("notice-known", "revoke-termination-notice", reason="x")
    case.refused("notice-known", "give-termination-notice", replaces=str(first), **again)
    case.pass_time(END + DAY).refused("while-in-force", "give-termination-notice", **again)


def test_a_later_notice_of_paper_takes_the_place_of_the_earlier() -> None:
    """A history file cannot name events; its notices follow one another."""
    case = Case.paper()
    for day in ("2012-01-01", "2011-01-01"):
        case.do("give-termination-notice", date(2010, 1, 1), ground="breach", planned_end_on=day, legacy=True)
    assert case.last.replaces is not None
    assert case.state.umbrella.agreements["perjanjian-1"].planned_end == date(2011, 1, 1)


@pytest.mark.fault(
    "law L3",
    kind="The end of one thing is taken for the end of all that belongs to it.",
    looked="Rules of the registry after an end, duties that supervision cancels, figures, sight of participants.",
    found="A party that left lost sight of the settlement it takes part in.",
)
@pytest.mark.clause("P6.d.4", "P10.d.4", "P6.d.2", "P10.d.3")
def test_after_an_end_the_settlement_goes_on() -> None:
    """Scenario 13: proofs, problems and disputes go on; with nothing left open the register closes the settlement."""
    case = running().pass_time(END + DAY)
    case.do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="pembagian")
    prove(settled(case), "f")
    assert state_of(case) is AgreementState.SETTLING
    case.do("settle-dispute", dispute="d", manner="deliberation", outcome="sepakat")
    assert case.last == SettlementClosed(agreement="perjanjian-1")
    assert state_of(case) is AgreementState.CLOSED
    case.do("report-problem", problem="p", description="aset tertinggal")
    assert state_of(case) is AgreementState.SETTLING
    case.do("resolve-problem", problem="p", outcome="diserahkan")
    assert (case.last, state_of(case)) == (SettlementClosed(agreement="perjanjian-1"), AgreementState.CLOSED)


def test_what_older_rules_allowed_hinders_no_correction() -> None:
    """A stream that breaks a rule of today without the correction is corrected all the same, and breaks no other."""
    case = running()
    case.do("give-termination-notice", ground="mutual", planned_end_on="2026-09-30")
    case.correct(facts.TerminationNoticeGiven, planned_end_on="2026-10-01")
    odd = case.events[-2].model_copy(update={"data": case.events[-2].data | {"planned_end_on": "2050-01-01"}})
    case.events[-2] = odd
    case.correct(facts.Registered, title="Pengolahan sampah")
    assert case.state.title == "Pengolahan sampah"
