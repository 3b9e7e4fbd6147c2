"""Examples of problems and disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.registry import Manner
from ksad.registry.domain.affording.values import ACT, PAPER, TEXT, agreements, unused
from ksad.registry.domain.naming import parties_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

    Fields = dict[str, Any]


def _report(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key in agreements(state):
        yield {"problem": unused(state.umbrella.problems), "description": TEXT, "agreement": key}


def _resolve(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, open_ in state.problems:
        if open_:
            yield {"problem": key, "outcome": TEXT, "document": PAPER}


def _raise(state: Cooperation, context: Context) -> Iterator[Fields]:
    for key in agreements(state):
        known = None if key is None else state.agreement(key)
        sides = list(parties_of(state, key) if known is None else known.participants)
        own = context.speaks_for(sides)
        first = [own, *(code for code in sides if code != own)] if own else sides
        fields = {
            "dispute": unused(key for key, _ in state.disputes),
            "description": TEXT,
            "agreement": key,
            "document": PAPER,
        }
        if len(first) > 1:
            yield {**fields, "between": first[:2]}


def _request(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, dispute in state.disputes:
        if dispute.status != "settled":
            yield {"dispute": key}


def _escalate(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, dispute in state.disputes:
        if dispute.status != "settled" or dispute.appealable:
            yield {"dispute": key, "reason": TEXT, "number": TEXT, "document": PAPER}


def _settle(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, dispute in state.disputes:
        if dispute.status != "settled":
            for manner in Manner:
                number = None if manner is Manner.DELIBERATION else "1"
                yield {"dispute": key, "manner": manner, "outcome": TEXT, "number": number, **ACT}


MATTERS: dict[str, Callable[[Cooperation, Context], Iterator[Fields]]] = {
    "report-problem": _report,
    "resolve-problem": _resolve,
    "raise-dispute": _raise,
    "request-decision": _request,
    "escalate-dispute": _escalate,
    "settle-dispute": _settle,
}
