"""From the body of a command to who may give it and what it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.supervision import TaskCompleted
from ksad.supervision.api.access import POLICY, conditions, own_party, party_of
from ksad.supervision.api.requests import Acknowledge, Assign, Complete, CorrectTask, Decline, Deliver, TaskRequest
from ksad.supervision.application import TaskCommand
from ksad.supervision.domain import commands as rules

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.chassis.auth import Caller
    from ksad.supervision.application import Supervision, TaskTransaction
    from ksad.supervision.domain.react import Decision

COMMANDS: dict[str, type[TaskRequest]] = {
    "assign": Assign,
    "deliver": Deliver,
    "decline": Decline,
    "acknowledge": Acknowledge,
    "complete": Complete,
    "correct": CorrectTask,
}
NAMES = {model: name for name, model in COMMANDS.items()}


def command_on(caller: Caller, identity: UUID, body: TaskRequest, supervision: Supervision) -> TaskCommand:
    """The command on a task, with the check of its grant against the task at hand."""

    def authorize(transaction: TaskTransaction) -> None:
        event = None
        if isinstance(body, CorrectTask):
            event = next((one for one in transaction.history() if one.id == body.corrects), None)
        party = _party(caller, body, transaction)
        POLICY.check(
            caller,
            NAMES[type(body)],
            conditions(caller, transaction.context.task, party, event.actoroffice if event is not None else None),
        )

    def decide(transaction: TaskTransaction) -> list[Decision]:
        return _decide(caller, body, transaction, supervision)

    others = (body.satisfies,) if isinstance(body, Complete) and body.satisfies else ()
    return TaskCommand(identity, body.on, others, authorize, decide)


def _party(caller: Caller, body: TaskRequest, transaction: TaskTransaction) -> str | None:
    """The party that a region speaks for: its own, and no other that the body names."""
    if not isinstance(body, Decline | Acknowledge) or transaction.unit.reference is None:
        return None
    regions = transaction.unit.reference.regions
    own = own_party(caller, transaction.context.task.for_parties, regions)
    if own is None or body.region in (None, own):
        return own
    return own_party(caller, (body.region,), regions) and own


def _decide(
    caller: Caller, body: TaskRequest, transaction: TaskTransaction, supervision: Supervision
) -> list[Decision]:
    context = transaction.context
    match body:
        case Assign():
            return rules.assign(context, body.assignee)
        case Deliver():
            supervision.check_documents(body.documents)
            assert transaction.unit.reference is not None  # noqa: S101 - a context is made only once reference data are adopted
            party = party_of(body.region, context.task.for_parties, transaction.unit.reference.regions)
            return rules.deliver(context, party or body.region, body.documents, body.note)
        case Decline():
            return rules.decline(context, _party(caller, body, transaction) or "", body.reason)
        case Acknowledge():
            return rules.acknowledge(context, _party(caller, body, transaction) or "")
        case Complete():
            supervision.check_documents(body.documents)
            fact = TaskCompleted(cooperation_id=context.task.cooperation_id, **body.model_dump(exclude={"on"}))
            other = transaction.unit.task(body.satisfies) if body.satisfies else None
            return rules.complete(context, fact, other)
        case CorrectTask():
            made = rules.correct(context, transaction.history(), body.corrects, body.reason, body.fields)
            supervision.check_documents(map(DocumentRef.model_validate, body.fields.get("documents") or []))
            return made
    raise TypeError(type(body).__name__)
