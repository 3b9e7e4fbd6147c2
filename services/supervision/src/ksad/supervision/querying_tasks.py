"""The query of tasks: a page of what a caller may see, chosen and sorted, and how many there are of what."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ksad.contracts.supervision import Tier
from ksad.supervision import tables
from ksad.supervision.domain.task import Status, Task
from ksad.supervision.queries import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

LATE = (Status.OVERDUE.value, Status.ESCALATED.value)
WEEK_DAYS, MONTH_DAYS = 7, 30
MINISTERS = ("joint_secretariat", "minister")


class SeenTasks(NamedTuple):
    """Whose tasks a caller sees: of cooperations of regions with these lineages, and those that these bodies owe."""

    lineages: tuple[str, ...]
    owed_by: tuple[str, ...] = ()


class TasksWanted(NamedTuple):
    """A filter of tasks; ``None`` matches any. ``duty`` is a key of the catalogue (``d.4``) or a clause (``P10.d.4``).

    ``seen`` is what the caller may see. ``bodies`` owe the tasks; ``asks`` are lineages of regions that a task has not
    reached yet, ``between`` those of parties of its cooperation.
    """

    seen: SeenTasks | None = None
    cooperation_id: UUID | None = None
    body: str | None = None
    bodies: tuple[str, ...] | None = None
    duty: str | None = None
    status: str | None = None
    stage: str | None = None
    tier: Tier | None = None
    assignee: str | None = None
    assigned: bool | None = None
    open: bool | None = None
    overdue: bool | None = None
    due_from: date | None = None
    due_until: date | None = None
    asks: tuple[str, ...] | None = None
    between: tuple[str, ...] | None = None


class TaskCounts(NamedTuple):
    """How many tasks match: all, by status, open ones by when they are due, and open ones without an officer."""

    total: int
    status: dict[str, int]
    due: dict[str, int]
    unassigned: int


def tasks(
    connection: sa.Connection, wanted: TasksWanted, after: str | None, limit: int, *, latest: bool = False
) -> list[Task]:
    """A page of tasks by due date and id, after the mark of an earlier page (``YYYY-MM-DD~ID``).

    :param latest: those that are due last come first.
    """
    query = page(wanted, after, limit, latest=latest)
    return [Task.model_validate_json(state) for state in connection.execute(query).scalars()]


def page(wanted: TasksWanted, after: str | None, limit: int, *, latest: bool = False) -> sa.Select[Any]:
    """The statement of a page."""
    table = tables.tasks.c
    order = (table.due_on.desc(), table.task_id.desc()) if latest else (table.due_on, table.task_id)
    query = sa.select(table.state).where(*_matching(wanted)).order_by(*order).limit(limit)
    if after is None:
        return query
    day, _, identity = after.partition(MARK)
    # A page begins after the last row of the one before it, so tasks that open or close meanwhile shift no others.
    place = sa.tuple_(table.due_on, table.task_id)
    last = sa.tuple_(sa.literal(date.fromisoformat(day)), sa.literal(UUID(identity), sa.Uuid))
    return query.where(place < last if latest else place > last)


def counted(connection: sa.Connection, wanted: TasksWanted, day: date) -> TaskCounts:
    """How many tasks match. Of open ones: due before a day, within seven and thirty days of it, or later."""
    table = tables.tasks.c
    due = sa.case(
        (table.due_on < day, "late"),
        (table.due_on <= day + timedelta(days=WEEK_DAYS), "week"),
        (table.due_on <= day + timedelta(days=MONTH_DAYS), "month"),
        else_="later",
    )
    query = sa.select(table.status, table.open, due, table.assignee.is_(None), sa.func.count())
    rows = connection.execute(query.where(*_matching(wanted)).group_by(sa.text("1, 2, 3, 4"))).all()
    statuses, days = (
        dict.fromkeys([one.value for one in Status], 0),
        dict.fromkeys(("late", "week", "month", "later"), 0),
    )
    unassigned = 0
    for status, still, when, nobody, count in rows:
        statuses[status] += count
        if still:
            days[when] += count
            unassigned += count if nobody else 0
    return TaskCounts(sum(statuses.values()), statuses, days, unassigned)


def _matching(wanted: TasksWanted) -> list[sa.ColumnElement[bool]]:
    table = tables.tasks.c
    equal = {
        table.cooperation_id: wanted.cooperation_id,
        table.body: wanted.body,
        table.status: wanted.status,
        table.stage: wanted.stage,
        table.assignee: wanted.assignee,
    }
    found: list[sa.ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if wanted.open is not None:
        found.append(table.open.is_(wanted.open))
    if wanted.bodies is not None:
        found.append(table.body.in_(wanted.bodies))
    if wanted.duty is not None:
        found.append(sa.or_(table.duty == wanted.duty, table.clause == wanted.duty))
    if wanted.tier is not None:
        found.append(table.body.in_(MINISTERS) if wanted.tier is Tier.MINISTER else table.body.not_in(MINISTERS))
    if wanted.assigned is not None:
        found.append(table.assignee.is_not(None) if wanted.assigned else table.assignee.is_(None))
    if wanted.overdue is not None:
        found.append(table.status.in_(LATE) if wanted.overdue else table.status.not_in(LATE))
    if wanted.due_from is not None:
        found.append(table.due_on >= wanted.due_from)
    if wanted.due_until is not None:
        found.append(table.due_on <= wanted.due_until)
    if wanted.asks is not None:
        asked = tables.asked_regions.c
        found.append(table.task_id.in_(sa.select(asked.task_id).where(asked.lineage.in_(wanted.asks))))
    if wanted.between is not None:
        found.append(table.cooperation_id.in_(_of_parties(wanted.between)))
    if wanted.seen is not None:
        found += _seen(wanted.seen)
    return found


def _of_parties(lineages: Sequence[str]) -> sa.Select[Any]:
    """The cooperations with a party of one of these lineages."""
    parties = tables.case_parties.c
    return sa.select(parties.cooperation_id).where(
        parties.lineage.in_(lineages), parties.agreement == "", parties.until.is_(None)
    )


def _seen(seen: SeenTasks) -> list[sa.ColumnElement[bool]]:
    """As :func:`ksad.supervision.domain.permissions.sight_of` says: a former party sees the tasks of its own time, and
    those of settlements in which it takes part.
    """
    table, parties = tables.tasks.c, tables.case_parties.c
    owed = table.body.in_(seen.owed_by)
    ever = sa.select(parties.cooperation_id).where(parties.lineage.in_(seen.lineages))
    now = sa.and_(parties.agreement == "", sa.or_(parties.until.is_(None), parties.until >= table.scheduled_on))
    mine = sa.exists().where(
        parties.cooperation_id == table.cooperation_id,
        parties.lineage.in_(seen.lineages),
        sa.or_(now, sa.and_(parties.agreement != "", parties.agreement == table.agreement)),
    )
    if not seen.owed_by:
        return [table.cooperation_id.in_(ever), mine]
    return [sa.or_(table.cooperation_id.in_(ever), owed), sa.or_(mine, owed)]
