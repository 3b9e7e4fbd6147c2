"""The order of dates: what happened cannot precede what it presupposes, under any reading of partly known dates."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.dates import PartialDate, in_words
from ksad.contracts.law import Basis
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain import order
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, TODAY, YOGYA, Case, reference_to

DAY = timedelta(days=1)
DISPUTED: dict[str, Any] = {"dispute": "d", "between": [SOLO, KARANGANYAR], "description": "tarif"}
DECIDED: dict[str, Any] = {
    "dispute": "d",
    "manner": "governor_decision",
    "outcome": "x",
    "number": "1",
    "document": reference_to(b"keputusan"),
}
KNOWN = [f"C{number}" for number in range(1, 24)]


def old(**term: Any) -> Case:
    """A legacy cooperation of 2000 with an agreement of 2005."""
    return Case.paper().do("sign-agreement", date(2005, 6, 1), numbers=BOTH, legacy=True, **term)


@pytest.mark.fault(
    "http A7",
    kind="nothing checks in which order the dates of one cooperation come",
    looked="every command with a date, live, legacy, partly known; plans, corrections, tasks, boundary changes, days",
    found="an end of the whole cooperation before its accord; the running day passed as over",
)
@pytest.mark.parametrize(
    ("rule", "name", "on", "fields"),
    [
        ("dispute-in-order", "settle-dispute", date(2001, 1, 1), DECIDED),
        ("after-registration", "request-decision", date(2026, 5, 31), {"dispute": "d"}),
        ("notice-within-term", "give-termination-notice", TODAY, {"ground": "mutual", "planned_end_on": "2050-01-01"}),
        ("joined-before-left", "add-party", date(1950, 1, 1), {"region": YOGYA, "agreements": []}),
        ("while-in-force", "add-party", date(1950, 1, 1), {"region": YOGYA}),
        ("term-after-signing", "amend", date(1990, 1, 1), {"numbers": BOTH, "ends_on": "1990-01-02"}),
        ("end-within-life", "end", date(1950, 1, 1), {"ground": "mutual"}),
        ("after-registration", "report-problem", date(2026, 5, 31), {"problem": "p", "description": "x"}),
        ("after-registration", "raise-dispute", date(2026, 5, 31), {**DISPUTED, "dispute": "e"}),
        ("extension-is-longer", "extend", TODAY, {"numbers": BOTH, "ends_on": "2030-01-01"}),
    ],
)
def test_what_a_clerk_wrote_over_http(rule: str, name: str, on: date, fields: dict[str, Any]) -> None:
    """Scenario 7: each of the impossible dates of the trial is refused by its rule, and nothing is recorded."""
    case = Case().running().do("raise-dispute", **DISPUTED)
    case.refused(rule, name, on, **fields)
    assert case.state.ends_on == date(2030, 1, 1)


@pytest.mark.fault("http A7")
@pytest.mark.parametrize(
    ("term", "said"),
    [
        ({"effective_on": "1990-01-01", "ends_on": "1995-01-01"}, "tidak setelah penandatanganan 1 Juni 2026"),
        ({"effective_on": "2027-01-01", "ends_on": "2026-12-01"}, "tidak setelah mulai berlaku 1 Januari 2027"),
        ({"ends_on": "2025"}, "Jangka waktu berakhir 2025"),
    ],
)
def test_a_term_ends_after_it_has_begun(term: dict[str, Any], said: str) -> None:
    """Signed today, effective 1990, ends 1995 is refused; a beginning before the signing alone is recorded."""
    error = Case().agreed().refused("term-after-signing", "sign-agreement", numbers=BOTH, **term)
    assert said in error.detail
    began: dict[str, Any] = {"effective_on": "1990-01-01", "ends_on": "2027-01-01"}
    assert Case().agreed().do("sign-agreement", numbers=BOTH, **began).state.has_agreement


@pytest.mark.fault("http A7")
def test_a_corrected_term_keeps_the_order() -> None:
    """Scenario 7: the end corrected to 1951 is refused by C8, told as the rule that the stream would break."""
    case = Case().running()
    fields = {"ends_on": "1951-01-01"}
    error = case.refused(
        "correction-keeps-rules", "correct", corrects=case.event(facts.AgreementSigned), reason="x", fields=fields
    )
    assert (error.facts["breaks"], error.clause) == ("term-after-signing", "P1.6")


@pytest.mark.fault("http A7")
def test_the_last_stage_waits_for_its_agreement() -> None:
    """An agreement that takes effect in 2030 is not carried out before."""
    case = Case().agreed().do("sign-agreement", numbers=BOTH, effective_on="2030-01-01", ends_on="2035-01-01")
    error = case.refused("stage-in-order", "enter-stage", stage=LAST)
    assert "1 Januari 2030" in error.detail


@pytest.mark.clause("P4", "P4.c", "P1.5")
def test_stages_and_signing_follow_one_another() -> None:
    """A stage is not entered before the last one, nor anything signed before the stage of signing; a renewal may be."""
    case = Case(on=TODAY - 9 * DAY).do("enter-stage", TODAY - 5 * DAY, stage="negotiation")
    error = case.refused("stage-in-order", "enter-stage", TODAY - 6 * DAY, stage="signing")
    assert "27 Mei 2026" in error.detail
    case.do("enter-stage", TODAY - 3 * DAY, stage="signing")
    case.refused("signed-after-stage", "sign-accord", TODAY - 4 * DAY, numbers=BOTH)
    case.do("sign-accord", TODAY - 3 * DAY, numbers=BOTH)
    case.do("sign-accord", TODAY - 4 * DAY, numbers=BOTH, replaces="kesepakatan-1")


@pytest.mark.clause("PP 28/2018 Pasal 6(1)")
def test_an_agreement_does_not_precede_its_accord() -> None:
    """The order of the law holds for paper, too; what nobody links is not compared."""
    case = Case.paper().do("sign-accord", date(2010, 5, 1), numbers=BOTH, legacy=True)
    error = case.refused(
        "agreement-after-accord", "sign-agreement", date(2009, 1, 1), numbers=BOTH, accord="kesepakatan-1", legacy=True
    )
    assert "1 Mei 2010" in error.detail
    case.do("sign-agreement", date(2009, 1, 1), numbers=BOTH, legacy=True)


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_a_council_approves_a_draft() -> None:
    """It decides on a draft that there is; one that decides after the signing is recorded."""
    case = Case().running().do("open-agreement", agreement="air", title="Air")
    fields: dict[str, Any] = {"region": SOLO, "number": "1", "agreement": "air"}
    late = Case(on=TODAY - 9 * DAY)
    late.do("open-agreement", TODAY - 2 * DAY, agreement="air", title="Air")
    late.refused("approval-in-order", "record-council-approval", TODAY - 3 * DAY, **fields)
    case.do("record-council-approval", **fields)


@pytest.mark.clause("P1.4")
def test_a_region_leaves_what_it_has_joined() -> None:
    """It joins what there is, and does not leave before it came; its name is told."""
    case = Case((SOLO, KARANGANYAR, "33.11"), TODAY - 9 * DAY)
    error = case.refused("joined-before-left", "withdraw-party", TODAY - 10 * DAY, region="33.11")
    assert "Sukoharjo baru menjadi pihak pada 23 Mei 2026" in error.detail
    case.do("add-party", TODAY - 2 * DAY, region=YOGYA)
    case.refused("joined-before-left", "withdraw-party", TODAY - 3 * DAY, region=YOGYA)
    case.do("withdraw-party", TODAY - 2 * DAY, region=YOGYA)


def test_who_joined_in_a_year_leaves_what_there_is() -> None:
    """A joining that is known to the year alone does not let the region leave before there was a cooperation."""
    case = Case.paper(on=date(2006, 5, 1)).do("add-party", "2006", region=YOGYA, legacy=True)
    error = case.refused("joined-before-left", "withdraw-party", date(2006, 3, 1), region=YOGYA, legacy=True)
    assert "1 Mei 2006" in error.detail
    case.do("withdraw-party", date(2006, 6, 1), region=YOGYA, legacy=True)


@pytest.mark.parametrize(
    ("begins", "entered"), [({}, ("2026-05-01", "month")), ({"effective_on": "2026-05-03"}, ("2026-05-20", "day"))]
)
def test_what_is_signed_in_a_month_is_in_force_in_that_month(begins: dict[str, Any], entered: tuple[str, str]) -> None:
    """The register enters the last stage as exactly as the signing is known, and not before the stage that is left."""
    case = Case(on=date(2026, 4, 1))
    for stage in ("negotiation", "signing"):
        case.do("enter-stage", date(2026, 4, 10), stage=stage)
    case.do("sign-accord", date(2026, 4, 10), numbers=BOTH)
    for stage in ("negotiation", "signing"):
        case.do("enter-stage", date(2026, 5, 20), stage=stage)
    case.do("sign-agreement", "2026-05", numbers=BOTH, ends_on="2030-01-01", **begins).pass_time(TODAY)

    assert case.state.stage == LAST
    assert (case.events[-1].occurredon.isoformat(), case.events[-1].dateprecision) == entered


def test_problems_and_disputes_follow_one_another() -> None:
    """Also on paper nothing is resolved before it was reported, nor arises before there was a cooperation."""
    case = old().do("report-problem", date(2007, 3, 1), problem="p", description="x", legacy=True)
    error = case.refused("problem-in-order", "resolve-problem", date(2006, 4, 1), problem="p", outcome="x", legacy=True)
    assert error.detail == (
        "Permasalahan diselesaikan (1 April 2006) sebelum dilaporkan (1 Maret 2007). Periksa tanggalnya."
    )
    said = {"problem": "q", "description": "x", "legacy": True}
    assert "diusulkan" in case.refused("problem-in-order", "report-problem", date(1999, 1, 1), **said).detail
    case.refused("dispute-in-order", "raise-dispute", date(1999, 1, 1), legacy=True, **DISPUTED)
    case.do("raise-dispute", date(2015, 1, 1), legacy=True, **DISPUTED)
    case.refused("dispute-in-order", "escalate-dispute", date(2014, 12, 1), dispute="d", reason="x", legacy=True)
    case.do("escalate-dispute", date(2016, 1, 1), dispute="d", reason="x", legacy=True)
    decision = {**DECIDED, "manner": "minister_decision", "legacy": True}
    assert "dilimpahkan" in case.refused("dispute-in-order", "settle-dispute", date(2015, 6, 1), **decision).detail
    case.do("settle-dispute", date(2016, 6, 1), **decision)


def test_a_cooperation_ends_after_what_it_had_was_signed() -> None:
    """An agreement that has ended before counts, too: a cooperation that never had it could not end with it."""
    case = Case.paper().do("sign-agreement", date(2010, 5, 1), numbers=BOTH, legacy=True)
    case.do("end", date(2011, 5, 1), ground="mutual", agreement="perjanjian-1", legacy=True)
    error = case.refused("end-within-life", "end", date(2009, 5, 1), ground="mutual", legacy=True)
    assert "1 Mei 2010" in error.detail
    case.do("end", date(2012, 5, 1), ground="mutual", legacy=True)


@pytest.mark.clause("P6.d.4", "P10.d.4")
@pytest.mark.fault("http A8", kind="items count while nothing ends", looked="all items", found="nothing")
def test_the_workbook_waits_for_the_end_to_come_near() -> None:
    """C18: 180 days before the term, from a notice, or after an end; before, nothing is listed or divided."""
    case = Case(on=TODAY - 9 * DAY).running()
    listed: dict[str, Any] = {"nihil": "tidak ada aset"}
    assert case.refused("workbook-in-time", "inventory-goods", **listed).facts["lead_days"] == 180
    case.do("give-termination-notice", ground="mutual", planned_end_on="2026-12-31")
    case.refused("workbook-in-time", "inventory-goods", TODAY - DAY, **listed)
    case.do("inventory-goods", **listed)
    near = Case().agreed().do("sign-agreement", numbers=BOTH, ends_on=(TODAY + 180 * DAY).isoformat())
    near.do("inventory-goods", **listed)
    Case().running().do("end", ground="mutual").do("inventory-goods", **listed)


@pytest.mark.parametrize(
    ("earlier", "later", "refused"),
    [
        ("2026-03-10", "2026-03-09", True),
        ("2026-03-10", "2026-03", False),
        ("2026-03-10", "2026-02", True),
        ("2026-03", "2026-03-01", False),
        ("2026", "2026-01-01", False),
        ("2026-03", "2026", False),
        ("2026", "2025", True),
    ],
)
def test_impossible_means_under_every_reading(earlier: str, later: str, *, refused: bool) -> None:
    """Principle 2: of a month or a year, what is possible on one of its days is recorded."""
    case = Case(on=date(2024, 1, 1))
    case.do("report-problem", earlier, problem="p", description="x")
    if refused:
        case.refused("problem-in-order", "resolve-problem", later, problem="p", outcome="x")
    else:
        case.do("resolve-problem", later, problem="p", outcome="x")


@pytest.mark.parametrize(("text", "said"), [("2026-05-05", "5 Mei 2026"), ("2026-05", "Mei 2026"), ("2026", "2026")])
def test_a_date_is_told_as_exactly_as_it_is_known(text: str, said: str) -> None:
    """An office writes months in words, and no day that nobody knows."""
    assert in_words(PartialDate.parse(text)) == said


def test_an_unknown_or_open_term_is_not_guessed() -> None:
    """C16: without limit nothing ends by its term; where nobody knows the term, people say that it has run out."""
    case = Case().agreed().do("sign-agreement", numbers=BOTH, term="open")
    case.refused("term-over", "end", ground="term_expired", agreement="perjanjian-1")
    case = Case().agreed().do("sign-agreement", numbers=BOTH, term="unknown")
    case.do("end", ground="term_expired", agreement="perjanjian-1")


def test_the_table_has_every_rule_once() -> None:
    """C1 to C23, each with a name of its own, for legacy facts as designed; few rest on the words of a clause."""
    table = [*order.AT_ONCE, *order.AFTERWARDS, *order.ELSEWHERE]
    assert sorted((rule.number for rule in table), key=KNOWN.index) == KNOWN
    assert len({rule.name for rule in table}) == len(table)
    legacy = [rule.number for rule in table if rule.legacy]
    assert sorted(legacy, key=KNOWN.index) == [
        *("C1", "C2", "C7", "C8", "C10", "C11", "C12", "C13", "C14", "C15", "C16", "C19", "C23")
    ]
    assert {rule.number for rule in table if rule.basis is Basis.TEXT} == {"C7", "C16", "C19"}
    assert {rule.number for rule in table if rule.basis is Basis.INFERENCE} == {"C5", "C6", "C15"}
    assert all(rule.clause for rule in table if rule.basis in {Basis.TEXT, Basis.INFERENCE})


def test_the_first_rule_that_is_broken_answers() -> None:
    """A fact that is too early in two ways is told of the first of them."""
    with pytest.raises(RuleBrokenError, match="baru diusulkan") as caught:
        Case().running().do("report-problem", TODAY - DAY, problem="p", description="x")
    assert caught.value.rule == "after-registration"
