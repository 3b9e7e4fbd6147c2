"""The query of follow-ups, by the day they are due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ksad.supervision import tables

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID


class FollowUpsWanted(NamedTuple):
    """A filter of follow-ups; ``None`` matches any. ``mine``: only those that one of these offices has to do with.

    ``state`` is ``open``, ``overdue`` or ``closed`` on ``day``.
    """

    body: str | None
    who: str | None
    cooperation_id: UUID | None
    state: str | None
    day: date
    mine: tuple[str, ...] | None


def follow_ups(connection: sa.Connection, wanted: FollowUpsWanted, limit: int, offset: int) -> list[sa.Row[Any]]:
    """A page of follow-ups: the body is the one that filed the finding, or that supervises the cooperation now."""
    table, cases = tables.follow_ups.c, tables.cases.c
    matching: list[sa.ColumnElement[bool]] = []
    if wanted.body is not None:
        matching.append(sa.or_(table.body == wanted.body, cases.body == wanted.body))
    if wanted.who is not None:
        matching.append(table.who == wanted.who)
    if wanted.cooperation_id is not None:
        matching.append(table.cooperation_id == wanted.cooperation_id)
    if wanted.mine is not None:
        matching.append(sa.or_(*(column.in_(wanted.mine) for column in (table.body, cases.body, table.who))))
    if wanted.state is not None:
        passed = table.by_on < wanted.day if wanted.state == "overdue" else table.by_on >= wanted.day
        still = sa.and_(table.closed_on.is_(None), passed)
        matching.append(table.closed_on.is_not(None) if wanted.state == "closed" else still)
    query = (
        sa.select(table.task_id, table.finding, table.cooperation_id)
        .join_from(tables.follow_ups, tables.cases, table.cooperation_id == cases.cooperation_id, isouter=True)
        .where(*matching)
        .order_by(table.by_on, table.task_id, table.finding)
        .limit(limit)
        .offset(offset)
    )
    return list(connection.execute(query))
