"""From the body of a command to who may give it and what it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.supervision import TaskCompleted
from ksad.supervision.api.access import POLICY, conditions, own_party, party_of
from ksad.supervision.api.requests import Acknowledge, Assign, Command, Complete, Correct, Decline, Deliver
from ksad.supervision.application import Deed
from ksad.supervision.domain import work as rules

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.chassis.auth import Caller
    from ksad.supervision.application import Supervision, Work
    from ksad.supervision.domain.react import Decision

COMMANDS: dict[str, type[Command]] = {
    "assign": Assign,
    "deliver": Deliver,
    "decline": Decline,
    "acknowledge": Acknowledge,
    "complete": Complete,
    "correct": Correct,
}
NAMES = {model: name for name, model in COMMANDS.items()}


def deed(caller: Caller, identity: UUID, body: Command, supervision: Supervision) -> Deed:
    """The command on a task, with the check of its grant against the task at hand."""

    def authorize(work: Work) -> None:
        event = None
        if isinstance(body, Correct):
            event = next((one for one in work.history() if one.id == body.corrects), None)
        party = _party(caller, body, work)
        POLICY.check(
            caller,
            NAMES[type(body)],
            conditions(caller, work.bench.task, party, event.actoroffice if event is not None else None),
        )

    def decide(work: Work) -> list[Decision]:
        return _decide(caller, body, work, supervision)

    others = (body.satisfies,) if isinstance(body, Complete) and body.satisfies else ()
    return Deed(identity, body.on, others, authorize, decide)


def _party(caller: Caller, body: Command, work: Work) -> str | None:
    """The party that a region speaks for: its own, and no other that the body names."""
    if not isinstance(body, Decline | Acknowledge) or work.unit.reference is None:
        return None
    regions = work.unit.reference.regions
    own = own_party(caller, work.bench.task.for_parties, regions)
    if own is None or body.region in (None, own):
        return own
    return own_party(caller, (body.region,), regions) and own


def _decide(caller: Caller, body: Command, work: Work, supervision: Supervision) -> list[Decision]:
    bench = work.bench
    match body:
        case Assign():
            return rules.assign(bench, body.assignee)
        case Deliver():
            supervision.check_documents(body.documents)
            assert work.unit.reference is not None  # noqa: S101 - a bench is laid only where there is law
            party = party_of(body.region, bench.task.for_parties, work.unit.reference.regions)
            return rules.deliver(bench, party or body.region, body.documents, body.note)
        case Decline():
            return rules.decline(bench, _party(caller, body, work) or "", body.reason)
        case Acknowledge():
            return rules.acknowledge(bench, _party(caller, body, work) or "")
        case Complete():
            supervision.check_documents(body.documents)
            fact = TaskCompleted(cooperation_id=bench.task.cooperation_id, **body.model_dump(exclude={"on"}))
            other = work.unit.task(body.satisfies) if body.satisfies else None
            return rules.complete(bench, fact, other)
        case Correct():
            made = rules.correct(bench, work.history(), body.corrects, body.reason, body.fields)
            supervision.check_documents(map(DocumentRef.model_validate, body.fields.get("documents") or []))
            return made
    raise TypeError(type(body).__name__)
