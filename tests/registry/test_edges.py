"""Rules at their edges: where what was said twice, apart, late or in the other order decides."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.registry.domain.consequences import turning_day
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, PAPER, SOLO, TODAY, YOGYA, Case
from tests.support.histories.settlements import division, filed

DAY = timedelta(days=1)
OTHER = "33.11"
THREE = (SOLO, KARANGANYAR, OTHER)
CITY, REGENCY, TEAM = f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33"


def later(case: Case, days: int = 9) -> Case:
    """The same, some days on."""
    case.today = TODAY + days * DAY
    return case


@pytest.mark.clause("P1.4")
def test_who_proposes_is_told_that_others_speak_for_themselves() -> None:
    """A signatory of another party in a proposal is refused in words for the proposer."""
    other = [{"region": KARANGANYAR, "office": "Bupati", "capacity": "head", "mandate": None}]
    fields: dict[str, Any] = {"office": CITY, "numbers": {SOLO: "1"}, "signatories": other, "ends_on": "2030-01-01"}
    error = Case().agreed().refused("own-number-only", "sign-agreement", **fields)
    assert "pihak lain menyatakannya sendiri" in error.detail


@pytest.mark.clause("P1.4")
def test_no_party_confirms_without_its_number() -> None:
    """Also one that is not the last to confirm."""
    case = Case(THREE).agreed().do("sign-agreement", office=CITY, numbers={SOLO: "1"}, ends_on="2030-01-01")
    said: dict[str, Any] = {"proposal": str(case.event(facts.ActProposed)), "numbers": {KARANGANYAR: None}}
    case.refused("number-known", "confirm-act", office=REGENCY, **said)


@pytest.mark.clause("P1.4")
def test_a_refusal_is_of_one_kind_of_act() -> None:
    """Who refused an amendment has not refused an extension: that one needs no reason over a refusal."""
    case = Case().running().do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    case.do("refuse-act", office=REGENCY, proposal=str(case.event(facts.ActProposed)), reason="keliru")
    case.refused("over-refusal", "amend", office=TEAM, numbers=BOTH, changes="tarif")
    case.do("extend", office=TEAM, numbers=BOTH, ends_on="2031-01-01")


@pytest.mark.clause("P1.4")
def test_an_act_has_its_own_day_however_late_it_is_confirmed() -> None:
    """The effect is of the day that was proposed, not of the last confirmation."""
    case = later(Case().running()).do("amend", TODAY + 2 * DAY, office=CITY, numbers={SOLO: "1"}, changes="tarif")
    said: dict[str, Any] = {"proposal": str(case.event(facts.ActProposed)), "numbers": {KARANGANYAR: "2"}}
    case.do("confirm-act", TODAY + 5 * DAY, office=REGENCY, **said)
    assert [(type(one.fact()), one.occurredon) for one in case.events[-2:]] == [
        (facts.ActConfirmed, TODAY + 5 * DAY),
        (facts.AgreementAmended, TODAY + 2 * DAY),
    ]


@pytest.mark.clause("P4")
def test_stages_of_paper_may_be_recorded_in_any_order() -> None:
    """What follows is held against the latest of them, not against the one that was recorded last."""
    case = Case(on=date(2000, 1, 1), legacy=True).do("enter-stage", date(2005, 1, 1), stage="negotiation", legacy=True)
    case.do("enter-stage", date(2003, 1, 1), stage="exploration", legacy=True)
    case.refused("stage-in-order", "enter-stage", date(2004, 1, 1), stage="negotiation")
    case.do("enter-stage", date(2005, 1, 1), stage="negotiation")


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_division_follows_the_latest_filing() -> None:
    """Filed anew under an earlier day, the goods still were filed after the day of the division."""
    case = later(Case().ending())
    for day, name in ((5, "inventory-goods"), (3, "inventory-goods"), (3, "list-obligations")):
        case.do(name, TODAY + day * DAY, nihil="tidak ada")
    whole: dict[str, Any] = {"allotted": {}, "money": {SOLO: 0, KARANGANYAR: 0}, "document": PAPER}
    error = case.refused("workbook-in-order", "divide", TODAY + 4 * DAY, **whole)
    assert "baru diselesaikan 6 Juni 2026" in error.detail
    case.do("divide", TODAY + 5 * DAY, **whole)


@pytest.mark.clause("P1.4")
def test_who_came_again_leaves_what_was_joined_last() -> None:
    """A region that left and came back leaves after it came back, the whole or an agreement alone."""
    case = later(Case(THREE).running())
    case.do("open-agreement", TODAY + DAY, agreement="air", title="Air", between=[SOLO, KARANGANYAR])
    case.do("add-party", TODAY + DAY, region=YOGYA, agreements=[])
    case.do("withdraw-party", TODAY + 2 * DAY, region=YOGYA)
    case.do("add-party", TODAY + 5 * DAY, region=YOGYA, agreements=[])
    case.refused("joined-before-left", "withdraw-party", TODAY + 3 * DAY, region=YOGYA)
    air: dict[str, Any] = {"region": OTHER, "agreements": ["air"], "umbrella": False}
    case.do("add-party", TODAY + 5 * DAY, **air)
    error = case.refused("joined-before-left", "withdraw-party", TODAY + 3 * DAY, **air)
    assert "baru menjadi pihak pada 6 Juni 2026" in error.detail


@pytest.mark.clause("P1.4", "P1.6")
def test_an_agreement_of_paper_is_joined_after_its_signing() -> None:
    """Not since the cooperation began: what is joined is the agreement."""
    case = Case.paper().do("sign-agreement", date(2005, 6, 1), numbers=BOTH, legacy=True)
    fields: dict[str, Any] = {"region": YOGYA, "agreements": ["perjanjian-1"], "legacy": True}
    assert "1 Juni 2005" in case.refused("joined-before-left", "add-party", date(2003, 1, 1), **fields).detail
    case.do("add-party", date(2005, 6, 1), **fields)


def test_a_cooperation_of_paper_may_outlive_its_accord() -> None:
    """An accord that has run out ends no cooperation."""
    case = Case.paper().do("sign-accord", date(2010, 1, 1), numbers=BOTH, ends_on="2015-01-01", legacy=True)
    case.do("end", date(2018, 1, 1), ground="mutual", legacy=True)
    assert case.state.ended


def test_a_notice_looks_ahead() -> None:
    """An end that is planned for a day before the notice is refused."""
    fields: dict[str, Any] = {"ground": "mutual", "planned_end_on": "2026-05-31"}
    error = Case().running().refused("notice-within-term", "give-termination-notice", **fields)
    assert "mendahului pemberitahuannya" in error.detail


@pytest.mark.clause("P1.6")
def test_what_was_effective_before_it_was_signed_is_in_force_from_the_signing() -> None:
    """The register enters the last stage on the day of the signing, however early the agreement says it begins."""
    case = later(Case().agreed())
    case.do("sign-agreement", TODAY + 3 * DAY, numbers=BOTH, effective_on="2020-01-01", ends_on="2030-01-01")
    assert (case.state.stage, case.events[-1].occurredon) == (LAST, TODAY + 3 * DAY)


def test_the_calendar_looks_for_what_turns() -> None:
    """The next day on which the register has to act: a beginning, a proposal's last day, a term, of paper none."""
    begins = Case().agreed().do("sign-agreement", numbers=BOTH, effective_on="2026-08-01", ends_on="2030-01-01")
    assert turning_day(begins.state) == date(2026, 8, 1)
    assert turning_day(Case().running().state) == date(2030, 1, 1)
    proposed = Case().agreed().do("sign-agreement", office=CITY, numbers={SOLO: "1"}, ends_on="2030-01-01")
    [waiting] = proposed.state.umbrella.pending.values()
    assert turning_day(proposed.state) == waiting.expires_on is not None
    paper = Case.paper().do("sign-agreement", date(2005, 6, 1), numbers=BOTH, ends_on="2015-01-01", legacy=True)
    assert turning_day(paper.state) is None
    assert turning_day(paper.do("close-backfill").state) is None
    assert paper.state.ended


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
@pytest.mark.parametrize("name", ["inventory-goods", "list-obligations"])
def test_a_division_is_overtaken_by_a_newer_filing(name: str) -> None:
    """What was proposed divides the filings of then; one of them made anew closes the proposal."""
    case = Case().ending().do("inventory-goods", nihil="tidak ada").do("list-obligations", nihil="tidak ada")
    case.do("divide", office=CITY, allotted={}, money={SOLO: 0, KARANGANYAR: 0}, document=PAPER)
    case.do(name, nihil="tidak ada, setelah diperiksa")
    assert (type(case.last), case.last.why, case.last.rule) == (facts.ActClosed, "overtaken", "division-of-newest")


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_what_goes_on_goes_on_once_and_into_what_there_is() -> None:
    """A debt is carried once, and not into an agreement whose draft was given up."""
    case = filed(Case().ending())
    case.do("open-agreement", agreement="lanjutan", title="x", between=[SOLO, KARANGANYAR], continues="perjanjian-1")
    whole = {**division(case), "agreement": "perjanjian-1"}
    case.refused("carried-known", "divide", **{**whole, "carried": ["listrik", "listrik"]})
    case.do("drop-agreement", agreement="lanjutan", reason="batal")
    case.refused("carried-into-next", "divide", **{**whole, "carried": ["listrik"]})


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_the_council_of_a_party_of_the_agreement_approves_it() -> None:
    """Of an agreement between some parties, the council of another party of the cooperation approves nothing."""
    case = Case(THREE).running().do("open-agreement", agreement="air", title="Air", between=[SOLO, KARANGANYAR])
    case.refused("region-is-party", "record-council-approval", region=OTHER, number="1", agreement="air")
    case.do("record-council-approval", region=SOLO, number="1", agreement="air")


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_that_replaces_another_counts_from_its_own_day() -> None:
    """Also where that day is the earlier one: the notice that holds is the newest."""
    case = later(Case().running())
    fields: dict[str, Any] = {"ground": "mutual", "planned_end_on": "2026-12-31"}
    case.do("give-termination-notice", TODAY + 5 * DAY, **fields)
    case.refused("workbook-in-time", "inventory-goods", TODAY + 4 * DAY, nihil="tidak ada")
    given = str(case.event(facts.TerminationNoticeGiven))
    case.do("give-termination-notice", TODAY + 3 * DAY, replaces=given, **fields)
    case.do("inventory-goods", TODAY + 4 * DAY, nihil="tidak ada")


