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
ATTEMPTS_MAX = 5
"""How often an order is attempted by itself. One that ended its process each time, or met the same error, is parked."""

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
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("reason", sa.Text),
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
    PARKED = "parked"
    """No version was recorded, and it is attempted no more until an operator asks for it."""


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

    :param ahead: the number of open orders that were asked for before it; 0 once it is none itself.
    :param problem: why it was refused, as RFC 9457 problem details; ``None`` in any other state.
    :param attempts: how often workers have begun it since it was asked for or taken up again.
    """

    order: CompilationOrder
    asked_at: str
    state: CompilationState
    ahead: int
    problem: dict[str, Any] | None
    attempts: int


class ParkedOrder(NamedTuple):
    """An order that is attempted no more by itself: its command and report, and the error, for operators."""

    command_id: UUID
    kind: str
    office: str
    period: str
    reason: str


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
        """Takes open orders that no other worker holds, those first that were asked for first.

        Only orders that nobody has attempted are taken together. One that was in hand when a worker was killed comes
        alone and after them, so that what ends its process holds up no other; the last attempt over, it is parked.
        """
        one = compilations.c
        free = (one.state.in_(OPEN), one.held_until <= time.time())
        wanted = sa.select(compilations).where(*free).order_by(one.attempts, *OLDEST_FIRST).limit(most)
        # Asked without a lock first: there is nothing to take nearly always.
        with self._database.read() as connection:
            if connection.execute(wanted.limit(1)).first() is None:
                return []
        with self._database.write() as connection:
            connection.execute(_parked(*free, one.attempts >= ATTEMPTS_MAX))
            rows = connection.execute(wanted.with_for_update(skip_locked=True)).all()
            rows = [row for row in rows if row.attempts == 0] or list(rows[:1])
            ids = [row.command_id for row in rows]
            held = {"worker": self._worker, "held_until": time.time() + HELD_SECONDS, "attempts": one.attempts + 1}
            connection.execute(sa.update(compilations).where(one.command_id.in_(ids)).values(**held))
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

    def release(self, after: float = 0.0) -> None:
        """Lets go of this worker's orders, for the next that takes some; what was begun of them counts as no attempt.

        :param after: the seconds for which nobody takes them.
        """
        one = compilations.c
        own = (one.worker == self._worker, one.state.in_(OPEN), one.attempts > 0)
        free = {"held_until": time.time() + after if after else 0.0, "attempts": one.attempts - 1, "worker": ""}
        with self._database.write() as connection:
            connection.execute(sa.update(compilations).where(*own).values(**free))

    def put_off(self, command_id: UUID, reason: str) -> None:
        """Lets an order of this worker wait, longer after each attempt, or parks it after the last.

        :param reason: the error that ended the attempt, for operators.
        """
        one = compilations.c
        mine = (one.command_id == command_id, one.worker == self._worker, one.state.in_(OPEN))
        with self._database.write() as connection:
            connection.execute(sa.update(compilations).where(*mine).values(reason=reason))
            connection.execute(_parked(*mine, one.attempts >= ATTEMPTS_MAX))
            attempts = connection.execute(sa.select(one.attempts).where(*mine)).scalar_one_or_none()
            if attempts is not None:
                later = {"worker": "", "held_until": time.time() + HELD_SECONDS * 2**attempts}
                connection.execute(sa.update(compilations).where(*mine).values(**later))

    def parked(self) -> list[ParkedOrder]:
        """The orders that are attempted no more, in the order in which they were asked for."""
        one = compilations.c
        query = sa.select(one.command_id, one.kind, one.office, one.period, one.reason)
        with self._database.read() as connection:
            rows = connection.execute(query.where(one.state == CompilationState.PARKED.value).order_by(*OLDEST_FIRST))
            return [ParkedOrder(*row) for row in rows]

    def parked_count(self) -> int:
        """The number of orders that are attempted no more."""
        counted = sa.select(sa.func.count()).where(compilations.c.state == CompilationState.PARKED.value)
        with self._database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def take_up_again(self) -> int:
        """Puts all parked orders back, to be attempted as if they had just been asked for; returns their number."""
        parked = sa.update(compilations).where(compilations.c.state == CompilationState.PARKED.value)
        waiting = {"state": CompilationState.WAITING.value, "attempts": 0, "reason": None, "held_until": 0.0}
        with self._database.write() as connection:
            return connection.execute(parked.values(**waiting)).rowcount

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
        return CompilationStatus(_order(row), row.asked_at, state, ahead, problem, row.attempts)


def _order(row: sa.Row[Any]) -> CompilationOrder:
    submission = Submission(Caller(row.office, row.actor_id), row.command_id, row.digest, row.expected)
    return CompilationOrder(submission, ReportKind(row.kind), row.office, row.period)


def _parked(*which: sa.ColumnElement[bool]) -> sa.Update:
    """Parks some orders; a process that was ended left no reason."""
    ended = f"the process ended in each of {ATTEMPTS_MAX} attempts, or told no error: see the service's log"
    reason = sa.func.coalesce(compilations.c.reason, ended)
    return sa.update(compilations).where(*which).values(state=CompilationState.PARKED.value, reason=reason)
