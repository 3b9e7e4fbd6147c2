"""The route of follow-ups: what findings call for, open, overdue and closed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Router
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.identifiers import Office
from ksad.supervision.api import answering
from ksad.supervision.domain.permissions import sight_of
from ksad.supervision.parts import Running
from ksad.supervision.queries import Queries
from ksad.supervision.querying_follow_ups import FollowUpsWanted, follow_ups

if TYPE_CHECKING:
    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.task import Task

PAGE_MAX = 500
Reader = Annotated[Caller, Depends(require_current("read"))]


class FollowUpState(StrEnum):
    """Whether evidence has closed it, and if not, whether its day has passed."""

    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"


class FollowUpQuery(BaseModel):
    """Which follow-ups: of a body's findings, of an office that is to act, of a cooperation, in a state."""

    body: Office | None = None
    who: Office | None = None
    cooperation_id: UUID | None = None
    state: FollowUpState | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0


def router() -> Router:
    """The route of follow-ups."""
    routes = Router(tags=["follow-ups"])

    @routes.get("/follow-ups", **answers(answering.FollowUpPage))
    def list_follow_ups(caller: Reader, parts: Running, asked: Annotated[FollowUpQuery, Query()]) -> dict[str, Any]:
        """What findings call for, by the day it is due; ``open`` are those whose day has not passed.

        A supervising body sees those of its own findings and cooperations, a region those that it is to carry out;
        ministry and auditors see all.
        """
        day = today(parts.clock)
        with parts.database.read() as connection:
            reference = parts.reference_cache.reference(connection)
            regions = None if reference is None else reference.regions
            wanted = FollowUpsWanted(
                asked.body, asked.who, asked.cooperation_id, asked.state, day, _own(caller.office, regions)
            )
            found = follow_ups(connection, wanted, asked.limit, asked.offset)
            queries = Queries(connection)
            tasks = {one: queries.task(one) for one in {row.task_id for row in found}}
            cases = {one: queries.case(one) for one in {row.cooperation_id for row in found} if one is not None}
        items = []
        for row in found:
            task = tasks[row.task_id]
            assert task is not None  # noqa: S101 - a follow-up is of a task
            case = cases.get(row.cooperation_id)
            # An older finding may name an office that it does not concern, which would read it here.
            if regions is None or sight_of(caller.office, task, case, regions, day) is not Audience.PUBLIC:
                items.append(_item(task, row.finding, case, regions, day))
        return {"items": items, "next": asked.offset + len(found) if len(found) == asked.limit else None}

    return routes


def _own(office: str, regions: RegionTable | None) -> tuple[str, ...] | None:
    """The offices by which an office is named in its list; ``None``: it sees every list."""
    role, _, code = office.partition(":")
    if role in {"governor", "tkksd"}:
        return (f"tkksd:{code}", f"governor:{code}")
    if role == "region":
        lineage = None if regions is None else regions.lineage(code)
        known = () if regions is None else regions.regions
        # A follow-up names the code of its time (P1.1).
        return (office, *(f"region:{one.code}" for one in known if one.lineage == lineage))
    return None


def _item(task: Task, number: int, case: Case | None, regions: RegionTable | None, day: date) -> dict[str, Any]:
    assert task.completed is not None  # noqa: S101 - findings are filed by the completion
    finding, due, closed = (
        task.completed.findings[number - 1],
        task.follow_ups[number],
        task.follow_ups_closed.get(number),
    )
    state = FollowUpState.CLOSED if closed else FollowUpState.OVERDUE if due.by < day else FollowUpState.OPEN
    codes = () if case is None or regions is None else tuple(regions.code_on(code, day) for code in case.parties)
    return {
        "task_id": str(task.id),
        "finding": number,
        "cooperation_id": str(task.cooperation_id) if task.cooperation_id else None,
        "key": case.key if case else None,
        "title": case.title if case else None,
        "parties": [{"code": code, "name": regions.known(code).name} for code in codes] if regions else [],
        "body": task.body,
        "clause": task.clause,
        "found_on": task.completed.on.isoformat(),
        "basis": finding.basis,
        "conforms": finding.conforms,
        "description": finding.description,
        "who": due.who,
        "by": due.by.isoformat(),
        "what": due.what,
        "state": state,
        "days_overdue": (day - due.by).days if state is FollowUpState.OVERDUE else 0,
        "closed": closed.model_dump(mode="json") if closed else None,
    }
