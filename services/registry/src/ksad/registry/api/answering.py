"""What a command's answer says of consent: whether the act stands, and whose confirmation it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID

from ksad.contracts import registry as facts
from ksad.registry.domain.corrections import folded

if TYPE_CHECKING:
    from ksad.chassis.store import CommandRecord, EventStore

CLOSING = (facts.ActRefused, facts.ActClosed)


class Consent(NamedTuple):
    """The state of an act right after a command, the event that proposed it, and who has to confirm it."""

    state: Literal["stands", "proposed", "closed"] = "stands"
    proposal: UUID | None = None
    awaiting: tuple[str, ...] = ()


def consent_after(record: CommandRecord, store: EventStore, subject: str) -> Consent:
    """What a command has done about an act of several parties, the same for a command that is repeated later."""
    proposal = None
    for envelope in record.envelopes:
        fact = envelope.fact()
        if isinstance(fact, facts.ActConfirmed):
            proposal = fact.proposal
        elif isinstance(fact, CLOSING) and envelope.actoroffice != "platform":
            return Consent("closed", fact.proposal)
    if proposal is None:
        return Consent()
    version = record.version(subject)
    state = folded([one for one in store.stream(subject) if one.streamversion <= version])
    act = state.umbrella.pending.get(str(proposal))
    return Consent("stands", proposal) if act is None else Consent("proposed", proposal, act.awaiting)
