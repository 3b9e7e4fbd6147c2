"""The termination workbook (d.4 a to f): goods, obligations, a division that closes, and proofs of each participant."""

from datetime import date
from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from ksad.contracts.law import workbook
from ksad.contracts.registry import (
    Ended,
    GoodsInventoried,
    ObligationsListed,
    SettlementClosed,
    TerminationItemAdded,
)
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.registry.domain import permissions
from ksad.registry.domain.commands import COMMANDS
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import KARANGANYAR, SOLO, TODAY, YOGYA, Case, adopted
from tests.support.histories.newest import fact_of
from tests.support.histories.settlements import (
    FIRST_MONEY,
    GOODS,
    OWED,
    PAPER,
    SECOND_MONEY,
    agreement,
    division,
    filed,
    nihil,
    prove,
    settled,
    slots,
    still_open,
    told_done,
)

CLAUSE = "P6.d.4/P10.d.4"
DIVISION = "P6.d.4.c/P10.d.4.c"
THREE = (SOLO, KARANGANYAR, "33.11")
FOUR = (*THREE, "33.10")


@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
def test_the_workbook_is_done_in_order_and_closes() -> None:
    """Scenario 25: a and b before c, d and e after c, f last; with the last proof and the end nothing is left open."""
    case = Case().ending()
    assert case.refused("workbook-in-order", "divide", allotted={}, money={}).facts["before"] == ["a", "b"]
    case.do("inventory-goods", goods=GOODS, document=PAPER)
    assert case.refused("workbook-in-order", "divide", **division(case)).facts["before"] == ["b"]
    case.do("list-obligations", obligations=OWED, document=PAPER)
    early: tuple[tuple[str, dict[str, Any]], ...] = (
        ("d", {"amount_idr": FIRST_MONEY, "document": PAPER}),
        ("e", {"proof": "asset_record", "document": PAPER}),
    )
    for item, fields in early:
        error = case.refused("workbook-in-order", "complete-termination-item", item=item, region=SOLO, **fields)
        assert (error.clause, error.facts["before"]) == (CLAUSE, ["c"])
    case.do("divide", **division(case))
    case.refused("workbook-in-order", "complete-termination-item", item="f", document=PAPER)
    prove(case, "d", region=SOLO, amount_idr=FIRST_MONEY)
    assert (case.last.proof, case.last.amount_idr) == ("deposit", FIRST_MONEY)
    prove(case, "d", region=KARANGANYAR, amount_idr=-SECOND_MONEY, number="BKU 12")
    assert (case.last.proof, case.last.amount_idr, case.last.number) == ("payment", 875_000_000, "BKU 12")
    for region in (SOLO, KARANGANYAR):
        prove(case, "e", region=region, proof="asset_record")
        prove(case, "e", region=region, proof="council_report")
    assert still_open(case) == ["f evidence"]
    prove(case, "f")
    assert case.last.proof == "report"
    case.do("end", ground="purpose_achieved")
    assert case.facts[-2].open_items == []
    assert case.last == SettlementClosed(agreement="perjanjian-1")
    assert (case.state.ended, case.state.umbrella.settlement) == (True, "closed")
    case.refused("settlement-open", "inventory-goods", goods=GOODS, document=PAPER)


@pytest.mark.clause("P6.d.4.a", "P10.d.4.a", "P6.d.4.b", "P10.d.4.b")
def test_a_filing_has_rows_with_a_document_or_says_nihil() -> None:
    """Scenario 8: neither, both, rows without document, and an empty list are refused; so is a reason beside rows."""
    case = Case().ending()
    paper = PAPER.model_dump()
    for name, field, rows in (("inventory-goods", "goods", GOODS), ("list-obligations", "obligations", OWED)):
        both = {field: rows, "document": paper, "nihil": "x"}
        wrong: tuple[dict[str, Any], ...] = ({}, {field: rows}, {"document": paper}, both)
        for fields in wrong:
            assert case.refused("proof-or-nihil", name, **fields).clause in {
                "P6.d.4.a/P10.d.4.a",
                "P6.d.4.b/P10.d.4.b",
            }
        twice: dict[str, Any] = {field: [*rows, rows[0]], "document": paper}
        case.refused("row-once", name, **twice)
    over = [{**OWED[0], "paid_idr": 400_000_001}]
    assert case.refused("paid-within-amount", "list-obligations", obligations=over, document=paper).facts == {
        "obligation": "listrik"
    }
    for item in "ab":
        case.refused("proof-or-nihil", "complete-termination-item", item=item)
        case.refused("proof-or-nihil", "complete-termination-item", item=item, document=paper, nihil="x")


