"""The answer to a dry run of a command on a task: what it would bring about, of which nothing was recorded."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from ksad.chassis.clock import today
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import ForeseenFact, foreseen_fact
from ksad.contracts.regions import office_name, region_name
from ksad.supervision.api.reading import reference_of
from ksad.supervision.domain.task import Status
from ksad.supervision.parts import Parts

if TYPE_CHECKING:
    from ksad.supervision.domain.commands import TaskCommand


class ForeseenReceiver(BaseModel):
    """A region, or the province of a Governor, that the task still would have to reach."""

    model_config = ConfigDict(extra="forbid")

    region: str
    name: str


class ForeseenCompletion(BaseModel):
    """A task that would be completed, with its duty and clause."""

    model_config = ConfigDict(extra="forbid")

    task_id: UUID
    duty: str
    clause: str


class ForeseenFollowUp(BaseModel):
    """What a finding would call for: its number, from 1, who does what, and until which day."""

    model_config = ConfigDict(extra="forbid")

    finding: int
    who: str
    name: str
    what: str
    by: date


class TaskEffects(BaseModel):
    """What a command on a task would bring about; nothing was recorded.

    ``status`` is the task's afterwards, ``awaiting`` whom it still would have to reach, ``completes`` the tasks that
    would be done, this one or others, and ``follow_ups`` what would be called for that is not called for yet.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: Literal[True] = True
    status: Status
    facts: list[ForeseenFact]
    awaiting: list[ForeseenReceiver]
    completes: list[ForeseenCompletion]
    follow_ups: list[ForeseenFollowUp]


def effects(request: Request, parts: Parts, identity: UUID, command: TaskCommand) -> TaskEffects:
    """Decides a command as if it were sent.

    :raises RuleBrokenError: as when it is sent.
    """
    submission = submission_of(request, command.asked(), dry=True)
    with parts.database.read() as connection:
        regions = reference_of(parts, connection).regions
        before, after, decisions = parts.supervision.foresee(connection, submission, identity, command)
    day = today(parts.clock)
    mine = next(one for one in after if one.id == identity)
    known = before.follow_ups.items()
    return TaskEffects(
        status=mine.status,
        facts=[foreseen_fact(one.fact, one.on) for one in decisions],
        awaiting=[ForeseenReceiver(region=code, name=region_name(code, regions, day)) for code in mine.remaining],
        completes=[
            ForeseenCompletion(task_id=one.id, duty=one.duty, clause=one.clause)
            for one in after
            if one.completed is not None and (one.id != identity or before.completed is None)
        ],
        follow_ups=[
            ForeseenFollowUp(
                finding=number, who=due.who, name=office_name(due.who, regions, day), what=due.what, by=due.by
            )
            for number, due in mine.follow_ups.items()
            if (number, due) not in known
        ],
    )
