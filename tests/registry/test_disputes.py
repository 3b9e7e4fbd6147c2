"""Disputes: between parties, one forum, deliberation always, escalation and finality as the bound profile has them."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.registry import DisputeDecisionRequested, DisputeEscalated, DisputeRaised, DisputeSettled, Manner
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, TODAY, YOGYA, Case, reference_to

GOVERNORS = (SOLO, KARANGANYAR)
BRIEF = "P6.d.5/P10.d.5"
DECIDED: dict[str, Any] = {"dispute": "d", "outcome": "tarif dinilai bersama", "number": "Kep 1/2026"}


def quarrel(parties: tuple[str, ...] = GOVERNORS, profile: str = "ksdd-2018") -> Case:
    """A running cooperation with a dispute, under a profile."""
    case = Case.paper(parties)
    if case.state.profile != profile:
        case.do("pin-profile", profile=profile, reason="uji")
    return case.do("raise-dispute", dispute="d", between=list(parties[:2]), description="tarif")


@pytest.mark.clause("P6.d.3", "P10.d.3")
def test_a_dispute_is_between_two_parties_or_more() -> None:
    """It has its key, the parties and what it is about; strangers, and a party with itself, cannot be in dispute."""
    case = quarrel()
    assert case.last == DisputeRaised(dispute="d", between=list(GOVERNORS), description="tarif")
    for between, strangers in (([SOLO, YOGYA], [YOGYA]), ([SOLO, SOLO], [])):
        error = case.refused("dispute-between-parties", "raise-dispute", dispute="e", between=between, description="x")
        assert (error.clause, error.facts["strangers"]) == ("P1.4", strangers)
    error = case.refused("dispute-key-unique", "raise-dispute", dispute="d", between=list(GOVERNORS), description="x")
    assert error.clause == "P6.d.3/P10.d.3"


@pytest.mark.clause("P6.d.5", "P10.d.5")
def test_a_decision_is_requested_once() -> None:
    """A decision can be asked for on an open dispute, once."""
    case = quarrel()
    case.refused("dispute-open", "request-decision", dispute="e")
    case.do("request-decision", dispute="d")
    assert case.last == DisputeDecisionRequested(dispute="d")
    assert case.refused("decision-requested-once", "request-decision", dispute="d").clause == BRIEF


@pytest.mark.clause("P6.d.5", "P10.d.5")
@pytest.mark.parametrize(
    ("parties", "forum"),
    [
        (GOVERNORS, "governor:33"),
        ((SOLO, YOGYA), "minister"),
        (("33", SOLO), "minister"),
        (("33", "34"), "minister"),
        (("31", "32.75"), "minister"),
    ],
)
@pytest.mark.parametrize("profile", ["ksad-2009", "ksdd-2018"])
def test_only_the_right_forum_decides(parties: tuple[str, ...], forum: str, profile: str) -> None:
    """The Governor of the one province, else the Minister; the other one's decision is refused, deliberation never."""
    right, wrong = Manner.MINISTER_DECISION, Manner.GOVERNOR_DECISION
    if forum != "minister":
        right, wrong = wrong, right
    error = quarrel(parties, profile).refused("right-forum", "settle-dispute", manner=wrong, **DECIDED)
    assert (error.clause, error.facts["forum"]) == (BRIEF, forum)
    assert quarrel(parties, profile).do("settle-dispute", manner=right, **DECIDED).last.manner is right
    case = quarrel(parties, profile).do("settle-dispute", dispute="d", manner="deliberation", outcome="sepakat")
    assert case.last == DisputeSettled(
        dispute="d", manner=Manner.DELIBERATION, outcome="sepakat", number=None, document=None, final=False
    )


@pytest.mark.clause("UU 23/2014 Pasal 370(4)")
@pytest.mark.parametrize(
    ("profile", "parties", "manner", "final"),
    [
        ("ksad-2009", GOVERNORS, Manner.GOVERNOR_DECISION, True),
        ("ksad-2009", (SOLO, YOGYA), Manner.MINISTER_DECISION, True),
        ("ksdd-2018", GOVERNORS, Manner.GOVERNOR_DECISION, False),
        ("ksdd-2018", (SOLO, YOGYA), Manner.MINISTER_DECISION, True),
    ],
)
def test_finality_is_that_of_the_profile(profile: str, parties: tuple[str, ...], manner: Manner, final: bool) -> None:
    """Under the law of 2009 both decisions are final, under that of 2018 only the Minister's."""
    assert quarrel(parties, profile).do("settle-dispute", manner=manner, **DECIDED).last.final is final


