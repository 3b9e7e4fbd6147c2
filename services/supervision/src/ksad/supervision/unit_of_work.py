"""Cases and tasks in one transaction: loads them, folds events into them, and writes what changed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts import registry as facts
from ksad.contracts.corrections import is_correction
from ksad.contracts.envelope import Envelope
from ksad.contracts.reporting import ReportSubmitted
from ksad.contracts.supervision import ResolvedFact
from ksad.supervision import reference_cache, selecting, tables
from ksad.supervision.domain import folding
from ksad.supervision.domain import task as domain_tasks
from ksad.supervision.domain.case import Case
from ksad.supervision.domain.lateness import next_step
from ksad.supervision.domain.owed import DutyLedger
from ksad.supervision.domain.reports import report_task
from ksad.supervision.domain.task import Task
from ksad.supervision.stored_cases import heard, read_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.chassis.store import EventStore
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.reference_cache import ReferenceCache


class SubmittedReport(NamedTuple):
    """The submission of a report: the event's id and day."""

    event_id: UUID
    on: date


def lock_tasks(connection: sa.Connection, identities: Iterable[UUID]) -> None:
    """Locks tasks against the follower until the transaction ends. SQLite has one writer and needs no lock.

    In one statement, in the order of ids: two that lock the same tasks cannot wait for each other.
    """
    if connection.dialect.name == "postgresql":
        mine = tables.tasks.c.task_id
        query = sa.select(mine).where(mine.in_(list(identities))).order_by(mine).with_for_update()
        connection.execute(query).all()


