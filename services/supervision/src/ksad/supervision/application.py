"""Supervision's use cases: what officers and parties do with tasks; a repeat is answered from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts.envelope import Origin
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.supervision.domain import permissions
from ksad.supervision.domain import task as tasks
from ksad.supervision.domain.calendar import day_of
from ksad.supervision.domain.commands import CorrectTask
from ksad.supervision.domain.deciding import TaskContext, decided
from ksad.supervision.domain.recording import sealed
from ksad.supervision.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.envelope import Envelope
    from ksad.supervision.domain.commands import TaskCommand
    from ksad.supervision.domain.react import Decision
    from ksad.supervision.domain.task import Task
    from ksad.supervision.reference_cache import ReferenceCache


class TaskResult(NamedTuple):
    """A task as it was right after a command, and the record of the command."""

    task: Task
    record: CommandRecord


class Supervision:
    """All use cases of supervision's officers and of the parties."""

    def __init__(
        self, store: EventStore, cache: ReferenceCache, documents: Documents, clock: Clock, source: str
    ) -> None:
        self._store = store
        self._recorder = CommandRecorder(store)
        self._cache = cache
        self._documents = documents
        self._clock = clock
        self._source = source

    def execute(self, submission: Submission, task_id: UUID, command: TaskCommand) -> TaskResult:
        """Carry out a command on a task. A repeat gets the same result as the first time.

        :raises RuleBrokenError: a rule is broken, the caller may not, there is no such task, or the expected version is
            not the present one.
        """
        subject = f"task/{task_id}"

        def decide(view: StoreView) -> list[Envelope]:
            unit = UnitOfWork(view.connection, self._store, self._cache)
            unit.lock([task_id, *command.others()])
            task = unit.task(task_id)
            if task is None:
                detail = f"Tugas {task_id} tidak ada."
                raise RuleBrokenError("task-known", detail, kind=RefusalKind.UNKNOWN)
            context = self._context(unit, task, command)
            if isinstance(command, CorrectTask):
                context = context._replace(history=view.stream(subject))
            permissions.check(submission.caller.office, command, context)
            submission.check_expected(task.version)
            self._documents.check(command.refs())
            decisions = decided(command, context, submission.caller.office)
            envelopes = self._seal(submission, unit, task, decisions)
            for envelope in envelopes:
                unit.fold_own(envelope)
            unit.flush()
            return envelopes

        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, decide))
        assert record is not None  # noqa: S101 - every command on a task makes an event of it
        version = record.version(subject)
        task = tasks.refold([one for one in self._store.stream(subject) if one.streamversion <= version])
        assert task is not None  # noqa: S101 - the stream begins with the scheduling
        return TaskResult(task, record)

    def _context(self, unit: UnitOfWork, task: Task, command: TaskCommand) -> TaskContext:
        if unit.reference is None:
            detail = "Data acuan belum ditetapkan. Operator menetapkannya dahulu."
            raise RuleBrokenError("reference-adopted", detail, kind=RefusalKind.UNAVAILABLE)
        now = max(today(self._clock), unit.day or today(self._clock))
        day = day_of(command.on, task, now)
        other = next(iter(map(unit.task, command.others())), None)
        if task.cooperation_id is None:
            duty, has_agreement = unit.reference.law.in_force(day).duty(task.duty), False
        else:
            case = unit.case(task.cooperation_id)
            duty, has_agreement = unit.reference.law.profile(case.profile).duty(task.duty), case.has_agreement
        return TaskContext(task, duty, has_agreement, day, unit.reference.regions, other)

    def _seal(
        self, submission: Submission, unit: UnitOfWork, task: Task, decisions: Iterable[Decision]
    ) -> list[Envelope]:
        made = list(decisions)
        versions = {}
        for one in made:
            found = unit.task(UUID(one.subject.removeprefix("task/")))
            versions[one.subject] = found.version if found is not None else 0
        origin = Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=made[0].on,
            date_precision="day",
            actor_office=submission.caller.office,
            actor_id=submission.caller.actor_id,
            command_id=submission.command_id,
            command_digest=submission.digest,
            correlation_id=task.cooperation_id or task.id,
            causation_id=None,
        )
        return sealed(made, versions, origin)
