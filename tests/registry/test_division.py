"""The division of a workbook (d.4.c): it closes to the rupiah, and what each participant gets is proved."""

from typing import Any

import pytest

from ksad.contracts import canonical
from ksad.contracts.law import workbook
from ksad.contracts.registry import (
    DivisionAgreed,
    GoodsInventoried,
    ObligationsListed,
    TerminationItemCompleted,
)
from tests.support.histories.cooperations import KARANGANYAR, SOLO, YOGYA, Case
from tests.support.histories.newest import fact_of
from tests.support.histories.settlements import (
    FIRST_MONEY,
    GOODS,
    PAPER,
    SECOND_MONEY,
    agreement,
    divided,
    division,
    filed,
    prove,
    settled,
    slots,
    still_open,
)

CLAUSE = "P6.d.4/P10.d.4"
DIVISION = "P6.d.4.c/P10.d.4.c"
THREE = (SOLO, KARANGANYAR, "33.11")


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_the_sums_of_a_division() -> None:
    """V 4.5 billion, O 0.25: 4.25 to share, 2.125 each; the fact names the filings that it divides."""
    case = divided(Case().ending())
    assert case.act == fact_of(
        DivisionAgreed,
        agreement="perjanjian-1",
        goods_by=case.event(GoodsInventoried),
        obligations_by=case.event(ObligationsListed),
        carried=[],
        standing={"by": "unconfirmed", "proposal": None},
        **division(case),
    )
    made = agreement(case).workbook.division
    assert made is not None
    found = workbook.sums_of(made)
    assert (found.value, found.owed, found.sold, found.net) == (4_500_000_000, 250_000_000, 300_000_000, 4_250_000_000)
    assert [(one.region, one.goods_idr, one.money_idr, one.share_idr) for one in found.shares] == [
        (KARANGANYAR, 3_000_000_000, SECOND_MONEY, 2_125_000_000),
        (SOLO, 1_200_000_000, FIRST_MONEY, 2_125_000_000),
    ]


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_a_division_closes_to_the_rupiah() -> None:
    """Scenario 8: nine billion owed, no goods and a million for each of three: refused with the difference."""
    case = Case(THREE).ending()
    case.do("inventory-goods", nihil="tidak ada barang")
    owed = [{"obligation": "utang", "creditor": "Bank Jateng", "amount_idr": 9_000_000_000}]
    case.do("list-obligations", obligations=owed, document=PAPER)
    fields: dict[str, Any] = {"allotted": {}, "document": PAPER}
    error = case.refused("division-closes", "divide", money=dict.fromkeys(THREE, 1_000_000), **fields)
    assert error.clause == DIVISION
    assert error.facts == {"expected": -9_000_000_000, "given": 3_000_000, "difference": 9_003_000_000}
    assert "−Rp9.000.000.000" in error.detail
    assert "selisih Rp9.003.000.000" in error.detail
    case.refused("division-closes", "divide", money=dict.fromkeys(THREE, -2_999_999_999), **fields)
    case.do("divide", money=dict.fromkeys(THREE, -3_000_000_000), **fields)
    assert [slots(case)[f"d {code} payment"] for code in THREE] == ["open"] * 3
    assert [slots(case)[f"e {code} asset_record"] for code in THREE] == ["nihil"] * 3


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_every_good_goes_somewhere_once_and_money_is_a_participants() -> None:
    """A good left out, an unknown one, proceeds of what was not sold, strangers, and no document are refused."""
    case = filed(Case().ending())
    whole = division(case)
    goods = whole["allotted"]
    refusals: tuple[tuple[str, dict[str, Any]], ...] = (
        ("good-allotted-once", {"allotted": {"truk": SOLO, "tpst": SOLO}, "sold_for": {}}),
        ("good-allotted-once", {"allotted": {**goods, "kapal": SOLO}}),
        ("sold-for-what", {"sold_for": {}}),
        ("sold-for-what", {"sold_for": {"timbangan": 300_000_000, "truk": 1}}),
        ("participants-only", {"allotted": {**goods, "truk": YOGYA}}),
        ("participants-only", {"money": {SOLO: 925_000_000, YOGYA: -875_000_000}}),
        ("carried-known", {"carried": ["pinjaman"]}),
        ("carried-into-next", {"carried": ["listrik"]}),
        ("carried-into-next", {"allotted": {**goods, "truk": "carried"}}),
        ("proof-or-nihil", {"document": None}),
    )
    for rule, changes in refusals:
        assert case.refused(rule, "divide", **{**whole, **changes}).clause == DIVISION


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_what_the_next_agreement_carries_counts_in_neither() -> None:
    """A good and a debt that go on in the agreement that continues this one are divided to nobody."""
    case = filed(Case().ending())
    case.do("open-agreement", agreement="lanjutan", title="x", between=[SOLO, KARANGANYAR], continues="perjanjian-1")
    goods = {"truk": SOLO, "tpst": "carried", "timbangan": "sold"}
    case.do(
        "divide",
        agreement="perjanjian-1",
        allotted=goods,
        sold_for={"timbangan": 300_000_000},
        carried=["listrik"],
        money={SOLO: 0, KARANGANYAR: 300_000_000},
        document=PAPER,
    )
    made = case.state.umbrella.agreements["perjanjian-1"].workbook.division
    assert made is not None
    assert (workbook.sums_of(made).value, workbook.sums_of(made).owed) == (1_500_000_000, 0)


