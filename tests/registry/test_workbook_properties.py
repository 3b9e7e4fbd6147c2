"""Random workbooks: sums close exactly, and a settlement is closed exactly when nothing of it is open."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.contracts.law import workbook
from ksad.contracts.registry import Good, Obligation
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.umbrella import AgreementState
from tests.support.histories.cooperations import KARANGANYAR, SOLO, Case, adopted
from tests.support.histories.settlements import GOODS, OWED, PAPER, agreement, division

MANY = 2**53 - 1
REGIONS = ("33.11", KARANGANYAR, SOLO)
AMOUNTS = st.integers(0, MANY)
SENT = st.sampled_from([*REGIONS, workbook.SOLD, workbook.CARRIED])


@settings(max_examples=200)
@given(
    st.lists(st.tuples(AMOUNTS, SENT, AMOUNTS), max_size=12),
    st.lists(st.tuples(AMOUNTS, st.integers(0, 100), st.booleans()), max_size=12),
    st.lists(st.integers(-MANY, MANY), min_size=2, max_size=2),
    st.integers(-5, 5),
)
def test_a_division_closes_exactly_where_shares_add_up(
    goods: list[tuple[int, str, int]], owed: list[tuple[int, int, bool]], money: list[int], wrong: int
) -> None:
    """Whatever is divided: with the last one's money as what is left all shares are V - O, and one rupiah more is not.

    V and O are counted here anew, from the rows.
    """
    listed = [
        Good(good=f"g{number}", kind="movable", what="x", value_idr=value) for number, (value, _, _) in enumerate(goods)
    ]
    allotted = {f"g{number}": to for number, (_, to, _) in enumerate(goods)}
    sold_for = {f"g{number}": sold for number, (_, to, sold) in enumerate(goods) if to == workbook.SOLD}
    debts = [
        Obligation(obligation=f"o{number}", creditor="x", amount_idr=amount, paid_idr=amount * part // 100)
        for number, (amount, part, _) in enumerate(owed)
    ]
    carried = [f"o{number}" for number, (_, _, on) in enumerate(owed) if on]
    left = sum(one.amount_idr - one.paid_idr for one in debts if one.obligation not in carried)
    worth = sum(value for value, to, _ in goods if to in REGIONS) + sum(sold_for.values())
    last = sum(sold_for.values()) - left - sum(money) + wrong
    found = workbook.sums(listed, debts, allotted, sold_for, carried, dict(zip(REGIONS, [*money, last], strict=True)))
    assert (found.value, found.owed, found.difference) == (worth, left, wrong)
    assert sum(one.share_idr for one in found.shares) == found.net + wrong


def act(case: Case, name: str, first: bool, part: int) -> None:
    """One entry or matter, as far as the rules allow it."""
    region = SOLO if first else KARANGANYAR
    book = agreement(case).workbook
    due = 0 if book.division is None else abs(book.division.money.get(region, 0))
    fields: dict[str, tuple[str, dict[str, Any]]] = {
        "a": ("inventory-goods", {"goods": GOODS, "document": PAPER}),
        "a nihil": ("inventory-goods", {"nihil": "x"}),
        "b": ("list-obligations", {"obligations": OWED, "document": PAPER}),
        "b nihil": ("list-obligations", {"nihil": "x"}),
        "c": ("divide", division(case)),
        "d": ("complete-termination-item", {"item": "d", "region": region, "amount_idr": max(due * part // 2, 1)}),
        "record": ("complete-termination-item", {"item": "e", "region": region, "proof": "asset_record"}),
        "report": ("complete-termination-item", {"item": "e", "region": region, "proof": "council_report"}),
        "f": ("complete-termination-item", {"item": "f"}),
        "arsip": ("add-termination-item", {"item": "arsip", "description": "x"}),
        "problem": ("report-problem", {"problem": f"p{part}", "description": "x"}),
        "solved": ("resolve-problem", {"problem": f"p{part}", "outcome": "x"}),
        "dispute": ("raise-dispute", {"dispute": f"d{part}", "between": [SOLO, KARANGANYAR], "description": "x"}),
        "settled": ("settle-dispute", {"dispute": f"d{part}", "manner": "deliberation", "outcome": "x"}),
        "end": ("end", {"ground": "mutual"}),
    }
    command, given_ = fields[name]
    if command == "complete-termination-item":
        given_ = {**given_, "document": PAPER}
    try:
        case.do(command, **given_)
    except RuleBrokenError:
        return


ORDER = ["a", "b", "c", "d", "d", "record", "record", "report", "report", "f", "end"]
"""What closes a settlement where each participant does its part; others come between."""
NAMES = st.sampled_from(
    [*ORDER, "a nihil", "b nihil", "arsip", "problem", "solved", "dispute", "settled", "settled", "solved"]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(NAMES, st.booleans(), st.integers(1, 2)), max_size=14), st.booleans())
def test_a_settlement_is_closed_exactly_when_nothing_is_open(others: list[tuple[str, bool, int]], whole: bool) -> None:
    """After every act: closed if and only if it ended, and no slot, no problem and no dispute is open."""
    case = Case().ending()
    acts = list(others)
    if whole:
        places = [(name, turn % 2 == 0, 2) for turn, name in enumerate(ORDER)]
        acts = [one for pair in zip(places, [*others, *[None] * len(places)], strict=False) for one in pair if one]
    checklist = adopted().law.profile(case.state.profile).checklist
    for name, first, part in acts:
        act(case, name, first, part)
        known = agreement(case)
        nothing = not workbook.open_slots(known, checklist) and not case.state.umbrella.open_matters("perjanjian-1")
        assert (known.state is AgreementState.CLOSED) is (known.ended is not None and nothing)


def test_the_whole_order_closes() -> None:
    """The order that the property mixes with other acts does close a settlement by itself."""
    case = Case().ending()
    for turn, name in enumerate(ORDER):
        act(case, name, turn % 2 == 1, 2)
    assert agreement(case).state is AgreementState.CLOSED
