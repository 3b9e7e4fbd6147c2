"""Routes of tasks: reading them, and the commands of officers and parties on a task."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router, received
from ksad.chassis.transfer import download
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import Office
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind
from ksad.supervision.api import answering
from ksad.supervision.api.items import is_for_parties, task_item
from ksad.supervision.domain.commands import COMMANDS, TaskCommand
from ksad.supervision.domain.permissions import check_reading_events, own_regions, sight_of
from ksad.supervision.domain.task import Status
from ksad.supervision.parts import Parts, Running
from ksad.supervision.queries import MARK, Queries, TaskFilter

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ksad.contracts.catalogue import DocumentRef
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.task import Task

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


def _perform(request: Request, response: Response, parts: Parts, identity: UUID, body: TaskCommand) -> TaskRecorded:
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


def _mark(text: str) -> str:
    """Checks and normalises ``after``, the value of ``next`` in an earlier response."""
    day, _, identity = text.partition(MARK)
    try:
        return f"{date.fromisoformat(day)}{MARK}{UUID(identity)}"
    except ValueError as error:
        raise PydanticCustomError("page_mark", "no mark of a page") from error


def router() -> Router:
    """The routes of tasks."""
    routes = Router(tags=["tasks"])

    @routes.get("/tasks", **answers(answering.TaskPage))
    def list_tasks(
        caller: Reader,
        parts: Running,
        cooperation_id: UUID | None = None,
        body: Office | None = None,
        duty: Annotated[str | None, Query(max_length=32)] = None,
        status: Status | None = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        after: Annotated[str | None, Query(max_length=47), AfterValidator(_mark)] = None,
    ) -> dict[str, Any]:
        """A page of tasks on which the caller may see something, by due date; ``duty`` is a key or a clause."""
        with parts.database.read() as connection:
            reference = _reference(parts, connection)
            day = today(parts.clock)
            mine = _narrowed(caller, reference, day)
            wanted = TaskFilter(cooperation_id, body, duty, status.value if status else None, *mine)
            queries = Queries(connection)
            tasks = queries.tasks(wanted, after, limit)
            cases = {key: queries.case(key) for key in {task.cooperation_id for task in tasks} if key is not None}
        items = []
        for task in tasks:
            case = cases.get(task.cooperation_id or task.id)
            found = Readable(task, case, reference, sight_of(caller.office, task, case, reference.regions, day))
            # Tasks of after its last day are no former party's.
            if found.seen is not Audience.PUBLIC:
                items.append(task_item(task, case, reference, _own(found, caller, day)))
        last = tasks[-1] if len(tasks) == limit else None
        return {"items": items, "next": f"{last.due_on}{MARK}{last.id}" if last else None}

    @routes.get("/tasks/{task_id}", **answers(answering.TaskResponse))
    def get_task(response: Response, caller: Reader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """One task, with the wording of its clause and its cause. 404 if there is none that the caller may see."""
        found = _readable(parts, caller, task_id)
        response.headers["ETag"] = f'"{found.task.version}"'
        return task_item(found.task, found.case, found.reference, _own(found, caller, today(parts.clock)))

    @routes.get("/tasks/{task_id}/events")
    def get_task_events(caller: EventReader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """The events of a task as in the log (CloudEvents). 403 for offices that do not supervise the cooperation."""
        found = _readable(parts, caller, task_id)
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
        readable = _readable(parts, caller, task_id)
        if readable.seen is not Audience.SUPERVISOR:
            raise _unknown()
        with parts.database.read() as connection:
            found = parts.supervision.proposal(connection, readable.task, today(parts.clock))
        return {"document": found.ref.model_dump(mode="json"), "content": orjson.loads(found.content)}

    @routes.get("/tasks/{task_id}/documents/{sha256}", response_class=Response)
    def get_task_document(caller: Reader, parts: Running, task_id: UUID, sha256: str) -> Response:
        """A document of a task, by SHA-256; a party may read what was delivered or is addressed to it.
        Otherwise 404.
        """
        readable = _readable(parts, caller, task_id)
        given = _documents(readable, _own(readable, caller, today(parts.clock)))
        found = next((one for one in given if one.sha256 == sha256), None)
        if found is None:
            raise Problem(RefusalKind.UNKNOWN, "document-known", "Dokumen ini tidak ada pada tugas ini.")
        try:
            content = parts.documents.get(sha256)
        except NoDocumentError as error:
            raise Problem(
                RefusalKind.UNKNOWN, "document-kept", f"Berkas dokumen {sha256} hilang atau berubah."
            ) from error
        return download(content, sha256, found.media_type)


def _add(routes: Router, action: str, model: type[TaskCommand]) -> None:
    def perform(
        request: Request, response: Response, parts: Running, task_id: UUID, body: Received[TaskCommand]
    ) -> TaskRecorded:
        return _perform(request, response, parts, task_id, body)

    # FastAPI reads the body's model from the annotations, so each command needs its own.
    perform.__annotations__ = {
        "request": Request,
        "response": Response,
        "parts": Running,
        "task_id": UUID,
        "body": received(model),
        "return": TaskRecorded,
    }
    routes.add_api_route(
        f"/tasks/{{task_id}}/{action}",
        perform,
        methods=["POST"],
        name=f"{action}_task",
        summary=(model.__doc__ or "").splitlines()[0],
        dependencies=[Depends(require(action))],
    )


def _reference(parts: Parts, connection: sa.Connection) -> Reference:
    found = parts.reference_cache.reference(connection)
    if found is None:
        detail = "Data acuan belum ada. Platform dibuka lebih dahulu."
        raise Problem(RefusalKind.UNAVAILABLE, "reference-adopted", detail, headers={"Retry-After": "1"})
    return found


class Readable(NamedTuple):
    """A task that the caller may read, its case, and the widest audience of the task that the caller belongs to."""

    task: Task
    case: Case | None
    reference: Reference
    seen: Audience


def _narrowed(caller: Caller, reference: Reference, day: date) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The filter for a caller: lineages of parties and responsible offices; ``None`` for a caller that may see all."""
    role, _, code = caller.office.partition(":")
    regions = reference.regions
    if role == "region":
        return (regions.lineage(code),), ()
    if role in {"governor", "tkksd"}:
        inside = [region.lineage for region in regions.within(code, day)]
        return (*inside, regions.lineage(code)), (f"tkksd:{code}", f"governor:{code}")
    return None, ()


