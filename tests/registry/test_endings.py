"""Problems, disputes and endings: the right forum only, and a checklist that is done before the end."""

from typing import Any, cast

import pytest

from contracts.registry import Manner
from tests.support.cooperations import BOTH, KARANGANYAR, SOLO, YOGYA, Case, adopted


@pytest.mark.clause("P6.d.2")
@pytest.mark.clause("P10.d.2")
def test_problems_are_reported_once_and_resolved_once() -> None:
    """A problem's key is unique, and only an open one is resolved."""
    case = Case().do("report-problem", problem="p", description="x")
    case.refused("problem-key-unique", "report-problem", problem="p", description="x")
    case.do("resolve-problem", problem="p", outcome="y")
    case.refused("problem-open", "resolve-problem", problem="p", outcome="y")


@pytest.mark.clause("P10.d.3")
@pytest.mark.clause("P10.d.5")
def test_in_one_province_the_governor_decides_and_can_escalate() -> None:
    """Between regions of one province the Governor is the forum; under the law of 2018 it can go to the Minister."""
    case = Case().running().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    case.refused("right-forum", "settle-dispute", dispute="d", manner="minister_decision", outcome="x", number="1")
    case.do("request-decision", dispute="d")
    case.refused("decision-requested-once", "request-decision", dispute="d")
    case.do("escalate-dispute", dispute="d", reason="tidak tercapai")
    case.refused("right-forum", "settle-dispute", dispute="d", manner="governor_decision", outcome="x", number="1")
    case.do("settle-dispute", dispute="d", manner="minister_decision", outcome="x", number="1")
    assert case.facts[-1].final is True
    case.refused("dispute-open", "settle-dispute", dispute="d", manner="deliberation", outcome="x")


@pytest.mark.clause("P6.d.3")
@pytest.mark.clause("P6.d.5")
def test_across_provinces_the_minister_decides() -> None:
    """With a province as party, or across provinces, no Governor decides and nothing is escalated."""
    for parties in ((SOLO, YOGYA), ("33", SOLO)):
        case = Case(parties).do("raise-dispute", dispute="d", between=list(parties), description="x")
        fields: dict[str, Any] = {"dispute": "d", "outcome": "x", "number": "1"}
        error = case.refused("right-forum", "settle-dispute", manner="governor_decision", **fields)
        assert error.facts["forum"] == "minister"
        case.refused("escalated-once", "escalate-dispute", dispute="d", reason="x")
        case.do("settle-dispute", manner=Manner.MINISTER_DECISION, **fields)


def test_disputes_are_between_parties() -> None:
    """A dispute has two sides, both parties."""
    case = Case()
    case.refused("dispute-between-parties", "raise-dispute", dispute="d", between=[SOLO, YOGYA], description="x")
    case.refused("dispute-between-parties", "raise-dispute", dispute="d", between=[SOLO, SOLO], description="x")


def _item(case: Case, item: str, **fields: Any) -> None:
    case.do("complete-termination-item", item=item, **fields)


@pytest.mark.clause("P6.d.4.a")
@pytest.mark.clause("P6.d.4.b")
@pytest.mark.clause("P6.d.4.c")
@pytest.mark.clause("P6.d.4.d")
@pytest.mark.clause("P6.d.4.e")
@pytest.mark.clause("P6.d.4.f")
@pytest.mark.clause("P10.d.4.a")
@pytest.mark.clause("P10.d.4.b")
@pytest.mark.clause("P10.d.4.c")
@pytest.mark.clause("P10.d.4.d")
@pytest.mark.clause("P10.d.4.e")
@pytest.mark.clause("P10.d.4.f")
@pytest.mark.parametrize("parties", [(SOLO, KARANGANYAR)])
def test_the_checklist_is_done_in_order_with_evidence(parties: tuple[str, str]) -> None:
    """Items a and b come before c, d and e after c, f last; d and e per party; c in rupiah; the end needs all."""
    case = Case(parties).running()
    case.refused("item-order", "complete-termination-item", item="c", amount_idr=1)
    case.refused("checklist-complete", "end", ground="purpose_achieved")
    _item(case, "a")
    case.refused("item-once", "complete-termination-item", item="a")
    _item(case, "b")
    case.refused("item-in-rupiah", "complete-termination-item", item="c")
    _item(case, "c", amount_idr=4_000_000_000)
    case.refused("item-per-party", "complete-termination-item", item="d")
    case.refused("item-order", "complete-termination-item", item="f")
    for region in (SOLO, KARANGANYAR):
        _item(case, "d", region=region, amount_idr=2_000_000_000)
        case.refused("item-proof", "complete-termination-item", item="e", region=region)
        _item(case, "e", region=region, proof="asset_record")
        _item(case, "e", region=region, proof="council_report")
    _item(case, "f")
    case.do("end", ground="purpose_achieved")
    assert case.state.ended
    assert case.facts[-1].open_items == []
    case.refused("cooperation-open", "report-problem", problem="p", description="x")


def test_the_checklist_is_open() -> None:
    """Items beyond a to f can be added ("antara lain"), and then they are owed too."""
    case = Case().running().do("add-termination-item", item="arsip", description="serah terima arsip")
    case.refused("item-unique", "add-termination-item", item="a", description="x")
    case.refused("item-known", "complete-termination-item", item="lain")
    error = case.refused("checklist-complete", "end", ground="purpose_achieved")
    assert "arsip evidence" in list(cast("list[str]", error.facts["open_items"]))


def test_grounds_are_those_of_the_profile() -> None:
    """An unknown ground is refused; one that allows open items needs the reason, which is kept."""
    case = Case().running()
    case.refused("ending-ground", "end", ground="bored")
    open_ground = next(ground.key for ground in adopted().law.profile(case.state.profile).endings if ground.open_items)
    case.refused("open-items-with-reason", "end", ground=open_ground)
    case.do("end", ground=open_ground, reason="objek musnah")
    assert len(case.facts[-1].open_items) == 10


def test_what_was_never_signed_is_withdrawn_not_ended() -> None:
    """Before anything is signed there is no cooperation to end: the refusal names the command to use."""
    case = Case().do("enter-stage", stage="negotiation")
    error = case.refused("something-signed", "end", ground="purpose_achieved")
    assert "withdraw-proposal" in error.detail
    case.do("withdraw-proposal", reason="tidak dilanjutkan")


def test_an_accord_that_stalls_can_end_without_the_checklist() -> None:
    """With an accord alone there is nothing to divide: it ends with its ground, and no item is left open."""
    case = Case().do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.do("sign-accord", numbers=BOTH).do("end", ground="purpose_achieved")
    assert case.state.ended
    assert case.facts[-1].open_items == []