def test_nothing_to_divide_is_nihil_to_the_end() -> None:
    """Scenario 8: with a and b nihil, c, d and e are by themselves; the report closes what has ended."""
    case = nihil(Case().ending())
    assert still_open(case) == ["f evidence"]
    assert set(slots(case).values()) == {"nihil", "open"}
    for region in (SOLO, KARANGANYAR):
        case.refused("item-nihil", "complete-termination-item", item="d", region=region, document=PAPER, amount_idr=1)
    case.do("end", ground="mutual")
    assert prove(case, "f").last == SettlementClosed(agreement="perjanjian-1")


def test_the_old_command_says_nihil_too() -> None:
    """Items a and b completed with a reason are filings that say so."""
    case = Case().ending()
    case.do("complete-termination-item", item="a", nihil="tidak ada barang")
    assert case.last == GoodsInventoried(agreement="perjanjian-1", goods=[], document=None, nihil="tidak ada barang")
    case.do("complete-termination-item", item="b", nihil="lunas")
    assert case.last == ObligationsListed(agreement="perjanjian-1", obligations=[], document=None, nihil="lunas")
    assert still_open(case) == ["f evidence"]


@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
@pytest.mark.parametrize("item", ["a", "b", "c", "d", "e", "f"])
def test_proofs_are_per_participant_or_common(item: str) -> None:
    """Items d and e name a participant, the others none; a stranger and a wrong kind of proof are refused."""
    case = told_done(Case().ending(), "a", "b", "c")
    if item in "de":
        for region in (None, YOGYA):
            error = case.refused("item-per-party", "complete-termination-item", item=item, region=region)
            assert error.clause == CLAUSE
    else:
        case.refused("item-per-party", "complete-termination-item", item=item, region=SOLO, amount_idr=1)
    fields = {"region": SOLO} if item in "de" else {}
    wrong = ["evidence"] if item == "e" else ["asset_record", "council_report"]
    for proof in wrong:
        error = case.refused("item-proof", "complete-termination-item", item=item, proof=proof, **fields)
        assert error.clause == CLAUSE


def test_what_was_told_without_details_counts_as_done() -> None:
    """Documents of a, b and c without rows, as before there were any: done, and d and e with document or reason."""
    case = Case().ending()
    told: dict[str, Any] = {"item": "c", "amount_idr": 1, "document": PAPER}
    assert case.refused("workbook-in-order", "complete-termination-item", **told).facts["before"] == ["a", "b"]
    assert case.refused("item-in-rupiah", "complete-termination-item", item="c").clause == "P6.d.4.c/P10.d.4.c"
    told_done(case, "a", "b", "c")
    assert {slots(case)[f"{item} evidence"] for item in "abc"} == {"plain"}
    case.refused("workbook-in-order", "divide", allotted={}, money={}, document=PAPER)
    case.do("complete-termination-item", item="d", region=SOLO, nihil="tidak ada uang")
    prove(case, "d", region=KARANGANYAR, amount_idr=5)
    for region in (SOLO, KARANGANYAR):
        for proof in ("asset_record", "council_report"):
            prove(case, "e", region=region, proof=proof)
    assert still_open(case) == ["f evidence"]


def test_four_parties_owe_sixteen_proofs() -> None:
    """One of a, b, c and f, four of d, eight of e."""
    assert len(still_open(Case(FOUR).ending())) == 16


def test_who_leaves_settles_with_the_end_or_has_settled() -> None:
    """A party that withdrew stays a participant of the settlement, unless it has settled; who joins is one."""
    for settlement, codes in (
        ("with_the_end", (SOLO, KARANGANYAR, "33.10", "33.11")),
        ("settled", (SOLO, KARANGANYAR, "33.10")),
    ):
        case = told_done(Case(THREE).ending(), "a", "b", "c")
        case.do("withdraw-party", region="33.11", settlement=settlement).do("add-party", region="33.10")
        found = [slot for slot in still_open(case) if slot[0] == "d"]
        assert found == [f"d {code} evidence" for code in codes]


