"""The registry's rules, each as given facts, a command, and what follows."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.law import Lawbook, packaged
from contracts.regions import RegionTable, load_text
from contracts.registry import AccordSigned, AgreementSigned, Manner, Stage
from contracts.rules import RuleBrokenError
from registry.domain.commands import COMMANDS, Command, Register
from registry.domain.cooperation import Cooperation, evolve
from registry.domain.reference import Adopted
from registry.domain.rules import Context, check

TODAY = date(2026, 6, 1)
SOLO, KARANGANYAR, YOGYA = "33.72", "33.13", "34.71"
BOTH = {SOLO: "1/2026", KARANGANYAR: "2/2026"}
HEAD: dict[str, Any] = {"key": "a", "title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup"}


@cache
def adopted() -> Adopted:
    """The packaged reference data."""
    book: Lawbook = packaged()
    return Adopted(RegionTable.from_csv(load_text()), book)


class Case:
    """A cooperation on which commands are carried out one after the other."""

    def __init__(self, parties: Sequence[str] = (SOLO, KARANGANYAR)) -> None:
        self.state = Cooperation()
        self.facts: list[Any] = []
        self.do("register", **HEAD, parties=list(parties))

    def do(self, name: str, on: date = TODAY, /, *, legacy: bool = False, **fields: Any) -> "Case":
        """Carry out a command."""
        model: type[Command] = Register if name == "register" else COMMANDS[name]
        command = model.model_validate({"on": on.isoformat(), "legacy": legacy, **fields})
        context = Context(adopted(), on, TODAY, legacy)
        for fact in command.facts(self.state, context):
            check(self.state, fact, context)
            self.state = evolve(self.state, fact, on, legacy=legacy)
            self.facts.append(fact)
        return self

    def refused(self, rule: str, name: str, on: date = TODAY, /, **fields: Any) -> RuleBrokenError:
        """The refusal of a command that breaks a rule; nothing happened."""
        before = self.state
        with pytest.raises(RuleBrokenError) as caught:
            self.do(name, on, **fields)
        assert rule == caught.value.rule
        assert caught.value.detail
        assert before == self.state
        return caught.value

    def signed(self) -> "Case":
        """On the normal path to a signed agreement that runs until 2030."""
        self.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing").do("sign-accord", numbers=BOTH)
        self.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
        return self.do("sign-agreement", numbers=BOTH, effective_on="2026-06-01", ends_on="2030-01-01")

    def running(self) -> "Case":
        """In implementation."""
        return self.signed().do("enter-stage", stage="implementation_and_termination")


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
