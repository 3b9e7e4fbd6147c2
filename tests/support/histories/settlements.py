"""The termination workbook of a case, filled in: the example of docs/workbook.md, and what closes it."""

from typing import Any

from ksad.contracts.law import workbook
from ksad.contracts.umbrella import Agreement
from tests.support.histories.cooperations import Case, adopted, reference_to

PAPER = reference_to(b"berita acara")
GOODS: list[dict[str, Any]] = [
    {"good": "truk", "kind": "movable", "what": "armada truk pengangkut", "value_idr": 1_200_000_000},
    {"good": "tpst", "kind": "immovable", "what": "tempat pengolahan", "place": "barat", "value_idr": 3_000_000_000},
    {"good": "timbangan", "kind": "movable", "what": "jembatan timbang", "value_idr": 350_000_000},
]
OWED: list[dict[str, Any]] = [
    {"obligation": "listrik", "creditor": "PT PLN", "amount_idr": 400_000_000, "paid_idr": 150_000_000},
]
FIRST_MONEY, SECOND_MONEY = 925_000_000, -875_000_000


def filed(case: Case, **fields: Any) -> Case:
    """Items a and b."""
    case.do("inventory-goods", goods=GOODS, document=PAPER, **fields)
    return case.do("list-obligations", obligations=OWED, document=PAPER, **fields)


def nihil(case: Case) -> Case:
    """There is nothing to divide and nothing owed."""
    case.do("inventory-goods", nihil="tidak ada barang")
    return case.do("list-obligations", nihil="semua kewajiban dipenuhi")


def division(case: Case, **changes: Any) -> dict[str, Any]:
    """How the example is divided between the first two participants: both get 2,125,000,000."""
    first, second = agreement(case).participants[:2]
    divided: dict[str, Any] = {
        "allotted": {"truk": first, "tpst": second, "timbangan": "sold"},
        "sold_for": {"timbangan": 300_000_000},
        "money": {first: FIRST_MONEY, second: SECOND_MONEY},
        "document": PAPER,
    }
    return divided | changes


def divided(case: Case, **changes: Any) -> Case:
    """Items a, b and c."""
    return filed(case).do("divide", **division(case, **changes))


def prove(case: Case, item: str, **fields: Any) -> Case:
    """One proof, with its document."""
    return case.do("complete-termination-item", **{"item": item, "document": PAPER, **fields})


def settled(case: Case) -> Case:
    """Items a to e."""
    first, second = agreement(divided(case)).participants[:2]
    prove(case, "d", region=first, amount_idr=FIRST_MONEY)
    prove(case, "d", region=second, amount_idr=-SECOND_MONEY)
    for region in (first, second):
        for proof in ("asset_record", "council_report"):
            prove(case, "e", region=region, proof=proof)
    return case


def told_done(case: Case, *items: str) -> Case:
    """Items that are said to be done without details, as could be said before there were any; c in rupiah."""
    for item in items:
        prove(case, item, **({"amount_idr": 1} if item == "c" else {}))
    return case


def agreement(case: Case) -> Agreement:
    """The agreement whose end is prepared."""
    shown = case.state.shown
    assert shown is not None
    return shown


def slots(case: Case) -> dict[str, str]:
    """How each proof stands, such as ``e 33.72 council_report``: ``open``."""
    checklist = adopted().law.profile(case.state.profile).checklist
    return {
        " ".join(part for part in (one.item, one.region, one.proof) if part): one.state
        for one in workbook.slots(agreement(case), checklist)
    }


def still_open(case: Case) -> list[str]:
    """What is still to be proved."""
    return [name for name, state in slots(case).items() if state == "open"]
