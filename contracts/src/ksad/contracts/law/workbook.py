"""The arithmetic of the termination workbook (d.4): what is divided, who gets or owes what, which proofs are open.

Pure functions of the folded workbook and the checklist of the law, the same for the registry that decides, supervision
that reminds and reports that print. Amounts are whole rupiah. What d.4.c says is that goods are divided *setelah
dinilai dengan mata uang rupiah dan dikurangi kewajiban/utang*; how value splits into goods and money is inference.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.law.slots import (
    DEPOSIT,
    DIVISION,
    EVIDENCE,
    GOODS,
    MONEY,
    OBLIGATIONS,
    PAYMENT,
    RECORDS,
    REPORT,
    Slot,
    SlotState,
    added_slots,
    division_state,
    done_on,
    open_items,
    open_slots,
    slots,
    waiting_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ksad.contracts.dates import WorkingCalendar
    from ksad.contracts.law.duties import Checklist
    from ksad.contracts.law.policy import Policy
    from ksad.contracts.registry import Good, Obligation
    from ksad.contracts.umbrella import Agreement
    from ksad.contracts.umbrella.workbook import Division

__all__ = [
    "CARRIED",
    "DEPOSIT",
    "DIVISION",
    "EVIDENCE",
    "GOODS",
    "MONEY",
    "OBLIGATIONS",
    "PAYMENT",
    "RECORDS",
    "REPORT",
    "SOLD",
    "TERM",
    "Share",
    "Slot",
    "SlotState",
    "Sums",
    "added_slots",
    "division_state",
    "done_on",
    "filings",
    "late_from",
    "open_items",
    "open_slots",
    "shares",
    "slots",
    "statement",
    "sums",
    "sums_of",
    "waiting_for",
]

TERM = "settlement"
"""The term of the policy after which open proofs are late."""
SOLD, CARRIED = "sold", "carried"


class Share(ValueObject):
    """What a participant gets: goods of that value, and money; negative money is what it pays."""

    region: str
    goods_idr: int
    money_idr: int

    @property
    def share_idr(self) -> int:
        """Goods and money together."""
        return self.goods_idr + self.money_idr


class Sums(NamedTuple):
    """The sums of a division: values V (a sold good counts its proceeds), open obligations O, proceeds, and shares."""

    value: int
    owed: int
    sold: int
    shares: tuple[Share, ...]

    @property
    def net(self) -> int:
        """What there is to share: V - O; negative where more is owed than there is."""
        return self.value - self.owed

    @property
    def money_due(self) -> int:
        """What the money of all participants has to add up to: the proceeds less the open obligations."""
        return self.sold - self.owed

    @property
    def money(self) -> int:
        """What it adds up to."""
        return sum(one.money_idr for one in self.shares)

    @property
    def difference(self) -> int:
        """By how much the division does not close: 0 exactly where the shares add up to V - O."""
        return self.money - self.money_due


def sums(
    goods: Iterable[Good],
    obligations: Iterable[Obligation],
    allotted: Mapping[str, str],
    sold_for: Mapping[str, int],
    carried: Iterable[str],
    money: Mapping[str, int],
) -> Sums:
    """The sums of goods and obligations as they are divided. What is carried on counts in neither."""
    stays = set(carried)
    value: dict[str, int] = {}
    sold = 0
    for one in goods:
        to = allotted.get(one.good, CARRIED)
        if to == SOLD:
            sold += sold_for.get(one.good, 0)
        elif to != CARRIED:
            value[to] = value.get(to, 0) + one.value_idr
    owed = sum(one.amount_idr - one.paid_idr for one in obligations if one.obligation not in stays)
    shares = tuple(
        Share(region=region, goods_idr=value.get(region, 0), money_idr=money.get(region, 0))
        for region in sorted({*value, *money})
    )
    return Sums(sum(value.values()) + sold, owed, sold, shares)


def sums_of(division: Division) -> Sums:
    """The sums of a division that stands."""
    return sums(
        division.goods, division.obligations, division.allotted, division.sold_for, division.carried, division.money
    )


def shares(division: Division, participants: Iterable[str]) -> Iterator[Share]:
    """The share of each participant, of those too who get nothing."""
    known = {one.region: one for one in sums_of(division).shares}
    for region in participants:
        yield known.get(region) or Share(region=region, goods_idr=0, money_idr=0)


def late_from(agreement: Agreement, policy: Policy, working: WorkingCalendar) -> date | None:
    """The first day on which what is open of a settlement is late; None before an end, or where no policy says so."""
    term = policy.terms.get(TERM)
    if term is None or agreement.ended is None:
        return None
    return term.due(agreement.ended.on, working).day + timedelta(days=1)


def statement(agreement: Agreement, checklist: Checklist, late: date | None = None) -> dict[str, Any]:
    """The workbook of an agreement as answers show it, in the types of JSON: filings, division with sums, slots."""
    book = agreement.workbook
    return filings(agreement) | {
        "slots": [one.model_dump(mode="json") for one in slots(agreement, checklist)],
        "added": [
            one.model_dump(mode="json") | {"description": book.added[one.item]} for one in added_slots(agreement)
        ],
        "open": len(open_slots(agreement, checklist)),
        "late_from": None if late is None else late.isoformat(),
    }


def filings(agreement: Agreement) -> dict[str, Any]:
    """What was filed, how it is divided with its sums, and what was proved: all that needs no checklist of the law."""
    book = agreement.workbook
    plain = book.model_dump(mode="json")
    return {
        "participants": list(agreement.participants),
        "goods": plain["goods"],
        "obligations": plain["obligations"],
        "division": None if book.division is None else plain["division"] | _totals(agreement, book.division),
        "proofs": plain["proofs"],
    }


def _totals(agreement: Agreement, division: Division) -> dict[str, Any]:
    found = sums_of(division)
    return {
        "value_idr": found.value,
        "owed_idr": found.owed,
        "sold_idr": found.sold,
        "net_idr": found.net,
        "shares": [
            one.model_dump(mode="json") | {"share_idr": one.share_idr}
            for one in shares(division, agreement.participants)
        ],
    }
