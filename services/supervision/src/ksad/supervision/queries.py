"""What is read from the tables: task boards, one task, one cooperation's supervision, the bodies, the register."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.supervision import tables
from ksad.supervision.domain.case import Case, FormedBody
from ksad.supervision.domain.register import RegisteredCooperation
from ksad.supervision.domain.task import Status, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

MARK = "~"


class TaskFilter(NamedTuple):
    """Which tasks: each None means any. ``duty`` is a key of the catalogue (``d.4``) or a clause (``P10.d.4``).

    ``lineages`` narrows to cooperations with such a party, and what the offices in ``owed_by`` owe.
    """

    cooperation_id: UUID | None = None
    body: str | None = None
    duty: str | None = None
    status: str | None = None
    lineages: tuple[str, ...] | None = None
    owed_by: tuple[str, ...] = ()


class Queries:
    """Reads in one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def tasks(self, wanted: TaskFilter, after: str | None, limit: int) -> list[Task]:
        """A page of tasks by due date, after a mark that an earlier page gave."""
        table = tables.tasks.c
        query = sa.select(table.state).order_by(table.due_on, table.task_id).limit(limit)
        if wanted.cooperation_id is not None:
            query = query.where(table.cooperation_id == wanted.cooperation_id)
        if wanted.body is not None:
            query = query.where(table.body == wanted.body)
        if wanted.duty is not None:
            query = query.where(sa.or_(table.duty == wanted.duty, table.clause == wanted.duty))
        if wanted.status is not None:
            query = query.where(table.status == wanted.status)
        if wanted.lineages is not None:
            theirs = sa.select(tables.cases.c.cooperation_id).where(_has_party(wanted.lineages))
            query = query.where(sa.or_(table.cooperation_id.in_(theirs), table.body.in_(wanted.owed_by)))
        if after is not None:
            day, _, identity = after.partition(MARK)
            place = sa.tuple_(table.due_on, table.task_id)
            query = query.where(
                place > sa.tuple_(sa.literal(date.fromisoformat(day)), sa.literal(UUID(identity), sa.Uuid))
            )
        return [Task.model_validate_json(state) for state in self._connection.execute(query).scalars()]

    def task(self, identity: UUID) -> Task | None:
        """One task."""
        query = sa.select(tables.tasks.c.state).where(tables.tasks.c.task_id == identity)
        state = self._connection.execute(query).scalar()
        return None if state is None else Task.model_validate_json(state)

    def case(self, identity: UUID) -> Case | None:
        """One cooperation's case, without its tasks."""
        query = sa.select(tables.cases.c.state).where(tables.cases.c.cooperation_id == identity)
        state = self._connection.execute(query).scalar()
        return None if state is None else Case.model_validate_json(state)

    def bodies(self) -> list[dict[str, Any]]:
        """Every office that supervises, owes a task, or was established; what it owes, by state of the task."""
        counts: dict[str, dict[str, int]] = {}
        table = tables.tasks.c
        query = sa.select(table.body, table.status, sa.func.count()).group_by(table.body, table.status)
        for body, status, count in self._connection.execute(query):
            counts.setdefault(body, {})[status] = count
        running = sa.select(tables.cases.c.body, sa.func.count()).where(
            tables.cases.c.closed_on.is_(None), tables.cases.c.body.is_not(None)
        )
        rows = self._connection.execute(running.group_by(tables.cases.c.body))
        supervised: dict[str | None, int] = {row[0]: row[1] for row in rows}
        established = {row.body: orjson.loads(row.state) for row in self._connection.execute(sa.select(tables.bodies))}
        return [
            {
                "body": body,
                "cooperations": supervised.get(body, 0),
                "tasks": {status.value: counts.get(body, {}).get(status.value, 0) for status in Status},
                "established": established.get(body),
            }
            for body in sorted({*counts, *supervised, *established})
        ]

    def teams(self, first: date, last: date) -> list[str]:
        """The bodies that supervised something between two days, or were established by the second."""
        table, case = tables.supervisions.c, tables.cases.c
        following = tables.supervisions.alias()
        until = (
            sa.select(following.c.holds_from)
            .where(following.c.cooperation_id == table.cooperation_id, following.c.ordinal == table.ordinal + 1)
            .scalar_subquery()
        )
        query = (
            sa.select(table.body)
            .join(tables.cases, case.cooperation_id == table.cooperation_id)
            .where(
                table.holds_from <= last,
                sa.or_(until.is_(None), until > first),
                sa.or_(case.closed_on.is_(None), case.closed_on >= first),
            )
            .distinct()
        )
        decided = sa.select(tables.bodies.c.body).where(tables.bodies.c.decided_on <= last)
        return sorted({*self._connection.execute(query).scalars(), *self._connection.execute(decided).scalars()})

    def faults(self) -> list[dict[str, str]]:
        """Cooperations whose last day could not be handled, with the reason."""
        table = tables.cases.c
        query = sa.select(table.cooperation_id, table.fault).where(table.fault.is_not(None)).order_by(table.key)
        return [{"cooperation_id": str(row[0]), "reason": row[1]} for row in self._connection.execute(query)]

    def cooperating(self, affair: str) -> Sequence[RegisteredCooperation]:
        """The cooperations on an affair that were agreed on, by key."""
        return self._known(sa.and_(tables.cases.c.affair == affair, tables.cases.c.agreed))

    def with_bodies(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that formed a body, by key."""
        return self._known(tables.cases.c.with_body)

    def _known(self, which: sa.ColumnElement[bool]) -> list[RegisteredCooperation]:
        query = sa.select(tables.cases.c.state).where(which).order_by(tables.cases.c.key)
        found = []
        for state in self._connection.execute(query).scalars():
            values = orjson.loads(state)
            signed = values["agreement_on"]
            found.append(
                RegisteredCooperation(
                    values["key"],
                    values["title"],
                    values["affair"],
                    tuple(values["parties"]),
                    date.fromisoformat(signed) if signed else None,
                    tuple(FormedBody.model_validate(one) for one in values["bodies"]),
                )
            )
        return found


def _has_party(lineages: Sequence[str]) -> sa.ColumnElement[bool]:
    column = tables.cases.c.lineages
    return sa.or_(*[column.contains(f" {lineage} ", autoescape=True) for lineage in lineages])
