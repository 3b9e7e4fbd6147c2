"""Examples of the course of a cooperation: stages, parties, proposals, the work of its supervising body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.registry import Stage
from ksad.contracts.verification import EntryStatus
from ksad.registry.domain.affording.values import ACT, PAPER, TEXT, Filler, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

    Fields = dict[str, Any]


def _enter_stage(state: Cooperation, _: Context) -> Iterator[Fields]:
    lines = [None, *(key for key, one in state.umbrella.agreements.items() if one.own_line)]
    for line in lines:
        for stage in Stage:
            yield {"stage": stage, "agreement": line}


def _form_body(_: Cooperation, __: Context) -> Iterator[Fields]:
    yield {"name": TEXT, "seat": TEXT, "instrument": TEXT, "document": PAPER}


def _dissolve_body(state: Cooperation, _: Context) -> Iterator[Fields]:
    for key, one in state.umbrella.bodies.items():
        if one.stands:
            yield {"body": key, "instrument": TEXT, "document": PAPER}


def _add_party(state: Cooperation, context: Context) -> Iterator[Fields]:
    alive = list(state.umbrella.alive)
    existing = [one.code for one in context.adopted.regions.existing(context.on) if one.autonomous]
    own = (context.office or "").removeprefix("region:")
    strangers = [code for code in existing if code not in state.parties]
    # Whom a party proposes is its choice; that a region itself wants to join is told.
    for code in [code for code in strangers if code == own] + [Filler(code) for code in strangers[:2]]:
        for chosen in ([], *([key] for key in alive)):
            yield {"region": code, "agreements": tuple(chosen), **ACT}
    for code in state.parties:
        for key in alive:
            yield {"region": code, "umbrella": False, "agreements": (key,), **ACT}


def _withdraw_party(state: Cooperation, _: Context) -> Iterator[Fields]:
    for code in state.parties:
        mine = tuple(key for key, one in state.umbrella.alive.items() if code in one.between)
        yield {"region": code, "agreements": mine, "document": PAPER}
        for key in mine:
            yield {"region": code, "umbrella": False, "agreements": (key,), "document": PAPER}


def _on_proposal(further: Fields) -> Callable[[Cooperation, Context], Iterator[Fields]]:
    def examples(state: Cooperation, _: Context) -> Iterator[Fields]:
        for proposal in state.umbrella.pending:
            yield {"proposal": proposal, **further}

    return examples


def _confirm(state: Cooperation, context: Context) -> Iterator[Fields]:
    for proposal, act in state.umbrella.pending.items():
        own = context.speaks_for(act.asked)
        said = numbers([own] if own else act.awaiting)
        yield {"proposal": proposal, "numbers": said, **ACT}


def _withdraw_proposal(_: Cooperation, __: Context) -> Iterator[Fields]:
    yield {"reason": TEXT}


def _close_backfill(_: Cooperation, __: Context) -> Iterator[Fields]:
    yield {}


def _verify(state: Cooperation, _: Context) -> Iterator[Fields]:
    for entry, known in state.entries.items():
        if known.status is not EntryStatus.VERIFIED:
            yield {"entries": [entry]}


def _return(state: Cooperation, _: Context) -> Iterator[Fields]:
    for entry, known in state.entries.items():
        if known.status is not EntryStatus.RETURNED:
            yield {"entry": entry, "reason": TEXT, "mend": TEXT}


COURSE: dict[str, Callable[[Cooperation, Context], Iterator[Fields]]] = {
    "enter-stage": _enter_stage,
    "form-body": _form_body,
    "dissolve-body": _dissolve_body,
    "add-party": _add_party,
    "withdraw-party": _withdraw_party,
    "confirm-act": _confirm,
    "refuse-act": _on_proposal({"reason": TEXT}),
    "withdraw-act": _on_proposal({}),
    "withdraw-proposal": _withdraw_proposal,
    "close-backfill": _close_backfill,
    "verify-entries": _verify,
    "return-entry": _return,
}
