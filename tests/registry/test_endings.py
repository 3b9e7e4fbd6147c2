"""Endings: the grounds of the bound profile, the notice, and the checklist of d.4, done by the parties."""

from datetime import date
from typing import Any, cast

import pytest

from ksad.contracts.law import packaged
from ksad.contracts.registry import Ended, TerminationItemAdded, TerminationItemCompleted, TerminationNoticeGiven
from ksad.registry.domain.endings import open_slots
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, YOGYA, Case, adopted, reference_to

CHECKLIST = "P6.d.4/P10.d.4"
FOUR = (SOLO, KARANGANYAR, "33.11", "33.10")
GROUNDS = [(profile.id, ground) for profile in packaged().profiles.values() for ground in profile.endings]


def under(profile: str) -> Case:
    """A running cooperation under a profile."""
    case = Case.paper()
    return case if case.state.profile == profile else case.do("pin-profile", profile=profile, reason="uji")


def open_ones(case: Case) -> list[str]:
    """What is still to be proved."""
    return open_slots(case.state, adopted().law.profile(case.state.profile).checklist)


def prove(case: Case, item: str, **fields: Any) -> Case:
    """One proof."""
    return case.do("complete-termination-item", item=item, **fields)


def divided(case: Case) -> Case:
    """Items a, b and c are done."""
    return prove(prove(prove(case, "a"), "b"), "c", amount_idr=4_000_000_000)


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_notice_is_given_with_its_ground_and_day() -> None:
    """The fact has ground and planned end, and the planned end replaces the agreement's."""
    case = Case().running().do("give-termination-notice", ground="mutual", planned_end_on="2026-12-31")
    assert case.last == TerminationNoticeGiven(ground="mutual", planned_end_on=date(2026, 12, 31))
    assert (case.state.notice, case.state.ends_on) == ("mutual", date(2026, 12, 31))


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_notice_needs_an_agreement_and_looks_ahead() -> None:
    """Before the agreement there is nothing to end early; the planned end has not passed and is plausible."""
    error = (
        Case()
        .agreed()
        .refused("agreement-signed", "give-termination-notice", ground="mutual", planned_end_on="2027-01-01")
    )
    assert error.clause == "P1.6"
    case = Case().running()
    error = case.refused("end-ahead", "give-termination-notice", ground="mutual", planned_end_on="2026-05-31")
    assert error.clause == CHECKLIST
    case.refused("date-plausible", "give-termination-notice", ground="mutual", planned_end_on="2999-01-01")


@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
@pytest.mark.parametrize(("profile", "ground"), GROUNDS, ids=lambda one: getattr(one, "key", one))
def test_each_ground_of_each_profile(profile: str, ground: Any) -> None:
    """Notice is given for early grounds only; an open checklist stands in the way unless the ground allows it."""
    case = under(profile)
    notice = {"ground": ground.key, "planned_end_on": "2026-12-31"}
    if ground.early:
        case.do("give-termination-notice", **notice)
    else:
        assert case.refused("ground-is-early", "give-termination-notice", **notice).clause == ground.source
    if not ground.open_items:
        assert case.refused("checklist-complete", "end", ground=ground.key, reason="x").clause == CHECKLIST
        return
    assert case.refused("open-items-with-reason", "end", ground=ground.key).clause == CHECKLIST
    case.do("end", ground=ground.key, reason="tidak ada yang dibagi")
    assert case.last == Ended(ground=ground.key, open_items=open_ones(under(profile)), reason="tidak ada yang dibagi")


@pytest.mark.parametrize("profile", ["ksad-2009", "ksdd-2018"])
def test_a_ground_of_another_profile_is_none(profile: str) -> None:
    """A ground that the bound profile has not is refused, for notice and end, with the profile's own and its source."""
    mine = {ground.key for name, ground in GROUNDS if name == profile}
    others = {ground.key for _, ground in GROUNDS} - mine
    assert others
    for key in (*sorted(others), "bored", "leadership_change"):
        for command, fields in (("end", {}), ("give-termination-notice", {"planned_end_on": "2026-12-31"})):
            error = under(profile).refused("ending-ground", command, ground=key, **fields)
            assert error.clause == ("PP 28/2018 Pasal 9(1)" if profile == "ksdd-2018" else "PP 50/2007 Pasal 21")
            assert all(one in error.detail for one in mine)


