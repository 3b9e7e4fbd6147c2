"""The registry's rules, each as given facts, a command, and what follows."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import AccordSigned, AgreementSigned, Stage
from contracts.rules import RuleBrokenError
from registry.domain.cooperation import Cooperation, evolve
from tests.support.cooperations import BOTH, HEAD, KARANGANYAR, SOLO, TODAY, YOGYA, Case


@pytest.mark.clause("P4.a")
def test_a_new_cooperation_begins_with_exploration() -> None:
    """A cooperation that is no legacy begins with exploration."""
    assert Case().state.stage is Stage.EXPLORATION
    case = Case.__new__(Case)
    case.state, case.facts = Cooperation(), []
    case.refused("begins-with-exploration", "register", **HEAD, parties=[SOLO, KARANGANYAR], stage="negotiation")


@pytest.mark.clause("P4")
@pytest.mark.clause("P4.b")
@pytest.mark.clause("P4.c")
@pytest.mark.clause("P4.d")
def test_the_normal_path_returns_to_negotiation() -> None:
    """Negotiation, accord, negotiation again, agreement, implementation is the normal path."""
    case = Case().running()

    assert case.state.stage is Stage.IMPLEMENTATION_AND_TERMINATION
    assert [AccordSigned, AgreementSigned] == [
        type(fact) for fact in case.facts if isinstance(fact, AccordSigned | AgreementSigned)
    ]


@pytest.mark.clause("P4")
@pytest.mark.parametrize("stage", ["signing", "implementation_and_termination"])
def test_a_stage_out_of_order_is_refused(stage: str) -> None:
    """From exploration no way leads straight to signing or implementation, except for legacy facts."""
    error = Case().refused("stage-order", "enter-stage", stage=stage)
    assert error.clause == "P4"
    assert Case().do("enter-stage", stage=stage, legacy=True).state.stage == stage


@pytest.mark.clause("P1.1")
@pytest.mark.clause("P1.4")
@pytest.mark.parametrize(
    ("parties", "rule"),
    [
        ([SOLO], "parties-differ"),
        ([SOLO, SOLO], "parties-differ"),
        ([SOLO, "31.71"], "region-autonomous"),
        ([SOLO, "99.99"], "region-known"),
        ([SOLO, "91.01"], "region-valid"),
        ([SOLO, "PT Maju"], "party-is-region"),
    ],
)
def test_parties_are_two_different_regions(parties: list[str], rule: str) -> None:
    """Parties are at least two different autonomous regions that exist on that day."""
    case = Case.__new__(Case)
    case.state, case.facts = Cooperation(), []
    with pytest.raises(RuleBrokenError) as caught:
        case.do("register", **HEAD, parties=parties)
    assert caught.value.clause
    assert rule == caught.value.rule


@pytest.mark.parametrize(("on", "rule"), [(date(1945, 8, 16), "date-plausible"), (date(2026, 6, 2), "date-not-future")])
def test_facts_lie_between_independence_and_today(on: date, rule: str) -> None:
    """A fact before 17 August 1945, or one that has not happened yet, is refused."""
    Case().refused(rule, "form-body", on, name="B", seat="S", instrument="1")


@pytest.mark.clause("P1.5")
@pytest.mark.clause("P1.6")
def test_an_instrument_has_one_number_per_party() -> None:
    """An accord or agreement carries exactly one number for each party."""
    case = Case().do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.refused("number-per-party", "sign-accord", numbers={SOLO: "1"})
    case.refused("number-per-party", "sign-accord", numbers={**BOTH, YOGYA: "3"})
    case.refused("signed-at-signing", "sign-agreement", numbers=BOTH)


@pytest.mark.clause("P1.6")
def test_an_agreement_ends_after_it_begins() -> None:
    """An agreement that ends before it takes effect is refused; an extension moves the end later."""
    case = Case().do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.do("sign-accord", numbers=BOTH)
    case.refused(
        "ends-after-effective", "sign-agreement", numbers=BOTH, effective_on="2026-06-01", ends_on="2026-05-01"
    )
    case = Case().running()
    case.refused("extension-is-longer", "extend", numbers=BOTH, ends_on="2029-01-01")
    assert case.do("extend", numbers=BOTH, ends_on="2031-01-01").state.ends_on == date(2031, 1, 1)
    Case().refused("agreement-signed", "amend", numbers=BOTH)


def test_signing_binds_the_profile_of_that_day() -> None:
    """A cooperation registered under the law of 2009 is bound to that of 2018 when it signs under it."""
    case = Case.__new__(Case)
    case.state, case.facts = Cooperation(), []
    case.do("register", date(2015, 1, 1), legacy=True, **HEAD, parties=[SOLO, KARANGANYAR], stage="signing")
    before = case.state.profile
    case.do("sign-agreement", date(2020, 1, 1), legacy=True, numbers=BOTH)

    assert (before, case.state.profile) == ("ksad-2009", "ksdd-2018")


def test_parties_join_and_leave() -> None:
    """A region joins once, and two different ones must stay."""
    case = Case()
    case.refused("region-not-party", "add-party", region=SOLO)
    case.refused("region-is-party", "withdraw-party", region=YOGYA)
    case.refused("parties-differ", "withdraw-party", region=SOLO)
    case.do("add-party", region=YOGYA).do("withdraw-party", region=SOLO)
    assert case.state.parties == (KARANGANYAR, YOGYA)


def test_a_proposal_is_withdrawn_before_anything_is_signed() -> None:
    """After a signature a cooperation ends, it is not withdrawn."""
    assert Case().do("withdraw-proposal", reason="x").state.withdrawn
    Case().signed().refused("nothing-signed", "withdraw-proposal", reason="x")


def test_legacy_facts_stop_when_the_backfill_is_closed() -> None:
    """Once the backfill is closed no legacy fact comes in, and it closes once."""
    case = Case().do("enter-stage", stage="negotiation", legacy=True).do("close-backfill")
    assert case.facts[-1].facts == 1
    case.refused("backfill-open", "enter-stage", stage="signing", legacy=True)
    case.refused("backfill-open", "close-backfill")


@given(st.data())
def test_folds_are_total_and_deterministic(data: st.DataObject) -> None:
    """Any facts in any order fold without an error, twice to the same state."""
    pool = [*Case().running().facts, *Case((SOLO, YOGYA)).do("report-problem", problem="p", description="x").facts]
    chosen = data.draw(st.lists(st.sampled_from(pool), max_size=12))

    def folded() -> Cooperation:
        state = Cooperation()
        for fact in chosen:
            state = evolve(state, fact, TODAY)
        return state

    assert folded() == folded()
