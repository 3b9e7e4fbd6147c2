"""The queue of compilations: what offices asked for, how far each is, and how it ended.

What was compiled is recorded by the event store under the command's id, exactly once. So these rows may be lost, or two
workers may hold the same one, without a version being lost or compiled twice.
"""

from __future__ import annotations

import time
import uuid
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ksad.chassis.auth import Caller
from ksad.chassis.edge import Submission
from ksad.chassis.store import CommandReusedError
from ksad.contracts.reporting import ReportKind

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from ksad.chassis.database import Database

HELD_SECONDS = 10.0
"""How long nobody else takes what a worker took, from the last that it told of any: so long waits what a killed worker
held.
"""

metadata = sa.MetaData()
compilations = sa.Table(
    "compilations",
    metadata,
    sa.Column("command_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("expected", sa.Integer),
    sa.Column("asked_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("held_until", sa.Float, nullable=False),
    sa.Column("problem", sa.Text),
    sa.Index("compilations_state", "state", "asked_at"),
)


class CompilationState(StrEnum):
    """How far a compilation is."""

    WAITING = "waiting"
    """No worker has begun it."""
    COMPILING = "compiling"
    """Its figures and its content are being made."""
    PRINTING = "printing"
    """Its content is being printed and recorded."""
    DONE = "done"
    """The version is recorded."""
    REFUSED = "refused"
    """No version was recorded, for the reason in its problem."""


OPEN = (CompilationState.WAITING, CompilationState.COMPILING, CompilationState.PRINTING)
OLDEST_FIRST = (compilations.c.asked_at, compilations.c.command_id)


class CompilationOrder(NamedTuple):
    """What an office asked for: its command, and kind, office and period of the report, the period as it was written.

    The office that asks is the one that owes the report.
    """

    submission: Submission
    kind: ReportKind
    office: str
    period: str


class CompilationStatus(NamedTuple):
    """How far an order is.

    :param ahead: the number of open orders that were asked for before it; 0 once it is done or refused.
    :param problem: why it was refused, as RFC 9457 problem details; ``None`` in any other state.
    """

    order: CompilationOrder
    asked_at: str
    state: CompilationState
    ahead: int
    problem: dict[str, Any] | None


class CompilationQueue:
    """The orders in reporting's database; the object is one worker's, or asks only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._worker = uuid.uuid4().hex

    def add(self, order: CompilationOrder, asked_at: datetime) -> None:
        """Adds an order. A repeat adds nothing.

        :raises CommandReusedError: the command's id is that of another order.
        """
        submission = order.submission
        row = {
            "command_id": submission.command_id,
            "digest": submission.digest,
            "kind": order.kind.value,
            "office": order.office,
            "period": order.period,
            "actor_id": submission.caller.actor_id,
            "expected": submission.expected,
            "asked_at": asked_at.isoformat(timespec="microseconds"),
            "state": CompilationState.WAITING.value,
            "worker": "",
            "held_until": 0.0,
        }
        insert = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(compilations)
        with self._database.write() as connection:
            connection.execute(insert.on_conflict_do_nothing(index_elements=["command_id"]), row)
            kept = sa.select(compilations.c.digest).where(compilations.c.command_id == submission.command_id)
            if connection.execute(kept).scalar_one() != submission.digest:
                raise CommandReusedError(str(submission.command_id))

    def take(self, most: int) -> list[CompilationOrder]:
        """Takes open orders that no other worker holds, those first that were asked for first."""
        free = (
            sa.select(compilations)
            .where(compilations.c.state.in_(OPEN), compilations.c.held_until <= time.time())
            .order_by(*OLDEST_FIRST)
            .limit(most)
        )
        # Asked without a lock first: there is nothing to take nearly always.
        with self._database.read() as connection:
            if connection.execute(free.limit(1)).first() is None:
                return []
        with self._database.write() as connection:
            rows = connection.execute(free.with_for_update(skip_locked=True)).all()
            ids = [row.command_id for row in rows]
            held = {"worker": self._worker, "held_until": time.time() + HELD_SECONDS}
            connection.execute(sa.update(compilations).where(compilations.c.command_id.in_(ids)).values(**held))
        return [_order(row) for row in rows]

    def tell(self, command_id: UUID, state: CompilationState, problem: dict[str, Any] | None = None) -> None:
        """Notes how far an order is, and holds this worker's orders further."""
        told = {"state": state.value, "problem": None if problem is None else orjson.dumps(problem).decode()}
        own = (compilations.c.worker == self._worker, compilations.c.state.in_(OPEN))
        with self._database.write() as connection:
            # What another worker ended meanwhile stays ended.
            mine = (compilations.c.command_id == command_id, compilations.c.state.in_(OPEN))
            connection.execute(sa.update(compilations).where(*mine).values(**told))
            connection.execute(sa.update(compilations).where(*own).values(held_until=time.time() + HELD_SECONDS))

    def release(self) -> None:
        """Lets go of this worker's orders, for the next that takes some."""
        own = (compilations.c.worker == self._worker, compilations.c.state.in_(OPEN))
        with self._database.write() as connection:
            connection.execute(sa.update(compilations).where(*own).values(held_until=0.0))

    def find(self, command_id: UUID) -> CompilationStatus | None:
        """How far an order is; ``None`` if there is no such order."""
        one = compilations.c
        with self._database.read() as connection:
            row = connection.execute(sa.select(compilations).where(one.command_id == command_id)).one_or_none()
            if row is None:
                return None
            state, ahead = CompilationState(row.state), 0
            if state in OPEN:
                before = sa.or_(
                    one.asked_at < row.asked_at,
                    sa.and_(one.asked_at == row.asked_at, one.command_id < row.command_id),
                )
                count = sa.select(sa.func.count()).where(one.state.in_(OPEN), before)
                ahead = connection.execute(count).scalar_one()
        problem = None if row.problem is None else orjson.loads(row.problem)
        return CompilationStatus(_order(row), row.asked_at, state, ahead, problem)


def _order(row: sa.Row[Any]) -> CompilationOrder:
    submission = Submission(Caller(row.office, row.actor_id), row.command_id, row.digest, row.expected)
    return CompilationOrder(submission, ReportKind(row.kind), row.office, row.period)
