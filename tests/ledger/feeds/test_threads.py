"""Threads of facts by feed rule 2: who becomes a guest of one, and stays it."""

from typing import Any

from ksad.ledger.feeds.concern import ConcernState
from ksad.ledger.feeds.rules import RULES
from ksad.ledger.feeds.threads import admits

PROPOSAL = "00000000-0000-5000-8000-000000000001"
ASKED: dict[str, Any] = {"asked": ["33.72", "34.71"]}


def after(state: ConcernState, kind: str, data: dict[str, Any]) -> ConcernState:
    """What rule 2 remembers of a cooperation after a further fact."""
    return state.after(RULES[2].changes(PROPOSAL, kind, "cooperation/x", data))


def test_whoever_is_asked_and_is_no_party_is_a_guest_of_the_proposal() -> None:
    """A party sees the proposal as a party; it is no guest, so that it gets nothing more of it when it has left."""
    state = after(ConcernState(parties=("33.72", "33.13")), "ksad.cooperation.act_proposed.v1", ASKED)
    assert state.guests == ((f"act/{PROPOSAL}", "34.71"),)
    left = {"parties": ["33.13"], "region": "33.72", "agreements": [], "settlement": None}
    assert after(state, "ksad.cooperation.party_withdrew.v2", left).guests == state.guests


def test_a_supervisor_of_an_agreement_is_the_one_that_was_resolved_last() -> None:
    """Resolved anew, the agreement has one supervisor; another agreement keeps its own."""
    state, kind = ConcernState(parties=("33.72",)), "ksad.supervision.agreement_jurisdiction_resolved.v1"
    for agreement, body in (("air", "tkksd:33"), ("jalan", "tkksd:34"), ("air", "joint_secretariat")):
        state = after(state, kind, {"agreement": agreement, "supervising_body": body})
    assert state.agreements == (("air", "joint_secretariat"), ("jalan", "tkksd:34"))
    assert [state.supervised_by(body) for body in ("tkksd:33", "tkksd:34")] == [False, True]


def test_a_guest_sees_what_is_addressed_to_it_and_no_other_advice() -> None:
    """What is for supervisors reaches a guest only where it was given to that guest."""
    assert [admits(thread, "supervisor") for thread in ("to/33.72", "act/1", "settlement/air")] == [True, False, False]
    assert all(admits(thread, "parties") for thread in ("to/33.72", "act/1", "settlement/air"))
