"""Examples of the end: notice, ending, and the workbook of what goes on after it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ksad.contracts.law import workbook
from ksad.registry.domain.affording.values import ACT, PAPER, TEXT, agreements, unused
from ksad.registry.domain.endings import EXPIRED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

    Fields = dict[str, Any]

TEXT_KEY = "a"


def _grounds(state: Cooperation, context: Context, key: str | None) -> list[str]:
    return [ground.key for ground in context.profile(state, key).endings]


def _notice(state: Cooperation, context: Context) -> Iterator[Fields]:
    for key in agreements(state):
        known = None if key is None else state.agreement(key)
        planned = context.today + timedelta(days=1)
        if known is not None and known.last_day is not None:
            planned = max(context.today, min(planned, known.last_day))
        live = known.notice.event if known is not None and known.notice is not None else None
        for ground in _grounds(state, context, key):
            yield {"agreement": key, "ground": ground, "planned_end_on": planned, "document": PAPER, "replaces": live}


def _revoke(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        yield {"agreement": key, "reason": TEXT, "document": PAPER}


def _end(state: Cooperation, context: Context) -> Iterator[Fields]:
    # That a term has passed the register records by itself.
    for key in [*(key for key in agreements(state) if key is not None), None]:
        for ground in _grounds(state, context, key):
            if ground != EXPIRED:
                yield {"agreement": key, "ground": ground, "reason": TEXT, **ACT}
    for accord in state.umbrella.accords:
        for ground in _grounds(state, context, None):
            if ground != EXPIRED:
                yield {"accord": accord, "ground": ground, "reason": TEXT, **ACT}


def _inventory(state: Cooperation, _: Context) -> Iterator[Fields]:
    good = {"good": TEXT_KEY, "kind": "movable", "what": TEXT, "value_idr": 0}
    for key in agreements(state):
        yield {"agreement": key, "goods": [good], "document": PAPER}


def _list(state: Cooperation, _: Context) -> Iterator[Fields]:
    obligation = {"obligation": TEXT_KEY, "creditor": TEXT, "amount_idr": 0}
    for key in agreements(state):
        yield {"agreement": key, "obligations": [obligation], "document": PAPER}


def _divide(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, one in state.umbrella.agreements.items():
        goods, owed = one.workbook.goods, one.workbook.obligations
        if goods is None or owed is None or not one.participants:
            yield {"agreement": key, "allotted": {}, "money": {}, **ACT}
            continue
        first = one.participants[0]
        allotted = {good.good: first for good in goods.goods}
        due = workbook.sums(goods.goods, owed.obligations, allotted, {}, [], {}).money_due
        yield {"agreement": key, "allotted": allotted, "money": {first: due}, **ACT}


def _add_item(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        known = None if key is None else state.agreement(key)
        added = known.workbook.added if known is not None else {}
        yield {"agreement": key, "item": unused(added), "description": TEXT}


def _complete(state: Cooperation, context: Context) -> Iterator[Fields]:
    for key in agreements(state):
        known = None if key is None else state.agreement(key)
        checklist = context.profile(state, key).checklist
        for item in checklist.items:
            for proof in dict.fromkeys(("evidence", *item.proofs)):
                for region in _whose(known, per_party=item.per_party):
                    amount = 1 if item.rupiah == "required" else None
                    yield {
                        "agreement": key,
                        "item": item.key,
                        "proof": proof,
                        "region": region,
                        "document": PAPER,
                        "amount_idr": amount,
                        "number": "1",
                    }
        for item_key in known.workbook.added if known is not None else ():
            yield {"agreement": key, "item": item_key, "document": PAPER}


def _whose(known: Agreement | None, *, per_party: bool) -> list[str | None]:
    return list(known.participants) if known is not None and per_party else [None]


SETTLING: dict[str, Callable[[Cooperation, Context], Iterator[Fields]]] = {
    "give-termination-notice": _notice,
    "revoke-termination-notice": _revoke,
    "inventory-goods": _inventory,
    "list-obligations": _list,
    "divide": _divide,
    "add-termination-item": _add_item,
    "complete-termination-item": _complete,
    "end": _end,
}
