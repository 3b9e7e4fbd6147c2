"""Threads of facts within a cooperation that reach more than its parties, by feed rule 2.

The settlement of an agreement is also for those who left it and take part until its end, and a proposal for a region
that it asks without being a party. What is addressed to one party reaches fewer: its province, and the supervisors.
Everything here goes by the facts as they were recorded, in any version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.feeds.audiences import SUPERVISOR
from ksad.ledger.feeds.concern import RECORDED, ConcernChange, changes

if TYPE_CHECKING:
    from ksad.ledger.feeds.concern import ConcernState, Data

ONLY_AGREEMENT = "perjanjian-1"
"""The agreement of facts from the time when there was one only."""
SETTLING = tuple(
    f"{RECORDED}{name}."
    for name in (
        "termination_item_added",
        "termination_item_completed",
        "goods_inventoried",
        "obligations_listed",
        "division_agreed",
        "settlement_closed",
    )
)
ENDED, WITHDREW = f"{RECORDED}ended.", f"{RECORDED}party_withdrew."
ACT, PROPOSED = f"{RECORDED}act_", f"{RECORDED}act_proposed."
CORRECTIONS = (f"{RECORDED}corrected.", f"{RECORDED}public_corrected.")
ADDRESSED = ("ksad.task.delivered.", "ksad.task.declined.")
"""What was given to one party, or said by one, with a note: for its province and the supervisor."""
AGREEMENT_RESOLVED = "ksad.supervision.agreement_jurisdiction_resolved."
THREADED = (*SETTLING, ENDED, WITHDREW, ACT, *CORRECTIONS, AGREEMENT_RESOLVED, *ADDRESSED)
"""How the types begin that say something of threads, or of who supervises a part of a cooperation."""
SETTLEMENT, PROPOSAL, TO = "settlement/", "act/", "to/"


def thread_of(event_id: str, kind: str, data: Data, state: ConcernState) -> str | None:
    """The thread that a fact belongs to, as the matter is after it."""
    if kind.startswith(CORRECTIONS):
        return state.thread_of(data["corrects"])
    return _own_thread(event_id, kind, data)


def _own_thread(event_id: str, kind: str, data: Data) -> str | None:
    if kind.startswith(SETTLING):
        return f"{SETTLEMENT}{data.get('agreement', ONLY_AGREEMENT)}"
    if kind.startswith(ENDED):
        return f"{SETTLEMENT}{data['key']}" if data.get("of") == "agreement" else None
    if kind.startswith(ADDRESSED):
        return f"{TO}{data['region']}"
    if kind.startswith(PROPOSED):
        return f"{PROPOSAL}{event_id}"
    return f"{PROPOSAL}{data['proposal']}" if kind.startswith(ACT) else None


def admits(thread: str, audience: str) -> bool:
    """Whether the guests of a thread may see a fact of it: what is addressed to one is not for the parties."""
    return audience != SUPERVISOR or thread.startswith(TO)


def threaded(event_id: str, kind: str, data: Data) -> ConcernChange:
    """What a fact of a cooperation changes by version 2."""
    change = changes(kind, data)
    if not kind.startswith(THREADED):
        return change
    if kind.startswith(AGREEMENT_RESOLVED):
        return ConcernChange(agreement=(data["agreement"], data["supervising_body"]))
    if kind.startswith(WITHDREW):
        keys = data.get("agreements", ()) if data.get("settlement") == "with_the_end" else ()
        return change._replace(guests=tuple((f"{SETTLEMENT}{key}", data["region"]) for key in keys))
    if kind.startswith(PROPOSED):
        return change._replace(invited=tuple((f"{PROPOSAL}{event_id}", region) for region in data["asked"]))
    if kind.startswith(ADDRESSED):
        return ConcernChange(guests=((f"{TO}{data['region']}", data["region"]),))
    own = _own_thread(event_id, kind, data)
    if own is not None and own.startswith(SETTLEMENT):
        return ConcernChange(parties=change.parties, mark=(event_id, own))
    return change
