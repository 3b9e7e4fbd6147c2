"""Stages: the order of Pasal 4 with its returns, and what a body and a legacy fact are free of."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.registry import AccordSigned, AgreementSigned, BackfillClosed, BodyFormed, Stage, StageEntered
from ksad.registry.domain.cooperation import Cooperation, evolve
from tests.support.histories.cooperations import LAST, PAPER, SOLO, TODAY, YOGYA, Case

STAGES = [stage.value for stage in Stage]
WAYS = {
    ("exploration", "negotiation"),
    ("negotiation", "exploration"),
    ("negotiation", "signing"),
    ("signing", "negotiation"),
}
REACHED: dict[str, Callable[[], Case]] = {
    "exploration": Case,
    "negotiation": lambda: Case().negotiating(),
    "signing": lambda: Case().signing(),
    LAST: lambda: Case().running(),
}


@pytest.mark.clause("P4", "P4.b", "P4.c", "P4.d")
def test_the_normal_path_returns_to_negotiation() -> None:
    """Negotiation, accord, negotiation again, agreement, implementation; each step says what it left."""
    case = Case().running()
    ways = [(fact.left.value, fact.stage.value) for fact in case.facts if isinstance(fact, StageEntered)]
    assert ways == [
        ("exploration", "negotiation"),
        ("negotiation", "signing"),
        ("signing", "negotiation"),
        ("negotiation", "signing"),
        ("signing", LAST),
    ]
    assert [AccordSigned, AgreementSigned] == [
        type(fact) for fact in case.facts if isinstance(fact, AccordSigned | AgreementSigned)
    ]


@pytest.mark.clause("P4", "P1.6")
@pytest.mark.parametrize(("left", "entered"), list(product(STAGES, STAGES)))
def test_every_way_between_two_stages_is_allowed_or_refused(left: str, entered: str) -> None:
    """Four ways stand open before an agreement; any other is refused with Pasal 4, and for a legacy fact none is."""
    case = REACHED[left]()
    if (left, entered) in WAYS:
        assert case.do("enter-stage", stage=entered).state.stage == entered
        return
    error = case.refused("stage-order", "enter-stage", stage=entered)
    assert (error.clause, error.facts["left"], error.facts["entered"]) == ("P4", left, entered)
    old = Case.paper() if left == LAST else REACHED[left]()
    assert old.do("enter-stage", stage=entered, legacy=True).state.stage == entered


@pytest.mark.clause("P1.5", "P1.6", "P4.d")
def test_only_the_agreement_opens_the_last_stage() -> None:
    """The accord alone plans; with the agreement signed the register enters the last stage, and nobody leaves it."""
    unsigned = Case().agreed().refused("stage-order", "enter-stage", stage=LAST)
    assert "karena perjanjian belum ditandatangani." in str(unsigned)
    case = Case().signed()
    for stage in STAGES:
        case.refused("stage-order", "enter-stage", stage=stage)


@pytest.mark.clause("P6.a.1.d", "P10.a.1.d", "P6.a.2", "P10.a.2")
def test_a_body_is_formed_in_any_stage() -> None:
    """A cooperation body is recorded with name, seat and instrument, also before anything is signed, more than once."""
    said: dict[str, Any] = {"name": "Sekber", "seat": "Surakarta", "instrument": "Keputusan Bersama 1/2026"}
    for reach in REACHED.values():
        assert reach().do("form-body", **said).do("form-body", **said).last == BodyFormed(**said, document=PAPER)


def test_legacy_facts_stop_when_the_backfill_is_closed() -> None:
    """The close counts the legacy facts; after it none comes in, and it closes once."""
    case = Case(legacy=True).do("enter-stage", stage="negotiation", legacy=True)
    assert case.do("close-backfill").last == BackfillClosed(facts=2)
    case.refused("backfill-open", "enter-stage", stage="signing", legacy=True)
    case.refused("backfill-open", "close-backfill")
    assert case.do("enter-stage", stage="signing").state.stage is Stage.SIGNING


def test_an_ended_legacy_cooperation_is_closed_too() -> None:
    """What was over before the platform still gets its close, so that an import ends the same way for all."""
    case = Case.paper().do("end", ground="object_lost", reason="musnah", legacy=True).do("close-backfill")
    assert case.last == BackfillClosed(facts=2)


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
