"""Routes of tasks: reading them, and the commands of officers and parties on a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Request, Response
from pydantic import BaseModel, ConfigDict

from ksad.chassis.access import require
from ksad.chassis.affordances import PossibleActs, possible_acts
from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import DryRun
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router, received
from ksad.chassis.transfer import download_as, entitled
from ksad.chassis.waiting import require_current
from ksad.contracts.access.supervision import TABLE
from ksad.contracts.catalogue import Audience
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind
from ksad.supervision.api import answering
from ksad.supervision.api.foreseeing import TaskEffects, effects
from ksad.supervision.api.items import is_for_parties, task_item
from ksad.supervision.api.reading import Readable, own, readable, unknown
from ksad.supervision.domain.commands import COMMANDS, TaskCommand
from ksad.supervision.domain.permissions import check_reading_events
from ksad.supervision.domain.task import Status
from ksad.supervision.parts import Parts, Running

if TYPE_CHECKING:
    from ksad.contracts.catalogue import DocumentRef

PAGE_MAX = 500
Reader = Annotated[Caller, Depends(require_current("read"))]
EventReader = Annotated[Caller, Depends(require_current("read-events"))]


class TaskRecorded(BaseModel, title="Answer"):
    """The result of a command: the task's version (also the ETag) and status, its events, and their position."""

    model_config = ConfigDict(extra="forbid")

    task_id: UUID
    version: int
    status: Status
    events: list[UUID]
    position: str


def _perform(
    request: Request, response: Response, parts: Parts, identity: UUID, body: TaskCommand, dry_run: str | None
) -> TaskRecorded | TaskEffects:
    if dry_run is not None:
        return effects(request, parts, identity, body)
    submission = submission_of(request, body.asked())
    task, record = parts.supervision.execute(submission, identity, body)
    position = str(record.position)
    response.headers["ETag"] = f'"{task.version}"'
    response.headers[POSITION_HEADER] = position
    return TaskRecorded(
        task_id=identity,
        version=task.version,
        status=task.status,
        events=record.events,
        position=position,
    )


def router() -> Router:
    """The routes of tasks."""
    routes = Router(tags=["tasks"])

    @routes.get("/tasks/{task_id}", **answers(answering.TaskResponse))
    def get_task(response: Response, caller: Reader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """One task, with the wording of its clause and its cause. 404 if there is none that the caller may see."""
        found, day = readable(parts, caller, task_id), today(parts.clock)
        response.headers["ETag"] = f'"{found.task.version}"'
        return task_item(found.task, found.case, found.reference, day, own(found, caller, day))

    @routes.get("/tasks/{task_id}/may")
    def list_task_acts(response: Response, caller: Reader, parts: Running, task_id: UUID) -> PossibleActs:
        """What the caller's office may do with a task today; of each other act the rule that forbids it.

        An act is allowed where a command with valid fields would be taken; the rules are those that decide.
        """
        found = readable(parts, caller, task_id)
        response.headers["ETag"] = f'"{found.task.version}"'
        with parts.database.read() as connection:
            acts = parts.supervision.may(connection, caller.office, found.task)
        return possible_acts(found.task.version, acts, caller.role, TABLE)

    @routes.get("/tasks/{task_id}/events")
    def get_task_events(caller: EventReader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """The events of a task as in the log (CloudEvents). 403 for offices that do not supervise the cooperation."""
        found = readable(parts, caller, task_id)
        check_reading_events(caller.office, found.seen)
        events = parts.store.stream(f"task/{task_id}")
        return {"items": [one.model_dump(mode="json", exclude_none=True) | {"data": one.data} for one in events]}

    _add_documents(routes)
    for action, model in COMMANDS.items():
        _add(routes, action, model)
    return routes


def _add_documents(routes: Router) -> None:
    @routes.get("/tasks/{task_id}/proposal")
    def get_proposal(caller: Reader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """What the register proposes to deliver for a task today: the document, and its content.

        ``deliver`` with ``proposed`` delivers it. 404 where it proposes nothing, or the caller does not supervise.
        """
        found = readable(parts, caller, task_id)
        if found.seen is not Audience.SUPERVISOR:
            raise unknown()
        with parts.database.read() as connection:
            proposed = parts.supervision.proposal(connection, found.task, today(parts.clock))
        return {"document": proposed.ref.model_dump(mode="json"), "content": orjson.loads(proposed.content)}

    @routes.get("/tasks/{task_id}/documents")
    def list_task_documents(caller: Reader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """The documents of a task that the caller may read, with names and titles of files."""
        found = readable(parts, caller, task_id)
        return {"items": entitled(parts.documents, _documents(found, own(found, caller, today(parts.clock))))}

    @routes.get("/tasks/{task_id}/documents/{sha256}", response_class=Response)
    def get_task_document(caller: Reader, parts: Running, task_id: UUID, sha256: str) -> Response:
        """A document of a task, by SHA-256; a party may read what was delivered or is addressed to it.
        Otherwise 404.
        """
        found = readable(parts, caller, task_id)
        given = _documents(found, own(found, caller, today(parts.clock)))
        cited = next((one for one in given if one.sha256 == sha256), None)
        if cited is None:
            raise Problem(RefusalKind.UNKNOWN, "document-known", "Dokumen ini tidak ada pada tugas ini.")
        try:
            return download_as(parts.documents, cited)
        except NoDocumentError as error:
            raise Problem(
                RefusalKind.UNKNOWN,
                "document-kept",
                "Berkas ini hilang atau berubah; beri tahu pengelola.",
            ) from error


def _add(routes: Router, action: str, model: type[TaskCommand]) -> None:
    def perform(
        request: Request,
        response: Response,
        parts: Running,
        task_id: UUID,
        body: Received[TaskCommand],
        dry_run: DryRun = None,
    ) -> TaskRecorded | TaskEffects:
        return _perform(request, response, parts, task_id, body, dry_run)

    # FastAPI reads the body's model from the annotations, so each command needs its own.
    perform.__annotations__ = {
        "request": Request,
        "response": Response,
        "parts": Running,
        "task_id": UUID,
        "body": received(model),
        "dry_run": DryRun,
        "return": TaskRecorded | TaskEffects,
    }
    routes.add_api_route(
        f"/tasks/{{task_id}}/{action}",
        perform,
        methods=["POST"],
        name=f"{action}_task",
        summary=(model.__doc__ or "").splitlines()[0],
        dependencies=[Depends(require(action))],
    )


def _documents(found: Readable, regions: tuple[str, ...] | None) -> list[DocumentRef]:
    """The documents of a task that the caller may read: for parties, those delivered or addressed to them."""
    task, case, reference, _ = found
    if regions is not None:
        delivered = [one for code, delivery in task.delivered.items() if code in regions for one in delivery.documents]
        law = reference.law.in_force(task.scheduled_on) if case is None else reference.law.profile(case.profile)
        duty = law.duty(task.duty)
        visible = task.completed.documents if task.completed and is_for_parties(duty) else ()
        return [*delivered, *visible]
    given = [one for delivery in task.delivered.values() for one in delivery.documents]
    return [*given, *(task.completed.documents if task.completed else ())]
