"""Supervision's use cases: what officers and parties do with tasks; a repeat is answered from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.chassis.store import ConflictError
from ksad.contracts.dates import PartialDate
from ksad.contracts.envelope import Origin
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.supervision.domain import task as tasks
from ksad.supervision.domain.commands import TaskContext
from ksad.supervision.domain.recording import sealed
from ksad.supervision.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import sqlalchemy as sa

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Command
    from ksad.chassis.store import EventStore
    from ksad.contracts.catalogue import DocumentRef
    from ksad.contracts.envelope import Envelope
    from ksad.supervision.domain.react import Decision
    from ksad.supervision.domain.task import Task
    from ksad.supervision.reference_cache import ReferenceCache

ATTEMPTS = 30


class Recorded(NamedTuple):
    """What a command did: the task as it was after it, the events, and their position."""

    task: Task
    events: tuple[UUID, ...]
    position: int


class TaskTransaction(NamedTuple):
    """The open transaction that a command is decided in: its context, the unit of work, and the stream of the task."""

    context: TaskContext
    unit: UnitOfWork
    history: Callable[[], Sequence[Envelope]]


class TaskCommand(NamedTuple):
    """What an office wants done with a task.

    ``on`` is the day it happened, None today; ``others`` are further tasks that it may close.
    """

    task_id: UUID
    on: str | None
    others: tuple[UUID, ...]
    authorize: Callable[[TaskTransaction], None]
    decide: Callable[[TaskTransaction], list[Decision]]


class Supervision:
    """All use cases of supervision's officers and of the parties."""

    def __init__(
        self, store: EventStore, cache: ReferenceCache, documents: Documents, clock: Clock, source: str
    ) -> None:
        self._store = store
        self._cache = cache
        self._documents = documents
        self._clock = clock
        self._source = source

    def execute(self, request: Command, command: TaskCommand) -> Recorded:
        """Carry out a command on a task.

        :raises RuleBrokenError: a rule is broken.
        :raises Problem: 403, the caller may not; 404, no such task; 412, the expected version is not the present one.
        """
        attempts = 1 if request.expected is not None else ATTEMPTS
        for attempt in range(attempts):
            try:
                recorded, fresh = self._once(request, command)
            except ConflictError:
                if attempt == attempts - 1:
                    raise
                continue
            if fresh:
                self._store.wake()
            return recorded
        raise ConflictError(str(command.task_id))

    def _once(self, request: Command, command: TaskCommand) -> tuple[Recorded, bool]:
        subject = f"task/{command.task_id}"
        with self._store.database.write() as connection:
            unit = UnitOfWork(connection, self._store, self._cache)
            unit.lock([command.task_id, *command.others])
            known = self._store.recall(request.command_id, request.digest, connection)
            if known is not None:
                return self._answer(connection, subject, known.envelopes, known.position), False
            task = unit.task(command.task_id)
            if task is None:
                raise Problem(RefusalKind.UNKNOWN, "task-known", f"Tugas {command.task_id} tidak ada.")
            transaction = TaskTransaction(
                self._context(unit, task, command.on), unit, lambda: self._store.stream(subject, connection)
            )
            command.authorize(transaction)
            if request.expected is not None and request.expected != task.version:
                detail = f"Tugas sudah berubah (versi {task.version}). Baca ulang lalu coba lagi."
                raise Problem(RefusalKind.OUTDATED, "version-matches", detail, headers={"ETag": f'"{task.version}"'})
            envelopes = self._seal(request, unit, task, command.decide(transaction))
            position = self._store.append(connection, envelopes)
            for envelope in envelopes:
                unit.fold(envelope)
            unit.flush()
            return self._answer(connection, subject, envelopes, position), True

    def _context(self, unit: UnitOfWork, task: Task, on: str | None) -> TaskContext:
        if unit.reference is None:
            raise Problem(
                RefusalKind.UNAVAILABLE,
                "reference-adopted",
                "Data acuan belum ditetapkan. Operator menetapkannya dahulu.",
            )
        now = max(today(self._clock), unit.day or today(self._clock))
        day = PartialDate.parse(on).first if on else max(now, task.scheduled_on)
        if on and day > now:
            raise RuleBrokenError("date-not-future", f"Tanggal {day} belum tiba (hari ini {now}).", on=day)
        if day < task.scheduled_on:
            detail = f"Tanggal {day} sebelum tugas ini timbul ({task.scheduled_on})."
            raise RuleBrokenError("date-after-scheduled", detail, task.clause, on=day)
        if task.cooperation_id is None:
            return TaskContext(task, unit.reference.law.in_force(day).duty(task.duty), has_agreement=False, on=day)
        case = unit.case(task.cooperation_id)
        duty = unit.reference.law.profile(case.profile).duty(task.duty)
        return TaskContext(task, duty, case.has_agreement, day)

    def _seal(self, request: Command, unit: UnitOfWork, task: Task, decisions: Iterable[Decision]) -> list[Envelope]:
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
            actor_office=request.caller.office,
            actor_id=request.caller.actor_id,
            command_id=request.command_id,
            command_digest=request.digest,
            correlation_id=task.cooperation_id or task.id,
            causation_id=None,
        )
        return sealed(made, versions, origin)

    def _answer(
        self, connection: sa.Connection, subject: str, envelopes: Sequence[Envelope], position: int
    ) -> Recorded:
        """The task as it was right after these events: a repeat gets the same answer as the first time."""
        last = max(one.streamversion for one in envelopes if one.subject == subject)
        history = [one for one in self._store.stream(subject, connection) if one.streamversion <= last]
        task = tasks.refold(history)
        assert task is not None  # noqa: S101 - the stream begins with the scheduling
        return Recorded(task, tuple(one.id for one in envelopes), position)

    def check_documents(self, documents: Iterable[DocumentRef]) -> None:
        """Refuse references to documents that were not uploaded here."""
        for one in documents:
            if not self._documents.has(one.sha256):
                detail = f"Dokumen {one.sha256[:12]}… belum diunggah. Unggah dengan POST /documents."
                raise RuleBrokenError("document-known", detail, sha256=one.sha256)
