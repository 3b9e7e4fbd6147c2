"""Examples of instruments: drafting, signing, council approval, amendment and extension."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ksad.contracts.registry import TermKind
from ksad.registry.domain.affording.values import ACT, PAPER, TEXT, accords, agreements, numbers, unused
from ksad.registry.domain.naming import parties_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

    Fields = dict[str, Any]


def _schedule(state: Cooperation, context: Context) -> Iterator[Fields]:
    for accord in accords(state):
        yield {"instrument": "accord", "signing_on": context.today, "accord": accord}
    for key in agreements(state):
        yield {"instrument": "agreement", "signing_on": context.today, "agreement": key}


def _sign_accord(state: Cooperation, _: Context) -> Iterator[Fields]:
    said = {"numbers": numbers(state.parties), "term": TermKind.OPEN, **ACT}
    for accord in accords(state):
        yield {"accord": accord, **said}
    yield {"accord": unused(state.umbrella.accords), **said}
    for accord in state.umbrella.accords:
        yield {"replaces": accord, **said}


def _open(state: Cooperation, _: Context) -> Iterator[Fields]:
    for accord in accords(state):
        yield {"agreement": unused(state.umbrella.agreements), "title": TEXT, "accord": accord}


def _drop(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in state.umbrella.agreements:
        yield {"agreement": key, "reason": TEXT, "document": PAPER}


def _approve(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        for code in parties_of(state, key):
            yield {"region": code, "number": "1", "agreement": key, "document": PAPER}


def _sign(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        said = {"numbers": numbers(parties_of(state, key)), "term": TermKind.OPEN, **ACT}
        yield {"agreement": key, **said}
        for accord in state.umbrella.accords:
            yield {"agreement": key, "accord": accord, **said}


def _amend(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        yield {"agreement": key, "numbers": numbers(parties_of(state, key)), "changes": TEXT, **ACT}


def _extend(state: Cooperation, context: Context) -> Iterator[Fields]:
    for key in agreements(state):
        known = None if key is None else state.agreement(key)
        last = known.last_day if known is not None and known.last_day is not None else context.today
        ends_on = (max(last, context.today) + timedelta(days=1)).isoformat()
        yield {"agreement": key, "numbers": numbers(parties_of(state, key)), "ends_on": ends_on, **ACT}


INSTRUMENTS: dict[str, Callable[[Cooperation, Context], Iterator[Fields]]] = {
    "schedule-signing": _schedule,
    "sign-accord": _sign_accord,
    "open-agreement": _open,
    "drop-agreement": _drop,
    "record-council-approval": _approve,
    "sign-agreement": _sign,
    "amend": _amend,
    "extend": _extend,
}
