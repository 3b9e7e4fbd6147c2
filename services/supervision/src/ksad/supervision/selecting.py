"""Rows that only lists are selected by; the states of cases and tasks say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.supervision import tables
from ksad.supervision.domain.task import Task
from ksad.supervision.stored_cases import read_case

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference

PAGE = 500


def write_follow_ups(connection: sa.Connection, changed: Iterable[Task]) -> None:
    """Replaces what is known of the follow-ups of tasks: a correction may have changed what findings call for."""
    done = [task for task in changed if task.completed is not None and task.completed.findings]
    if not done:
        return
    table = tables.follow_ups
    connection.execute(sa.delete(table).where(table.c.task_id.in_([task.id for task in done])))
    rows = [
        {
            "task_id": task.id,
            "finding": number,
            "cooperation_id": task.cooperation_id,
            "body": task.body,
            "who": one.who,
            "by_on": one.by,
            "closed_on": task.follow_ups_closed[number].on if number in task.follow_ups_closed else None,
        }
        for task in done
        for number, one in task.follow_ups.items()
    ]
    upsert(connection, table, rows)


def write_asked(connection: sa.Connection, changed: Iterable[Task], reference: Reference | None) -> None:
    """Replaces which regions tasks still ask something of."""
    tasks = [task for task in changed if task.for_parties]
    if not tasks:
        return
    table = tables.asked_regions
    connection.execute(sa.delete(table).where(table.c.task_id.in_([task.id for task in tasks])))
    rows = [
        {"lineage": lineage, "task_id": task.id}
        for task in tasks
        # A Governor who is told speaks for no region.
        if task.open and task.occasion != HOME_GOVERNORS
        for lineage in sorted({_lineage(code, reference) for code in task.remaining})
    ]
    upsert(connection, table, rows)


def write_parties(connection: sa.Connection, changed: Iterable[Case], reference: Reference | None) -> None:
    """Replaces which regions see the tasks of cooperations, as parties or as former ones."""
    cases = list(changed)
    if not cases:
        return
    table = tables.case_parties
    connection.execute(sa.delete(table).where(table.c.cooperation_id.in_([case.id for case in cases])))
    upsert(connection, table, [row for case in cases for row in _parties(case, reference)])


def _parties(case: Case, reference: Reference | None) -> list[dict[str, object]]:
    found: dict[tuple[str, str], date | None] = {}
    for code, until in sorted(case.parts.former, key=lambda one: one[1]):
        found[_lineage(code, reference), ""] = until
        for key, agreement in case.parts.agreements.items():
            if code in agreement.participants:
                found[_lineage(code, reference), key] = until
    # A region that left and joined again is a party.
    found |= {(_lineage(code, reference), ""): None for code in case.parties}
    return [
        {"lineage": lineage, "cooperation_id": case.id, "agreement": agreement, "until": until}
        for (lineage, agreement), until in found.items()
    ]


def _lineage(code: str, reference: Reference | None) -> str:
    return code if reference is None else reference.regions.known_lineage(code) or code


def fill(connection: sa.Connection, reference: Reference | None) -> None:
    """Writes the rows of cases and open tasks that an older release has stored without them."""
    cases, parties = tables.cases.c, tables.case_parties.c
    there = sa.exists().where(parties.cooperation_id == cases.cooperation_id)
    missing = connection.execute(sa.select(cases.cooperation_id).where(~there)).scalars().all()
    for start in range(0, len(missing), PAGE):
        _fill(connection, missing[start : start + PAGE], reference)


def _fill(connection: sa.Connection, identities: Iterable[UUID], reference: Reference | None) -> None:
    cases, tasks = tables.cases.c, tables.tasks.c
    chosen = list(identities)
    states = connection.execute(sa.select(cases.state).where(cases.cooperation_id.in_(chosen))).scalars().all()
    write_parties(connection, [read_case(connection, state) for state in states], reference)
    rows = connection.execute(sa.select(tasks.state).where(tasks.cooperation_id.in_(chosen), tasks.open))
    write_asked(connection, [Task.model_validate_json(state) for state in rows.scalars()], reference)