def _readable(parts: Parts, caller: Caller, identity: UUID) -> Readable:
    """A task that the caller may read.

    :raises Problem: 404, there is no such task, or the caller may not know of it.
    """
    day = today(parts.clock)
    with parts.database.read() as connection:
        reference = _reference(parts, connection)
        queries = Queries(connection)
        task = queries.task(identity)
        if task is None:
            raise _unknown()
        case = queries.case(task.cooperation_id) if task.cooperation_id else None
    seen = sight_of(caller.office, task, case, reference.regions, day)
    if seen is Audience.PUBLIC:
        raise _unknown()
    return Readable(task, case, reference, seen)


def _own(readable: Readable, caller: Caller, day: date) -> tuple[str, ...] | None:
    """The parties for which a caller reads a task; ``None`` for the supervising side."""
    if readable.seen is Audience.SUPERVISOR:
        return None
    return own_regions(caller.office, readable.task.for_parties, readable.reference.regions, day)


def _documents(readable: Readable, own: tuple[str, ...] | None) -> list[DocumentRef]:
    """The documents of a task that the caller may read: for parties, those delivered or addressed to them."""
    task, case, reference, _ = readable
    if own is not None:
        delivered = [one for code, delivery in task.delivered.items() if code in own for one in delivery.documents]
        law = reference.law.in_force(task.scheduled_on) if case is None else reference.law.profile(case.profile)
        duty = law.duty(task.duty)
        visible = task.completed.documents if task.completed and is_for_parties(duty) else ()
        return [*delivered, *visible]
    given = [one for delivery in task.delivered.values() for one in delivery.documents]
    return [*given, *(task.completed.documents if task.completed else ())]


def _unknown() -> Problem:
    return Problem(RefusalKind.UNKNOWN, "task-known", "Tugas ini tidak ada.")
