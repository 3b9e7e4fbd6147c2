"""Signatories: an office of a party, in its capacity; whoever signs an agreement for a head names the letter."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.registry import ActProposed, AdoptingDecision
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain.reference import check_decision
from tests.support.histories.cooperations import BOTH, KARANGANYAR, SOLO, TODAY, YOGYA, Case, reference_to

ACTING = {"capacity": "plt", "number": "100.2.1.3/5/SJ", "date": "2026-03-01"}
LETTER = {"number": "100.3/12/2026", "date": "2026-05-20"}
TERM: dict[str, Any] = {"numbers": BOTH, "effective_on": "2026-06-01", "ends_on": "2030-01-01"}


def signed_by(region: str, capacity: str, mandate: dict[str, str] | None = None) -> dict[str, Any]:
    """One signatory."""
    return {"region": region, "office": "Wali Kota Surakarta", "capacity": capacity, "mandate": mandate}


@pytest.mark.clause("PP 28/2018 Pasal 2")
def test_who_signs_an_agreement_for_a_head_names_the_letter() -> None:
    """With number and day it is in the fact; without, the agreement is refused with what to name."""
    case = Case().agreed()
    error = case.refused("mandate-named", "sign-agreement", **TERM, signatories=[signed_by(SOLO, "mandated")])
    assert error.clause == "PP 28/2018 Pasal 2"
    assert "Kota Surakarta" in error.detail
    case.do("sign-agreement", **TERM, signatories=[signed_by(SOLO, "mandated", LETTER)])
    (one,) = next(fact for fact in case.facts if type(fact).__name__ == "AgreementSigned").signatories
    assert (one.capacity, one.mandate.number, one.mandate.date) == ("mandated", LETTER["number"], date(2026, 5, 20))


@pytest.mark.clause("P1.5", "PP 28/2018 Pasal 2")
def test_an_accord_and_what_came_from_paper_are_recorded_without_the_letter() -> None:
    """The statute speaks of agreements, from its day on; of paper nobody may know the letter."""
    case = Case().signing().do("sign-accord", numbers=BOTH, signatories=[signed_by(SOLO, "mandated")])
    assert case.last.signatories[0].mandate is None
    for capacity in ("mandated", "acting"):
        known = [signed_by(SOLO, capacity)]
        paper = Case.paper().do("sign-agreement", date(2020, 1, 1), numbers=BOTH, legacy=True, signatories=known)
        assert any(getattr(fact, "signatories", None) for fact in paper.facts)


@pytest.mark.clause("P1.3", "P1.4")
@pytest.mark.parametrize("command", ["sign-agreement", "sign-accord"])
def test_one_signs_for_each_party_in_the_capacity_that_is_his(command: str) -> None:
    """Two for one region, a head by mandate and an acting head without a letter are refused; with it he signs."""
    fields = TERM if command == "sign-agreement" else {"numbers": BOTH, "replaces": "kesepakatan-1"}
    for signatories, rule in (
        ([signed_by(SOLO, "head"), signed_by(SOLO, "mandated", LETTER)], "one-signatory"),
        ([signed_by(SOLO, "head", LETTER)], "head-without-mandate"),
        ([signed_by(SOLO, "acting")], "acting-by-letter"),
    ):
        error = Case().agreed().refused(rule, command, **fields, signatories=signatories)
        assert "Kota Surakarta" in error.detail
    Case().agreed().do(command, **fields, signatories=[signed_by(SOLO, "acting", LETTER)])


def test_a_confirmation_names_one_signatory() -> None:
    """Whoever confirms is refused at once, and not whoever confirms last."""
    case = Case((SOLO, KARANGANYAR, YOGYA)).signing()
    numbers = {SOLO: "1"}
    case.do("sign-accord", office=f"region:{SOLO}", numbers=numbers)
    proposal = str(case.event(ActProposed))
    mine: dict[str, Any] = {"office": f"region:{KARANGANYAR}", "proposal": proposal, "numbers": {KARANGANYAR: "2"}}
    case.refused("acting-by-letter", "confirm-act", **mine, signatories=[signed_by(KARANGANYAR, "acting")])
    case.do("confirm-act", **mine, signatories=[signed_by(KARANGANYAR, "acting", LETTER)])


@pytest.mark.clause("P1.3")
def test_signatories_sign_for_parties() -> None:
    """A stranger signs nothing, and a letter is not of a day to come."""
    case = Case().agreed()
    for command, fields in (("sign-agreement", TERM), ("sign-accord", {"numbers": BOTH, "replaces": "kesepakatan-1"})):
        error = case.refused("signatory-of-party", command, **fields, signatories=[signed_by(YOGYA, "head")])
        assert "Kota Yogyakarta" in error.detail
        ahead = signed_by(KARANGANYAR, "mandated", {**LETTER, "date": "2026-06-02"})
        case.refused("date-not-future", command, **fields, signatories=[ahead])


def test_a_decision_says_in_which_capacity_its_head_signed() -> None:
    """An acting Governor decides like any other; the letter that made him so is in the fact, and of no future day."""
    case = Case.paper().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="tarif")
    decided: dict[str, Any] = {"dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "Kep 1/2026"}
    decided["document"] = reference_to(b"keputusan")
    case.refused("date-not-future", "settle-dispute", **decided, signed_as={**ACTING, "date": "2026-06-02"})
    for capacity in ("plt", "plh", "pj", "pjs"):
        for letter in (
            {"number": None, "date": None},
            {"number": "1/2026", "date": None},
            {"number": None, "date": "2026-03-01"},
        ):
            error = case.refused(
                "acting-by-letter", "settle-dispute", **decided, signed_as={"capacity": capacity, **letter}
            )
            assert error.clause == "P6.d.5/P10.d.5"
    fact = case.do("settle-dispute", **decided, signed_as=ACTING).last
    assert (fact.signed_as.capacity, fact.signed_as.date) == ("plt", date(2026, 3, 1))


def test_an_adopting_decision_says_it_too() -> None:
    """The Minister's decision may be signed by who acts for him, by a letter that has been written."""
    decision = AdoptingDecision.model_validate(
        {"number": "1/2026", "date": TODAY, "office": "minister", "signed_as": {**ACTING, "date": date(2026, 3, 1)}}
    )
    check_decision(decision, TODAY)
    with pytest.raises(RuleBrokenError, match="2026"):
        check_decision(decision, date(2026, 2, 28))
    with pytest.raises(RuleBrokenError) as refused:
        check_decision(decision.model_copy(update={"date": date(2026, 2, 1)}), date(2026, 2, 28))
    assert refused.value.rule == "date-not-future"
    unnamed = AdoptingDecision.model_validate(
        {
            "number": "1/2026",
            "date": TODAY,
            "office": "minister",
            "signed_as": {"capacity": "pj", "number": None, "date": None},
        }
    )
    with pytest.raises(RuleBrokenError) as refused:
        check_decision(unnamed, TODAY)
    assert refused.value.rule == "acting-by-letter"