class UnitOfWork:
    """Cases and tasks in one write transaction. Folding decides nothing; :meth:`flush` writes."""

    def __init__(self, connection: sa.Connection, store: EventStore, cache: ReferenceCache) -> None:
        self.connection = connection
        self._store = store
        self._cache = cache
        self._cases: dict[UUID, Case] = {}
        self._changed: set[UUID] = set()
        self._tasks: dict[UUID, Task] = {}
        self._read: dict[UUID, Task | None] = {}
        self._heard: list[dict[str, object]] = []
        self._supervised: list[dict[str, object]] = []
        self._faults: dict[UUID, str] = {}
        self.day: date | None = connection.execute(tables.TODAY).scalar()
        self.reference: Reference | None = cache.reference(connection)

    def case(self, identity: UUID) -> Case:
        """The case of a cooperation with its open tasks; an empty case if nothing is known."""
        if identity not in self._cases:
            state = self.connection.execute(tables.CASE, {"cooperation": identity}).scalar()
            case = Case(id=identity) if state is None else read_case(self.connection, state)
            rows = self.connection.execute(tables.OPEN_TASKS, {"cooperation": identity}).scalars()
            tasks = {task.id: task for task in map(Task.model_validate_json, rows)}
            # Tasks that were read before are kept: a decision and its version must come from one reading.
            self._read = {**tasks, **self._read}
            tasks = {key: self._read[key] or task for key, task in tasks.items()}
            self._cases[identity] = case.model_copy(update={"tasks": tasks})
        return self._cases[identity]

    def replace_case(self, case: Case) -> None:
        """Replaces a case; it is written by `flush`."""
        self._cases[case.id] = case
        self._changed.add(case.id)

    def mark_failed(self, identity: UUID, reason: str) -> None:
        """Records that a day failed for a case; the case stays due."""
        self._faults[identity] = reason

    def task(self, identity: UUID) -> Task | None:
        """A task, open or closed; ``None`` if there is none."""
        if identity not in self._read:
            state = self.connection.execute(tables.TASK, {"task": identity}).scalar()
            self._read[identity] = None if state is None else Task.model_validate_json(state)
        return self._read[identity]

    def reschedule(self, task: Task) -> None:
        """Recomputes the day of a task's next step of lateness, after a change of policy."""
        day = self._next_step(task)
        mine = tables.tasks.c.task_id == task.id
        self.connection.execute(sa.update(tables.tasks).where(mine).values(next_step=day))

    def fold_cooperation(self, event: Envelope) -> tuple[Case, Case]:
        """Folds an event of the registry on a cooperation; returns the case before and after."""
        identity = UUID(event.subject.removeprefix("cooperation/"))
        before = self.case(identity)
        raw = event.to_bytes()
        self._heard.append({"cooperation_id": identity, "version": event.streamversion, "raw": raw})
        if is_correction(event.type):
            self._write_history()
            after = folding.refold(before, heard(self.connection, identity))
        else:
            after = folding.evolve(before, event)
        self.replace_case(after)
        return before, after

    def fold_own(self, event: Envelope) -> None:
        """Folds one of supervision's own events."""
        noun, _, name = event.subject.partition("/")
        if noun == "supervision":
            case = folding.evolve(self.case(UUID(name)), event)
            self.replace_case(case)
            fact = event.fact()
            assert isinstance(fact, ResolvedFact)  # noqa: S101 - supervision's stream of a cooperation has no others
            row = {
                "cooperation_id": case.id,
                "ordinal": event.streamversion,
                "holds_from": fact.holds_from,
                "body": fact.supervising_body,
                "agreement": getattr(fact, "agreement", ""),
            }
            self._supervised.append(row)
        elif noun == "task":
            self._fold_task(UUID(name), event)

    def _fold_task(self, identity: UUID, event: Envelope) -> None:
        if is_correction(event.type):
            history = self._store.stream(event.subject, self.connection)
            earlier = [one for one in history if one.streamversion < event.streamversion]
            changed = domain_tasks.refold([*earlier, event])
        else:
            changed = domain_tasks.evolve(self.task(identity), event)
        if changed is None:
            return
        self._tasks[identity] = self._read[identity] = changed
        if changed.cooperation_id is None:
            return
        case = folding.with_task(self.case(changed.cooperation_id), event, changed)
        self._cases[case.id] = case
        if event.streamversion == 1 or changed.cancelled is not None:
            # Other events of a task change its own row only, so that commands on tasks never write, and wait for, a
            # case's row; only reactions, which have it already, schedule and cancel.
            self._changed.add(case.id)

    def adopt(self, event: Envelope) -> None:
        """Folds an event of reference data."""
        reference_cache.adopt(self.connection, event.fact(), event.time)
        self.reference = self._cache.reference(self.connection)

    def establish(self, event: Envelope) -> None:
        """Folds the event that a body was established."""
        fact = event.fact()
        if isinstance(fact, facts.SupervisingBodyEstablished):
            row = {"body": fact.body, "decided_on": fact.decided_on, "state": fact.model_dump_json()}
            upsert(self.connection, tables.bodies, [row])

    def pass_day(self, day: date) -> None:
        """Records the newest day that passed."""
        self.day = day
        upsert(self.connection, tables.days, [{"name": tables.CURRENT, "day": day}])

    def submit(self, event: Envelope) -> UUID | None:
        """Folds the submission of a report; returns the id of the task to complete for the first submission."""
        fact = event.fact()
        if not isinstance(fact, ReportSubmitted):
            return None
        identity = report_task(fact.from_office, fact.kind.value, fact.period)
        if self.submission(identity) is not None:
            return None
        row = {"task_id": identity, "event_id": event.id, "on": event.occurredon}
        self.connection.execute(sa.insert(tables.submissions), row)
        return identity

    def submission(self, identity: UUID) -> SubmittedReport | None:
        """The submission that completes a task to report; ``None`` if there is none."""
        table = tables.submissions.c
        row = self.connection.execute(
            sa.select(table.event_id, table.on).where(table.task_id == identity)
        ).one_or_none()
        return None if row is None else SubmittedReport(*row)

    def flush(self, *, forget: bool = False) -> None:
        """Writes all changes.

        :param forget: also empty the caches, to bound memory in long transactions.
        """
        self._write_history()
        rows = [self._case_row(self._cases[identity]) for identity in sorted(self._changed)]
        upsert(self.connection, tables.cases, rows)
        upsert(self.connection, tables.tasks, [self.task_row(task) for _, task in sorted(self._tasks.items())])
        selecting.write_follow_ups(self.connection, self._tasks.values())
        selecting.write_asked(self.connection, self._tasks.values(), self.reference)
        selecting.write_parties(self.connection, [self._cases[one] for one in self._changed], self.reference)
        for identity, reason in self._faults.items():
            mine = tables.cases.c.cooperation_id == identity
            self.connection.execute(sa.update(tables.cases).where(mine).values(fault=reason[:500]))
        self._changed.clear()
        self._tasks.clear()
        self._faults.clear()
        if forget:
            self._cases.clear()
            self._read.clear()

    def _write_history(self) -> None:
        upsert(self.connection, tables.heard, self._heard)
        upsert(self.connection, tables.supervisions, self._supervised)
        self._heard.clear()
        self._supervised.clear()

    def _case_row(self, case: Case) -> dict[str, object]:
        return {
            "cooperation_id": case.id,
            "key": case.key,
            "affair": case.affair,
            "body": case.resolution.supervising_body if case.resolution else None,
            "agreed": case.has_agreement and case.state != "withdrawn",
            "with_body": bool(case.bodies) and case.state != "withdrawn",
            "closed_on": case.closed_on,
            "next_due": self._next_due(case),
            "fault": None,
            "state": case.model_dump_json(exclude={"tasks"}),
        }

    def _next_due(self, case: Case) -> date | None:
        if self.reference is None or case.entry is None or case.closed:
            return None
        return DutyLedger(case, self.reference, self.day or case.entry.on).next_due()

    def _next_step(self, task: Task) -> date | None:
        """The day of a task's next step. Without a policy, while a store is restored, it is the due date."""
        if self.reference is None:
            return task.due_on if task.open else None
        return next_step(task, self.reference)

    def task_row(self, task: Task) -> dict[str, object]:
        """The row of a task."""
        return {
            "task_id": task.id,
            "cooperation_id": task.cooperation_id,
            "duty": task.duty,
            "clause": task.clause,
            "body": task.body,
            "stage": task.stage.value if task.stage else None,
            "status": task.status.value,
            "open": task.open,
            "due_on": task.due_on,
            "next_step": self._next_step(task),
            "state": task.model_dump_json(),
            "assignee": task.assignee,
            "agreement": task.agreement,
            "scheduled_on": task.scheduled_on,
            "occasion": task.occasion,
        }
