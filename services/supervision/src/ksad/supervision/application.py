"""Use cases of supervision: commands on tasks. A repeated command is answered from the record of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts.envelope import Origin
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.supervision.domain import permissions
from ksad.supervision.domain import task as tasks
from ksad.supervision.domain.affording import may
from ksad.supervision.domain.calendar import day_of
from ksad.supervision.domain.commands import CorrectTask, Deliver, TaskCommand
from ksad.supervision.domain.deciding import TaskContext, decided
from ksad.supervision.domain.gone import ended_on_of
from ksad.supervision.domain.recording import sealed
from ksad.supervision.domain.register import resembling
from ksad.supervision.queries import Queries
from ksad.supervision.unit_of_work import UnitOfWork, lock_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    import sqlalchemy as sa

    from ksad.chassis.cited import CitedDocuments
    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.rules import Affordance
    from ksad.supervision.domain.react import Decision
    from ksad.supervision.domain.register import Document
    from ksad.supervision.domain.task import Task
    from ksad.supervision.reference_cache import ReferenceCache


class TaskResult(NamedTuple):
    """A task right after a command, and the record of the command."""

    task: Task
    record: CommandRecord


class ForeseenTasks(NamedTuple):
    """What a command would do: the task before it, every task that it changes as it would be, and its decisions."""

    before: Task
    after: list[Task]
    decisions: list[Decision]


def _documents_of(task: Task) -> frozenset[str]:
    """The hashes of the documents that a task has already."""
    completed = task.completed.documents if task.completed else ()
    delivered = (one for delivery in task.delivered.values() for one in delivery.documents)
    followed = (one for closed in task.follow_ups_closed.values() for one in closed.documents)
    return frozenset(one.sha256 for one in (*completed, *delivered, *followed))


class Supervision:
    """The use cases of officers and parties."""

    def __init__(
        self, store: EventStore, cache: ReferenceCache, documents: Documents, clock: Clock, source: str
    ) -> None:
        self._store = store
        self._recorder = CommandRecorder(store, lock_tasks)
        self._cache = cache
        self._documents = documents
        self._clock = clock
        self._source = source

    def execute(self, submission: Submission, task_id: UUID, command: TaskCommand) -> TaskResult:
        """Executes a command on a task. A repeated command returns the result of the first.

        :raises RuleBrokenError: the command breaks a rule, the office may not give it, there is no such task, or its
            version is not the expected one.
        """
        subject = f"task/{task_id}"
        cited = self._documents.look_up(command.refs(), submission.caller.office)

        def decide(view: StoreView) -> list[Envelope]:
            unit = UnitOfWork(view.connection, self._store, self._cache)
            _, _, envelopes = self._decide(unit, submission, task_id, command, cited, self._keep)
            unit.flush()
            return envelopes

        rows = (task_id, *command.others())
        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, decide, rows=rows))
        assert record is not None  # noqa: S101 - every command on a task makes an event of it
        version = record.version(subject)
        # As it was after this command, also when later commands have changed it: a repeated command gets the same
        # answer.
        task = tasks.refold([one for one in self._store.stream(subject) if one.streamversion <= version])
        assert task is not None  # noqa: S101 - the stream begins with the scheduling
        return TaskResult(task, record)

    def foresee(
        self, connection: sa.Connection, submission: Submission, task_id: UUID, command: TaskCommand
    ) -> ForeseenTasks:
        """Decides a command on a task as it would be, and records nothing.

        :raises RuleBrokenError: as when it is executed.
        """
        unit = UnitOfWork(connection, self._store, self._cache)
        cited = self._documents.look_up(command.refs(), submission.caller.office, trial=True)
        before, decisions, _ = self._decide(unit, submission, task_id, command, cited, lambda _: None)
        touched = [unit.task(UUID(subject.removeprefix("task/"))) for subject in {one.subject: 0 for one in decisions}]
        return ForeseenTasks(before, [one for one in touched if one is not None], decisions)

    def _decide(
        self,
        unit: UnitOfWork,
        submission: Submission,
        task_id: UUID,
        command: TaskCommand,
        cited: CitedDocuments,
        keep: Callable[[Document], object],
    ) -> tuple[Task, list[Decision], list[Envelope]]:
        """The task before, what a command leads to, and its events, which are folded and not written.

        :param cited: what is stored of the documents that the command cites.
        :param keep: stores the document that the register proposes.
        """
        task = unit.task(task_id)
        if task is None:
            detail = "Tugas ini tidak ada."
            raise RuleBrokenError("task-known", detail, kind=RefusalKind.UNKNOWN)
        office = submission.caller.office
        context = self._context(unit, task, command)
        if isinstance(command, CorrectTask):
            context = context._replace(history=self._store.stream(task.subject, unit.connection))
        permissions.check(office, command, context)
        submission.check_expected(task.version)
        cited.check(command.refs(), _documents_of(task))
        decisions = decided(self._with_proposal(command, unit, context, keep), context, office)
        envelopes = self._seal(submission, unit, task, decisions)
        for envelope in envelopes:
            unit.fold_own(envelope)
        return task, decisions, envelopes

    def may(self, connection: sa.Connection, office: str, task: Task) -> list[Affordance]:
        """What an office may do with a task today, by the rules that decide.

        :raises RuleBrokenError: there are no reference data yet (kind ``UNAVAILABLE``).
        """
        unit = UnitOfWork(connection, self._store, self._cache)
        return may(office, self._context(unit, task, TaskCommand()))

    def _keep(self, proposed: Document) -> None:
        self._documents.put(proposed.content, proposed.ref.media_type)

    def _with_proposal(
        self, command: TaskCommand, unit: UnitOfWork, context: TaskContext, keep: Callable[[Document], object]
    ) -> TaskCommand:
        """The command with the document that the register proposes, if it asks for that."""
        if not isinstance(command, Deliver) or not command.proposed:
            return command
        found = self.proposal(unit.connection, context.task, context.today)
        keep(found)
        return command.model_copy(update={"documents": [*command.documents, found.ref]})

    def proposal(self, connection: sa.Connection, task: Task, day: date) -> Document:
        """What the register proposes to deliver for a task on a day.

        :raises RuleBrokenError: it proposes nothing for this duty.
        """
        queries, reference = Queries(connection), self._cache.reference(connection)
        case = queries.case(task.cooperation_id) if task.cooperation_id else None
        duty = reference.law.profile(case.profile).duty(task.duty) if reference and case else None
        if reference is None or case is None or duty is None or duty.filled_from != "cooperations":
            detail = "Register tidak mengusulkan isi untuk tugas ini."
            raise RuleBrokenError("proposal-known", detail, task.clause, kind=RefusalKind.UNKNOWN)
        return resembling(duty, task.clause, case, queries.cooperating(), reference, day)

    def _context(self, unit: UnitOfWork, task: Task, command: TaskCommand) -> TaskContext:
        if unit.reference is None:
            detail = "Data acuan belum ada. Platform dibuka lebih dahulu."
            raise RuleBrokenError("reference-adopted", detail, kind=RefusalKind.UNAVAILABLE)
        # The clock of this machine may be behind the newest day of the log, on which tasks are scheduled.
        now = max(today(self._clock), unit.day or today(self._clock))
        day = day_of(command.on, task, now)
        other = next(iter(map(unit.task, command.others())), None)
        regions = unit.reference.regions
        if task.cooperation_id is None:
            duty = unit.reference.law.in_force(day).duty(task.duty)
            return TaskContext(task, duty, has_agreement=False, on=day, today=now, regions=regions, other=other)
        case = unit.case(task.cooperation_id)
        resolution = case.resolution_of(task.agreement)
        return TaskContext(
            task,
            unit.reference.law.profile(case.profile).duty(task.duty),
            case.has_agreement,
            day,
            now,
            regions,
            other,
            supervising=resolution.supervising_body if resolution else None,
            parties=case.concerned,
            ended_on=ended_on_of(case, task),
        )

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
