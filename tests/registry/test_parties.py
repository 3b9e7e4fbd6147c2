"""Parties join and leave; a code that has changed since is read by its lineage."""

from datetime import date

import pytest

from ksad.contracts.registry import PartyJoined, PartyWithdrew
from tests.support.histories.cooperations import KARANGANYAR, LAST, SOLO, YOGYA, Case
from tests.support.histories.newest import fact_of
from tests.support.histories.settlements import prove, told_done

MERAUKE, MERAUKE_NOW, NEAR = "91.01", "93.01", "91.04"
DIVIDED = date(2022, 7, 25)


@pytest.mark.clause("P1.3", "P1.4")
def test_a_party_joins_with_the_list_from_then_on() -> None:
    """The fact names the region, the reason and all parties; twice it is refused."""
    case = Case().do("add-party", region=YOGYA, reason="perluasan")
    parties = [SOLO, KARANGANYAR, YOGYA]
    assert case.act == fact_of(PartyJoined, region=YOGYA, reason="perluasan", parties=parties, agreements=[])
    assert case.refused("region-not-party", "add-party", region=YOGYA).clause == "P1.4"


@pytest.mark.clause("P1.1", "P1.4")
@pytest.mark.parametrize(
    ("region", "rule"), [("31.71", "region-autonomous"), ("99.99", "region-known"), (MERAUKE, "region-valid")]
)
def test_who_joins_is_a_region_of_that_day(region: str, rule: str) -> None:
    """An administrative city, an unknown code and one that has ended are refused as at registration."""
    assert Case().refused(rule, "add-party", region=region).clause == "P1.1"


@pytest.mark.clause("P1.4")
def test_two_parties_stay() -> None:
    """A party leaves with its reason; strangers cannot, and of two that have signed neither can."""
    case = Case()
    assert case.refused("region-is-party", "withdraw-party", region=YOGYA).clause == "P1.3"
    case.do("add-party", region=YOGYA).do("withdraw-party", region=SOLO, reason="tidak diperpanjang")
    left = [KARANGANYAR, YOGYA]
    assert case.act == fact_of(PartyWithdrew, region=SOLO, reason="tidak diperpanjang", parties=left, agreements=[])
    assert case.state.parties == (KARANGANYAR, YOGYA)
    bound = Case().signing().do("sign-accord", numbers={SOLO: "1", KARANGANYAR: "2"})
    assert bound.refused("parties-differ", "withdraw-party", region=SOLO).clause == "P1.4"


@pytest.mark.clause("P1.1", "P1.3")
def test_a_party_speaks_under_its_new_code() -> None:
    """Registered as 91.01, Merauke numbers, approves, disputes, proves and leaves as 93.01: it is one party."""
    case = Case((SOLO, MERAUKE, NEAR), date(2020, 1, 1), stage=LAST, legacy=True)
    numbers = {SOLO: "1", MERAUKE_NOW: "2", "94.01": "3"}
    case.do("amend", numbers=numbers, changes="tarif")
    assert case.last.numbers == {SOLO: "1", MERAUKE: "2", NEAR: "3"}
    case.do("record-council-approval", region=MERAUKE_NOW, number="DPRD 1")
    assert case.last.region == MERAUKE
    case.do("raise-dispute", dispute="d", between=[SOLO, MERAUKE_NOW], description="x")
    assert case.last.between == [SOLO, MERAUKE]
    case.do("give-termination-notice", ground="mutual", planned_end_on="2026-12-31")
    prove(told_done(case, "a", "b", "c"), "d", region=MERAUKE_NOW)
    assert case.last.region == MERAUKE
    assert case.refused("region-not-party", "add-party", region=MERAUKE_NOW).facts["region"] == MERAUKE
    assert case.do("withdraw-party", region=MERAUKE_NOW).state.parties == (SOLO, NEAR)


@pytest.mark.clause("P1.1")
def test_the_old_code_of_a_party_is_still_understood() -> None:
    """Who goes on using the code of the old papers means the same party, before and after the boundaries changed."""
    for day in (date(2021, 1, 1), DIVIDED, date(2026, 1, 1)):
        case = Case((SOLO, MERAUKE), date(2020, 1, 1))
        assert case.do("record-council-approval", day, region=MERAUKE, number="1").last.region == MERAUKE
