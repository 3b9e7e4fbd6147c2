"""Tasks over HTTP: boards to read, and what officers and parties do with one task."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.transfer import download
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import Office
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind
from ksad.supervision.api import answering
from ksad.supervision.api.items import is_for_parties, task_item
from ksad.supervision.domain.commands import COMMANDS, TaskCommand
from ksad.supervision.domain.parties import own_party
from ksad.supervision.domain.permissions import check_reading_events, sight_of
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
    """What a command did: the task's version (also as ETag) and status, the events, and their position in the log."""

    model_config = ConfigDict(extra="forbid")

    task_id: UUID
    version: int
    status: Status
    events: list[UUID]
    position: str


def _perform(request: Request, response: Response, parts: Parts, identity: UUID, body: TaskCommand) -> TaskRecorded:
    submission = submission_of(request, body.model_dump(mode="json"))
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
    """Where a page ended, as an earlier answer told it in ``next``."""
    day, _, identity = text.partition(MARK)
    return f"{date.fromisoformat(day)}{MARK}{UUID(identity)}"


def router() -> APIRouter:
    """Routes of tasks."""
    routes = APIRouter(tags=["tasks"])

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
        """A page of tasks by due date; ``duty`` is a duty's key or clause, ``next`` continues the page."""
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
            seen = sight_of(caller.office, task, case, reference.regions, day)
            items.append(task_item(task, case, reference, for_party=seen is not Audience.SUPERVISOR))
        last = tasks[-1] if len(tasks) == limit else None
        return {"items": items, "next": f"{last.due_on}{MARK}{last.id}" if last else None}

    @routes.get("/tasks/{task_id}", **answers(answering.TaskResponse))
    def get_task(response: Response, caller: Reader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """One task, with the verbatim words of its clause and the event that made it owed."""
        found = _readable(parts, caller, task_id)
        response.headers["ETag"] = f'"{found.task.version}"'
        return task_item(found.task, found.case, found.reference, for_party=found.seen is not Audience.SUPERVISOR)

    @routes.get("/tasks/{task_id}/events")
    def get_task_events(caller: EventReader, parts: Running, task_id: UUID) -> dict[str, Any]:
        """The facts of a task, each a CloudEvent as it stands in the log; for who supervises only."""
        found = _readable(parts, caller, task_id)
        check_reading_events(caller.office, found.seen)
        events = parts.store.stream(f"task/{task_id}")
        return {"items": [one.model_dump(mode="json", exclude_none=True) | {"data": one.data} for one in events]}

    @routes.get("/tasks/{task_id}/documents/{sha256}", response_class=Response)
    def get_task_document(caller: Reader, parts: Running, task_id: UUID, sha256: str) -> Response:
        """A document of a task: opinions, advice and briefs for supervisors, what was delivered also for its party."""
        readable = _readable(parts, caller, task_id)
        found = next((one for one in _documents(readable, caller) if one.sha256 == sha256), None)
        if found is None:
            raise Problem(RefusalKind.UNKNOWN, "document-known", f"Dokumen {sha256} tidak ada pada tugas ini.")
        try:
            content = parts.documents.get(sha256)
        except NoDocumentError as error:
            raise Problem(
                RefusalKind.UNKNOWN, "document-kept", f"Berkas dokumen {sha256} hilang atau berubah."
            ) from error
        return download(content, sha256, found.media_type)

    for action, model in COMMANDS.items():
        _add(routes, action, model)
    return routes


def _add(routes: APIRouter, action: str, model: type[TaskCommand]) -> None:
    def perform(request: Request, response: Response, parts: Running, task_id: UUID, body: TaskCommand) -> TaskRecorded:
        return _perform(request, response, parts, task_id, body)

    perform.__annotations__ = {
        "request": Request,
        "response": Response,
        "parts": Running,
        "task_id": UUID,
        "body": model,
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
        detail = "Data acuan belum ditetapkan. Operator menetapkannya lebih dahulu."
        raise Problem(RefusalKind.UNAVAILABLE, "reference-adopted", detail, headers={"Retry-After": "1"})
    return found


class Readable(NamedTuple):
    """A task that the caller may read, and the widest of its audiences that the caller belongs to."""

    task: Task
    case: Case | None
    reference: Reference
    seen: Audience


def _narrowed(caller: Caller, reference: Reference, day: date) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """What a reading is narrowed to: the lineages of the parties, and the offices that owe; None for no narrowing."""
    role, _, code = caller.office.partition(":")
    regions = reference.regions
    if role == "region":
        return (regions.lineage(code),), ()
    if role in {"governor", "tkksd"}:
        inside = [region.lineage for region in regions.within(code, day)]
        return (*inside, regions.lineage(code)), (f"tkksd:{code}", f"governor:{code}")
    return None, ()


def _readable(parts: Parts, caller: Caller, identity: UUID) -> Readable:
    """A task that the caller may read: a region and a province those of cooperations that they are part of."""
    day = today(parts.clock)
    with parts.database.read() as connection:
        reference = _reference(parts, connection)
        queries = Queries(connection)
        task = queries.task(identity)
        if task is None:
            raise _unknown(identity)
        case = queries.case(task.cooperation_id) if task.cooperation_id else None
    seen = sight_of(caller.office, task, case, reference.regions, day)
    if seen is Audience.PUBLIC:
        raise _unknown(identity)
    return Readable(task, case, reference, seen)


def _documents(readable: Readable, caller: Caller) -> list[DocumentRef]:
    """The documents of a task that the caller may read: a party those delivered or addressed to it."""
    task, _, reference, seen = readable
    if seen is not Audience.SUPERVISOR:
        party = own_party(caller.office, task.for_parties, reference.regions)
        delivered = task.delivered.get(party) if party else None
        duty = reference.law.in_force(task.scheduled_on).duty(task.duty)
        visible = task.completed.documents if task.completed and is_for_parties(duty) else ()
        return [*(delivered.documents if delivered else ()), *visible]
    given = [one for delivery in task.delivered.values() for one in delivery.documents]
    return [*given, *(task.completed.documents if task.completed else ())]


def _unknown(identity: UUID) -> Problem:
    return Problem(RefusalKind.UNKNOWN, "task-known", f"Tugas {identity} tidak ada.")