@pytest.mark.clause("P6.d.5", "P10.d.5")
def test_a_decision_has_a_number_and_may_have_a_document() -> None:
    """A decision without its number is refused; number, outcome and document are in the fact."""
    case = quarrel()
    fields: dict[str, Any] = {"dispute": "d", "manner": "governor_decision", "outcome": "x"}
    assert case.refused("decision-has-number", "settle-dispute", **fields).clause == BRIEF
    paper = reference_to(b"keputusan")
    fact = case.do("settle-dispute", **fields, number="Kep 1/2026", document=paper).last
    assert (fact.number, fact.document, dict(case.state.disputes)["d"].status) == ("Kep 1/2026", paper, "settled")


@pytest.mark.clause("P6.d.3", "P10.d.3")
def test_a_settled_dispute_is_over() -> None:
    """Nothing more is asked, passed on or settled; its key stays taken."""
    case = quarrel().do("settle-dispute", dispute="d", manner="deliberation", outcome="sepakat")
    for command, fields in (
        ("request-decision", {}),
        ("escalate-dispute", {"reason": "x"}),
        ("settle-dispute", {"manner": "deliberation", "outcome": "x"}),
    ):
        assert case.refused("dispute-open", command, dispute="d", **fields).clause == "P6.d.3/P10.d.3"
    case.refused("dispute-key-unique", "raise-dispute", dispute="d", between=list(GOVERNORS), description="x")


@pytest.mark.clause("UU 23/2014 Pasal 370(3)")
def test_what_the_governor_cannot_settle_goes_to_the_minister() -> None:
    """Under the law of 2018 it is passed on once, a decision requested or not; then the Minister alone decides."""
    for asked in (False, True):
        case = quarrel()
        if asked:
            case.do("request-decision", dispute="d")
        case.do("escalate-dispute", dispute="d", reason="tidak tercapai")
        assert case.last == DisputeEscalated(dispute="d", forum="minister", reason="tidak tercapai")
        error = case.refused("escalated-once", "escalate-dispute", dispute="d", reason="x")
        assert error.clause == "UU 23/2014 Pasal 370(3)"
        case.refused("right-forum", "settle-dispute", manner="governor_decision", **DECIDED)
        assert case.do("settle-dispute", manner="minister_decision", **DECIDED).last.final is True


@pytest.mark.clause("UU 23/2014 Pasal 370(3)")
def test_escalation_is_unknown_where_the_law_has_none() -> None:
    """The law of 2009 knows no escalation, and what is the Minister's from the start cannot be passed on to him."""
    error = quarrel(profile="ksad-2009").refused("escalation-known", "escalate-dispute", dispute="d", reason="x")
    assert error.clause == "UU 23/2014 Pasal 370(3)"
    quarrel((SOLO, YOGYA)).refused("escalated-once", "escalate-dispute", dispute="d", reason="x")


@pytest.mark.clause("P2", "P3")
def test_a_governor_who_becomes_a_party_decides_no_more() -> None:
    """A province that joins while a dispute runs takes it from its Governor to the Minister."""
    case = quarrel().do("add-party", region="33")
    case.refused("right-forum", "settle-dispute", manner="governor_decision", **DECIDED)
    case.do("settle-dispute", manner="minister_decision", **DECIDED)


def test_the_forum_is_that_of_the_day() -> None:
    """Two regencies of Papua in dispute: their Governor decides until the division of 2022, then the Minister."""
    parties = ("91.01", "91.03")

    def decided(on: date, manner: str) -> Case:
        case = Case(parties, date(2020, 1, 1), stage=LAST, legacy=True)
        case.do("raise-dispute", date(2021, 1, 1), dispute="d", between=list(parties), description="x")
        return case.do("settle-dispute", on, manner=manner, **DECIDED)

    assert decided(date(2022, 7, 24), "governor_decision").last.manner is Manner.GOVERNOR_DECISION
    assert decided(date(2022, 7, 25), "minister_decision").last.manner is Manner.MINISTER_DECISION
    case = Case(parties, date(2020, 1, 1), stage=LAST, legacy=True)
    case.do("raise-dispute", date(2021, 1, 1), dispute="d", between=list(parties), description="x")
    case.refused("right-forum", "settle-dispute", date(2022, 7, 25), manner="governor_decision", **DECIDED)


def test_a_dispute_of_the_accord_is_recorded_too() -> None:
    """Parties may be in dispute before the agreement; d.3 and d.5 are owed in the last stage only."""
    case = Case().signing().do("sign-accord", TODAY, numbers=BOTH)
    case.do("raise-dispute", dispute="d", between=list(GOVERNORS), description="x")
    assert case.state.dispute("d") is not None