@pytest.mark.clause("P1.6")
def test_what_ended_early_is_over() -> None:
    """Its term would have run for years: after the day of its end nothing of it is amended any more."""
    case = later(Case().running())
    fields: dict[str, Any] = {"numbers": BOTH, "changes": "tarif"}
    case.do("end", TODAY + DAY, ground="mutual", agreement="perjanjian-1")
    error = case.refused("while-in-force", "amend", TODAY + 3 * DAY, **fields)
    assert "berakhir 2 Juni 2026" in error.detail
    case.do("amend", TODAY + DAY, **fields)


@pytest.mark.clause("P4")
def test_an_agreement_on_its_own_line_holds_up_no_other() -> None:
    """The cooperation enters the last stage by the agreement on its line, though another one begins later."""
    case = Case().agreed().do("sign-agreement", date(2026, 5, 1), numbers=BOTH, legacy=True)
    case.do("open-agreement", agreement="air", title="Air", between=[SOLO, KARANGANYAR])
    case.do("enter-stage", stage="signing", agreement="air")
    case.do("sign-agreement", agreement="air", numbers=BOTH, effective_on="2026-08-01", ends_on="2030-01-01")
    assert case.state.stage == "signing"
    case.do("enter-stage", stage=LAST)
    assert case.state.stage == LAST