@pytest.mark.clause("P6.d.4.d", "P10.d.4.d")
def test_deposits_and_payments_are_those_of_the_division() -> None:
    """In parts, in the direction of the division, up to its money and no further; without an amount none."""
    case = divided(Case().ending())
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        (SOLO, {"amount_idr": FIRST_MONEY + 1}),
        (SOLO, {"amount_idr": 0}),
        (SOLO, {}),
        (SOLO, {"amount_idr": 1, "proof": "payment"}),
        (KARANGANYAR, {"amount_idr": 1, "proof": "deposit"}),
    )
    for region, fields in wrong:
        error = case.refused(
            "money-as-divided", "complete-termination-item", item="d", region=region, document=PAPER, **fields
        )
        assert error.clause == "P6.d.4.d/P10.d.4.d"
    case.refused("proof-or-nihil", "complete-termination-item", item="d", region=SOLO, amount_idr=1)
    case.refused("item-not-nihil", "complete-termination-item", item="d", region=SOLO, nihil="x")
    prove(case, "d", region=SOLO, amount_idr=900_000_000)
    assert slots(case)[f"d {SOLO} deposit"] == "open"
    error = case.refused(
        "money-as-divided", "complete-termination-item", item="d", region=SOLO, document=PAPER, amount_idr=25_000_001
    )
    assert error.facts["left"] == 25_000_000
    assert "Rp25.000.000" in error.detail
    prove(case, "d", region=SOLO, amount_idr=25_000_000)
    assert slots(case)[f"d {SOLO} deposit"] == "closed"
    case.refused("item-once", "complete-termination-item", item="d", region=SOLO, document=PAPER, amount_idr=1)


@pytest.mark.clause("P6.d.4.d", "P10.d.4.d", "P6.d.4.e", "P10.d.4.e")
def test_no_money_and_no_goods_are_nihil_by_themselves() -> None:
    """Who gets no good records none, and whose money is nothing deposits nothing."""
    case = filed(Case(THREE).ending())
    third = THREE[2]
    case.do("divide", **division(case))
    assert slots(case)[f"d {third} deposit"] == slots(case)[f"e {third} council_report"] == "nihil"
    case.refused(
        "item-nihil", "complete-termination-item", item="e", region=third, proof="asset_record", document=PAPER
    )


@pytest.mark.clause("P6.d.4.e", "P10.d.4.e")
def test_two_proofs_of_the_goods_that_a_region_gets() -> None:
    """Asset record and report to the council, each once and with its document."""
    case = divided(Case().ending())
    assert case.refused("item-proof", "complete-termination-item", item="e", region=SOLO).facts["proof"] == "evidence"
    record: dict[str, Any] = {"item": "e", "region": SOLO, "proof": "asset_record"}
    case.refused("proof-or-nihil", "complete-termination-item", **record)
    case.do("complete-termination-item", **record, document=PAPER, number="KIB-B 12/2026", amount_idr=1_500_000_000)
    assert case.last == fact_of(
        TerminationItemCompleted, **record, number="KIB-B 12/2026", document=PAPER, amount_idr=1_500_000_000
    )
    case.refused("item-once", "complete-termination-item", **record, document=PAPER)
    assert slots(case)[f"e {SOLO} asset_record"] == "closed"
    assert slots(case)[f"e {SOLO} council_report"] == "open"
    for amount in (-1, 1.5, "Rp 1", 2**53):
        with pytest.raises(ValueError, match="amount_idr"):
            prove(case, "d", region=SOLO, amount_idr=amount)