@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
def test_the_checklist_is_done_in_order_with_evidence() -> None:
    """Items a and b come before c, d and e after c, f last; d and e per party; c in rupiah; the end needs all."""
    case = Case().running()
    assert case.refused("item-order", "complete-termination-item", item="c", amount_idr=1).facts["before"] == ["a", "b"]
    case.refused("checklist-complete", "end", ground="purpose_achieved")
    prove(case, "a")
    assert case.refused("item-once", "complete-termination-item", item="a").clause == CHECKLIST
    assert case.refused("item-order", "complete-termination-item", item="c", amount_idr=1).facts["before"] == ["b"]
    prove(case, "b")
    for item in ("d", "e"):
        proof = {"proof": "asset_record"} if item == "e" else {}
        error = case.refused("item-order", "complete-termination-item", item=item, region=SOLO, **proof)
        assert (error.clause, error.facts["before"]) == (CHECKLIST, ["c"])
    assert case.refused("item-in-rupiah", "complete-termination-item", item="c").clause == CHECKLIST
    prove(case, "c", amount_idr=4_000_000_000)
    for region in (SOLO, KARANGANYAR):
        case.refused("item-order", "complete-termination-item", item="f")
        prove(case, "d", region=region, amount_idr=2_000_000_000)
        prove(case, "e", region=region, proof="asset_record")
        prove(case, "e", region=region, proof="council_report")
    case.refused("checklist-complete", "end", ground="purpose_achieved")
    prove(case, "f").do("end", ground="purpose_achieved")
    assert case.last == Ended(ground="purpose_achieved", open_items=[], reason=None)
    case.refused("cooperation-open", "report-problem", problem="p", description="x")


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c", "P6.d.4.e", "P10.d.4.e")
def test_a_proof_has_document_and_rupiah() -> None:
    """The fact names item, party, kind of proof, document and whole rupiah; a fraction or a negative amount is none."""
    paper = reference_to(b"berita acara")
    case = divided(Case().running())
    prove(case, "e", region=SOLO, proof="asset_record", document=paper, amount_idr=1_500_000_000)
    assert case.last == TerminationItemCompleted(
        item="e", region=SOLO, proof="asset_record", document=paper, amount_idr=1_500_000_000
    )
    for amount in (-1, 1.5, "Rp 1", 2**53):
        with pytest.raises(ValueError, match="amount_idr"):
            prove(case, "d", region=SOLO, amount_idr=amount)


@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
@pytest.mark.parametrize("item", ["a", "b", "c", "d", "e", "f"])
def test_proofs_are_per_party_or_common(item: str) -> None:
    """Items d and e name a party and its proof, the others none; a stranger and a wrong kind of proof are refused."""
    case = divided(Case().running())
    if item in "de":
        for region in (None, YOGYA):
            error = case.refused("item-per-party", "complete-termination-item", item=item, region=region)
            assert error.clause == CHECKLIST
    else:
        case.refused("item-per-party", "complete-termination-item", item=item, region=SOLO, amount_idr=1)
    fields = {"region": SOLO} if item in "de" else {}
    wrong = ["evidence"] if item == "e" else ["asset_record", "council_report"]
    for proof in wrong:
        assert (
            case.refused("item-proof", "complete-termination-item", item=item, proof=proof, **fields).clause
            == CHECKLIST
        )


def test_four_parties_owe_sixteen_proofs() -> None:
    """One of a, b, c and f, four of d, eight of e; each that comes in leaves one less."""
    case = Case(FOUR).running()
    assert len(open_ones(case)) == 16
    divided(case)
    for region in FOUR:
        prove(case, "d", region=region)
        for proof in ("asset_record", "council_report"):
            prove(case, "e", region=region, proof=proof)
    assert open_ones(case) == ["f evidence"]
    prove(case, "f").do("end", ground="mutual")


def test_who_leaves_owes_nothing_and_who_joins_owes_all() -> None:
    """The proofs are those of the parties of today."""
    case = divided(Case((SOLO, KARANGANYAR, "33.11")).running())
    case.do("withdraw-party", region="33.11").do("add-party", region="33.10")
    assert [slot for slot in open_ones(case) if slot[0] == "d"] == [
        "d 33.72 evidence",
        "d 33.13 evidence",
        "d 33.10 evidence",
    ]


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_the_checklist_is_open() -> None:
    """Items beyond a to f can be added ("antara lain"), and then they are owed too, until they are proved."""
    case = Case().running().do("add-termination-item", item="arsip", description="serah terima arsip")
    assert case.last == TerminationItemAdded(item="arsip", description="serah terima arsip")
    for item in ("a", "arsip"):
        assert case.refused("item-unique", "add-termination-item", item=item, description="x").clause == CHECKLIST
    assert case.refused("item-known", "complete-termination-item", item="lain").clause == CHECKLIST
    error = case.refused("checklist-complete", "end", ground="purpose_achieved")
    assert "arsip evidence" in list(cast("list[str]", error.facts["open_items"]))
    assert "arsip evidence" not in open_ones(prove(case, "arsip"))


@pytest.mark.clause("P4.d")
def test_the_checklist_belongs_to_the_last_stage() -> None:
    """Before implementation nothing is inventoried or divided; legacy facts are free of the order of stages."""
    error = Case().signed().refused("item-at-stage", "complete-termination-item", item="a")
    assert error.clause == CHECKLIST
    assert Case(legacy=True).do("complete-termination-item", item="a", legacy=True).last.item == "a"


@pytest.mark.clause("P1.4", "P1.5")
def test_an_accord_without_agreement_ends_without_checklist() -> None:
    """It produced nothing to divide, so it ends on a ground of the profile; where nothing was signed nothing ends."""
    case = Case().agreed().do("end", ground="mutual", reason="tidak dilanjutkan")
    assert case.last == Ended(ground="mutual", open_items=[], reason="tidak dilanjutkan")
    for early in (Case(), Case().negotiating(), Case().signing()):
        assert early.refused("something-signed", "end", ground="mutual").clause == "P1.4"
    Case().signed().refused("checklist-complete", "end", ground="mutual")


def test_legacy_endings_keep_the_rules() -> None:
    """A history file ends a cooperation as anybody does: with the checklist done, or on a ground that allows less."""
    case = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=BOTH, legacy=True)
    case.refused("checklist-complete", "end", date(2010, 1, 1), ground="purpose_achieved", legacy=True)
    case.do("end", date(2010, 1, 1), ground="replaced", reason="perjanjian 2010", legacy=True)
    assert (case.state.ended, case.state.stage) == (True, LAST)
