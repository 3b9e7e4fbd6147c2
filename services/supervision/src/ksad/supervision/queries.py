"""Queries on supervision's tables: tasks, cases, bodies, and the register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.contracts.corrections import substituted
from ksad.contracts.dates import PartialDate, Precision
from ksad.contracts.envelope import Envelope
from ksad.contracts.supervision import BACKFILL
from ksad.supervision import tables
from ksad.supervision.domain.register import RegisteredCooperation, SignedInstrument, case_texts
from ksad.supervision.domain.task import Status, Task
from ksad.supervision.stored_cases import read_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date
    from uuid import UUID

    from ksad.supervision.domain.case import Case

MARK = "~"
INSTRUMENTS = {"ksad.cooperation.accord_signed": "kesepakatan", "ksad.cooperation.agreement_signed": "perjanjian"}


class Queries:
    """Queries in one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def task(self, identity: UUID) -> Task | None:
        """One task; ``None`` if there is none."""
        query = sa.select(tables.tasks.c.state).where(tables.tasks.c.task_id == identity)
        state = self._connection.execute(query).scalar()
        return None if state is None else Task.model_validate_json(state)

    def case(self, identity: UUID) -> Case | None:
        """The case of a cooperation, without its tasks; ``None`` if there is none."""
        query = sa.select(tables.cases.c.state).where(tables.cases.c.cooperation_id == identity)
        state = self._connection.execute(query).scalar()
        return None if state is None else read_case(self._connection, state)

    def cases(self, identities: Iterable[UUID]) -> dict[UUID, Case]:
        """The cases of some cooperations, without their tasks."""
        query = sa.select(tables.cases.c.state).where(tables.cases.c.cooperation_id.in_(list(identities)))
        found = [read_case(self._connection, state) for state in self._connection.execute(query).scalars()]
        return {case.id: case for case in found}

    def bodies(self) -> list[dict[str, Any]]:
        """All offices that supervise, have tasks, or were established, with the number of their tasks by status."""
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
        """The bodies that supervised a running cooperation between two days, or were established by the second day."""
        table, case = tables.supervisions.c, tables.cases.c
        following = tables.supervisions.alias()
        until = (
            sa.select(following.c.holds_from)
            .where(
                following.c.cooperation_id == table.cooperation_id,
                following.c.agreement == table.agreement,
                following.c.ordinal > table.ordinal,
            )
            .order_by(following.c.ordinal)
            .limit(1)
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
        """The cooperations for which the last day could not be processed, with the reason."""
        table = tables.cases.c
        query = sa.select(table.cooperation_id, table.fault).where(table.fault.is_not(None)).order_by(table.key)
        return [{"cooperation_id": str(row[0]), "reason": row[1]} for row in self._connection.execute(query)]

    def open_backfills(self) -> int:
        """The number of cooperations whose legacy facts have not been declared complete."""
        table = tables.tasks.c
        mine = sa.and_(table.occasion == BACKFILL, table.open)
        return self._connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()

    def cooperating(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that have an accord or an agreement, by key, with their texts and what was signed."""
        query = sa.select(tables.cases.c.state).order_by(tables.cases.c.key)
        found = []
        for state in self._connection.execute(query).scalars():
            case = read_case(self._connection, state)
            if case.state != "withdrawn" and (case.parts.accords or case.has_agreement):
                one = _registered(case)
                found.append(
                    one._replace(object=case.object, texts=case_texts(case), signed=tuple(self._signed(case.id)))
                )
        return found

    def _signed(self, identity: UUID) -> Iterator[SignedInstrument]:
        heard = tables.heard.c
        query = sa.select(heard.raw).where(heard.cooperation_id == identity).order_by(heard.version)
        events = [Envelope.from_store(bytes(raw)) for raw in self._connection.execute(query).scalars()]
        for event in substituted(events):
            kind = INSTRUMENTS.get(event.declaration.name)
            if kind is not None:
                on = PartialDate(first=event.occurredon, precision=Precision(event.dateprecision))
                yield SignedInstrument(kind, str(on))

    def with_bodies(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that formed a body, by key."""
        return self._known(tables.cases.c.with_body)

    def _known(self, which: sa.ColumnElement[bool]) -> list[RegisteredCooperation]:
        query = sa.select(tables.cases.c.state).where(which).order_by(tables.cases.c.key)
        found = []
        for state in self._connection.execute(query).scalars():
            case = read_case(self._connection, state)
            found.append(_registered(case))
        return found


def _registered(case: Case) -> RegisteredCooperation:
    return RegisteredCooperation(case.key, case.title, case.affair, case.parties, case.agreement_on, case.bodies)