def test_a_later_filing_changes_nothing_until_a_new_division_stands() -> None:
    """The standing division goes on dividing the filings that it names; a new one divides the newest, and no others."""
    case = settled(Case().ending())
    before = agreement(case).workbook.division
    old = {"goods_by": str(case.event(GoodsInventoried)), "obligations_by": str(case.event(ObligationsListed))}
    case.do("inventory-goods", goods=GOODS[:2], document=PAPER)
    assert agreement(case).workbook.division == before
    assert still_open(case) == ["f evidence"]
    case.refused("division-of-newest", "divide", **division(case), **old)
    anew: dict[str, Any] = {"allotted": {"truk": SOLO, "tpst": KARANGANYAR}, "sold_for": {}, "document": PAPER}
    case.do("divide", **anew, money={SOLO: 875_000_000, KARANGANYAR: -1_125_000_000})
    # Solo deposited fifty million too much, and Karanganyar lacks a quarter of a billion; their goods are the same.
    assert still_open(case) == [f"d {SOLO} payment", f"d {KARANGANYAR} payment", "f evidence"]
    prove(case, "d", region=SOLO, amount_idr=50_000_000)
    prove(case, "d", region=KARANGANYAR, amount_idr=250_000_000)
    assert still_open(case) == ["f evidence"]


def test_other_goods_are_proved_anew() -> None:
    """Of a region that a new division gives other goods, the records of the earlier ones prove nothing any more."""
    case = settled(Case().ending())
    changes: dict[str, Any] = {"allotted": {"truk": KARANGANYAR, "tpst": SOLO, "timbangan": "sold"}}
    money = {SOLO: -875_000_000, KARANGANYAR: 925_000_000}
    case.do("divide", **division(case, **changes, money=money))
    assert [name for name in still_open(case) if name.startswith("e")] == [
        f"e {region} {proof}" for region in (SOLO, KARANGANYAR) for proof in ("asset_record", "council_report")
    ]


def test_a_division_without_details_is_none_where_there_are_details() -> None:
    """Goods and obligations that were filed are divided, not said to have been."""
    case = filed(Case().ending())
    error = case.refused("division-itemised", "complete-termination-item", item="c", amount_idr=1, document=PAPER)
    assert error.clause == DIVISION


@pytest.mark.clause("P6.d.4.a", "P10.d.4.a", "P6.d.4.b", "P10.d.4.b", "P6.d.4.c", "P10.d.4.c")
def test_sums_are_numbers_that_every_program_reads() -> None:
    """Each amount may be as great as a whole number of JSON can be told (2^53 - 1), and so may their sums."""
    most = 2**53 - 1
    case = Case().ending()

    def goods(*values: int) -> list[dict[str, Any]]:
        return [{"good": f"g{n}", "kind": "movable", "what": "x", "value_idr": value} for n, value in enumerate(values)]

    def debts(*values: int) -> list[dict[str, Any]]:
        return [{"obligation": f"o{n}", "creditor": "x", "amount_idr": value} for n, value in enumerate(values)]

    error = case.refused("sum-in-rupiah", "inventory-goods", goods=goods(most, 1), document=PAPER)
    assert (error.clause, error.detail) == (
        "P6.d.4.a/P10.d.4.a",
        "Jumlah seluruhnya melampaui Rp9.007.199.254.740.991. Periksa nilainya.",
    )
    assert case.refused("sum-in-rupiah", "list-obligations", obligations=debts(most, 1), document=PAPER).clause == (
        "P6.d.4.b/P10.d.4.b"
    )
    case.do("inventory-goods", goods=goods(most - 2, 1), document=PAPER)
    case.do("list-obligations", obligations=debts(0), document=PAPER)
    sold: dict[str, Any] = {"allotted": {"g0": SOLO, "g1": "sold"}, "document": PAPER}
    for proceeds, money in ((most, {SOLO: most}), (3, {SOLO: 3}), (0, {SOLO: most, KARANGANYAR: most})):
        error = case.refused("sum-in-rupiah", "divide", sold_for={"g1": proceeds}, money=money, **sold)
        assert error.clause == DIVISION
    case.do("divide", sold_for={"g1": 1}, money={SOLO: 1}, **sold)
    canonical.encode(workbook.filings(agreement(case)))
