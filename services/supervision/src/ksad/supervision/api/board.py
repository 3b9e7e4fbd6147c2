"""The list of tasks as a work list: chosen, sorted, counted, and with the names of what each is about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Response
from pydantic import AfterValidator, BaseModel, Field
from pydantic_core import PydanticCustomError

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Router
from ksad.chassis.transfer import repeated
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import Office, ProvinceCode, RegionCode
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import Tier
from ksad.supervision.api import answering
from ksad.supervision.api.items import task_item
from ksad.supervision.api.reading import Readable, own, reference_of, seen_by
from ksad.supervision.domain.permissions import sight_of
from ksad.supervision.domain.task import Status
from ksad.supervision.parts import Running
from ksad.supervision.queries import MARK, Queries
from ksad.supervision.querying_tasks import TasksWanted, counted, tasks

if TYPE_CHECKING:
    from ksad.supervision.domain.reference import Reference

PAGE_MAX = 500
Reader = Annotated[Caller, Depends(require_current("read"))]


def _mark(text: str | None) -> str | None:
    """Checks and normalises ``after``, the value of ``next`` in an earlier response."""
    if text is None:
        return None
    day, _, identity = text.partition(MARK)
    try:
        return f"{date.fromisoformat(day)}{MARK}{UUID(identity)}"
    except ValueError as error:
        raise PydanticCustomError("page_mark", "no mark of a page") from error


class TaskQuery(BaseModel):
    """Which tasks, in which order; ``duty`` is a key or a clause.

    ``mine``: those that the caller's bodies owe, or that still ask something of the caller's region. ``region`` and
    ``province`` are those of a party; ``overdue`` is late already. ``counts`` asks how many there are in all.
    """

    cooperation_id: UUID | None = None
    body: Office | None = None
    duty: Annotated[str | None, Field(max_length=32)] = None
    status: Status | None = None
    stage: Stage | None = None
    tier: Tier | None = None
    mine: bool | None = None
    open: bool | None = None
    overdue: bool | None = None
    assignee: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    assigned: bool | None = None
    due_from: date | None = None
    due_until: date | None = None
    region: RegionCode | None = None
    province: ProvinceCode | None = None
    sort: Literal["due_on", "-due_on"] = "due_on"
    counts: bool = False
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    after: Annotated[str | None, Field(max_length=47), AfterValidator(_mark)] = None


def router() -> Router:
    """The route of the list."""
    routes = Router(tags=["tasks"])

    @routes.get("/tasks", **answers(answering.TaskPage))
    def list_tasks(caller: Reader, parts: Running, asked: Annotated[TaskQuery, Query()]) -> Response:
        """A page of tasks on which the caller may see something, by due date, with names and, if asked for, counts."""
        day, latest = today(parts.clock), asked.sort == "-due_on"
        with parts.database.read() as connection:
            reference = reference_of(parts, connection)
            wanted = _wanted(caller.office, asked, reference, day)
            found = tasks(connection, wanted, asked.after, asked.limit, latest=latest)
            counts = counted(connection, wanted, day) if asked.counts else None
            known = Queries(connection).cases({one.cooperation_id for one in found if one.cooperation_id is not None})
        items = []
        for task in found:
            case = known.get(task.cooperation_id or task.id)
            one = Readable(task, case, reference, sight_of(caller.office, task, case, reference.regions, day))
            # Tasks of after its last day are no former party's.
            if one.seen is not Audience.PUBLIC:
                items.append(task_item(task, case, reference, day, own(one, caller, day)))
        last = found[-1] if len(found) == asked.limit else None
        return repeated(
            {
                "items": items,
                "next": f"{last.due_on}{MARK}{last.id}" if last else None,
                "counts": None if counts is None else counts._asdict(),
            }
        )

    return routes


def _wanted(office: str, asked: TaskQuery, reference: Reference, day: date) -> TasksWanted:
    """The filter of a query, for a caller."""
    regions = reference.regions
    between: tuple[str, ...] | None = None
    if asked.region is not None:
        between = (regions.known_lineage(asked.region) or asked.region,)
    if asked.province is not None:
        inside = {one.lineage for one in regions.existing(day) if one.province == asked.province}
        between = tuple(sorted(inside if between is None else inside.intersection(between)))
    bodies: tuple[str, ...] | None = None
    asks: tuple[str, ...] | None = None
    if asked.mine:
        role, _, code = office.partition(":")
        asks = (regions.lineage(code),) if role == "region" else None
        assisting = {"governor": (f"tkksd:{code}",), "minister": ("joint_secretariat",)}
        bodies = (office, *assisting.get(role, ())) if role != "region" else None
    fields = asked.model_dump(exclude={"mine", "region", "province", "sort", "counts", "limit", "after"})
    return TasksWanted(**fields, seen=seen_by(office, reference, day), bodies=bodies, asks=asks, between=between)