def test_a_leaver_divides_and_proves_with_the_others() -> None:
    """Scenario 18: it gets its share in the division and proves its own items."""
    case = Case(THREE).ending()
    gone = THREE[2]
    case.do("withdraw-party", region=gone, settlement="with_the_end").do("end", ground="mutual")
    filed(case)
    allotted = {"truk": gone, "tpst": KARANGANYAR, "timbangan": "sold"}
    case.do("divide", **division(case, allotted=allotted, money={gone: 50_000_000, KARANGANYAR: 0}))
    prove(case, "d", region=gone, amount_idr=50_000_000)
    assert case.last.region == gone


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_the_checklist_is_open() -> None:
    """Items beyond a to f can be added ("antara lain"); an end names them, and they keep no settlement open."""
    case = Case().ending().do("add-termination-item", item="arsip", description="serah terima arsip")
    assert case.last == fact_of(TerminationItemAdded, item="arsip", description="serah terima arsip")
    for item in ("a", "arsip"):
        assert case.refused("item-unique", "add-termination-item", item=item, description="x").clause == CLAUSE
    assert case.refused("item-known", "complete-termination-item", item="lain").clause == CLAUSE
    assert not any(name.startswith("arsip") for name in slots(case))
    ended = case.do("end", ground="purpose_achieved").last
    assert isinstance(ended, Ended)
    assert ended.open_items[-1] == "Butir tambahan: serah terima arsip"
    case.refused("proof-or-nihil", "complete-termination-item", item="arsip")
    prove(settled(case), "f")
    assert case.last == SettlementClosed(agreement="perjanjian-1")
    (added,) = workbook.added_slots(agreement(case))
    assert added.state == "open"
    case.do("complete-termination-item", item="arsip", nihil="tidak ada arsip")
    (added,) = workbook.added_slots(agreement(case))
    assert (added.state, added.nihil) == ("nihil", "tidak ada arsip")


@pytest.mark.clause("P4.d")
def test_the_workbook_belongs_to_the_last_stage() -> None:
    """Before implementation nothing is inventoried or divided; legacy facts are free of the order of stages."""
    entries: tuple[tuple[str, dict[str, Any]], ...] = (
        ("complete-termination-item", {"item": "a", "document": PAPER}),
        ("inventory-goods", {"goods": GOODS, "document": PAPER}),
        ("list-obligations", {"nihil": "lunas"}),
    )
    for name, fields in entries:
        assert Case().agreed().refused("item-at-stage", name, **fields).clause == CLAUSE
    assert Case(legacy=True).do("complete-termination-item", item="a", legacy=True).last.item == "a"


def test_of_paper_documents_may_be_unknown() -> None:
    """Legacy proofs come without documents, and work on a settlement that nobody examined has it examined."""
    case = Case.paper().do("end", date(2010, 1, 1), ground="replaced", legacy=True)
    assert case.state.umbrella.settlement == "not_examined"
    case.do("inventory-goods", date(2010, 1, 1), goods=GOODS, legacy=True)
    assert (case.last.document, case.state.umbrella.settlement) == (None, "open")


def may(office: str, case: Case, name: str, **fields: Any) -> bool:
    """Whether an office may give a command today."""
    context = Context(adopted(), TODAY, TODAY, legacy=False, office=office)
    try:
        permissions.check(office, read_value(COMMANDS[name], to_jsonable_python(fields)), case.state, context)
    except RuleBrokenError:
        return False
    return True


@pytest.mark.clause("P1.3", "P1.4")
def test_participants_fill_it_in_each_for_itself() -> None:
    """a, b, f and added items by any participant, a leaver too; d and e by its own; c by none alone."""
    case = Case(THREE).ending().do("withdraw-party", region=THREE[2], settlement="with_the_end")
    leaver, stranger = f"region:{THREE[2]}", f"region:{YOGYA}"
    entries: tuple[tuple[str, dict[str, Any]], ...] = (
        ("inventory-goods", {"nihil": "x"}),
        ("list-obligations", {"nihil": "x"}),
        ("add-termination-item", {"item": "arsip", "description": "x"}),
        ("complete-termination-item", {"item": "f"}),
        ("complete-termination-item", {"item": "d", "region": THREE[2]}),
        ("complete-termination-item", {"item": "e", "region": THREE[2], "proof": "asset_record"}),
    )
    for name, fields in entries:
        assert may(leaver, case, name, **fields)
        assert may("tkksd:33", case, name, **fields)
        assert not may(stranger, case, name, **fields)
        assert not may("operator", case, name, **fields)
        assert may(f"region:{SOLO}", case, name, **fields) is ("region" not in fields)
    assert may(f"region:{SOLO}", case, "divide", **division(case))
    for name, fields in (("complete-termination-item", {"item": "c", "amount_idr": 1}),):
        assert not may(f"region:{SOLO}", case, name, **fields)
        assert may("tkksd:33", case, name, **fields)


def test_the_supervising_body_enters_what_it_has_on_paper() -> None:
    """Without a document it records nothing of a workbook, not even that there is nothing; with it, what that says."""
    case = Case().ending()
    error = case.refused("recorded-from-document", "inventory-goods", office="tkksd:33", nihil="tidak ada barang")
    assert error.clause == CLAUSE
    case.do("inventory-goods", office="region:33.72", nihil="tidak ada barang")
    case.do("list-obligations", office="tkksd:33", obligations=OWED, document=PAPER)
    assert isinstance(case.last, ObligationsListed)
