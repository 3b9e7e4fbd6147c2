"""The reactions to events of the registry and of reporting, in the follower's transaction.

What follows from one event, or from one day, for a cooperation is recorded together. An event that cannot be applied
is parked with the reason. If a day fails for one cooperation, that one stays due and is reported as a fault; the
others are processed.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
import structlog
from pydantic import ValidationError

from ksad.chassis.clock import not_before
from ksad.chassis.follower import Park
from ksad.contracts import registry as facts
from ksad.contracts.envelope import Origin
from ksad.contracts.identifiers import task_id
from ksad.contracts.registry import ReferenceKind
from ksad.contracts.rules import RuleBrokenError
from ksad.supervision import tables
from ksad.supervision.domain import lateness
from ksad.supervision.domain.react import Decision, Moment, completed, moment_of, react
from ksad.supervision.domain.recording import sealed
from ksad.supervision.domain.reports import closed_periods, offices_owing, scheduled
from ksad.supervision.domain.task import Task
from ksad.supervision.queries import Queries
from ksad.supervision.restoring import follow
from ksad.supervision.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ksad.chassis.broker import Received
    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.store import EventStore
    from ksad.contracts.envelope import Envelope
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.register import RegisteredCooperation
    from ksad.supervision.reference_cache import ReferenceCache

PLATFORM = "platform"
# A day can concern every cooperation. After each chunk the changes are written and memory is freed.
CHUNK = 500
REPORTED = "laporan telah disampaikan"
COUNTED_BY = {ReferenceKind.PROFILE, ReferenceKind.POLICY, ReferenceKind.HOLIDAYS}
"""The texts from which it follows what is owed and when."""
# What the content of an event can cause. Errors of the database are not among them: the follower tries such a batch
# again.
POISON = (RuleBrokenError, ValidationError, LookupError, ValueError)
log = structlog.get_logger(__name__)


class Reactions:
    """Applies batches of the follower, and events with which the relay refills the store."""

    def __init__(
        self, store: EventStore, cache: ReferenceCache, documents: Documents, clock: Clock, source: str
    ) -> None:
        self._store = store
        self._cache = cache
        self._documents = documents
        self._clock = clock
        self._source = source

    def apply(self, connection: sa.Connection, batch: Sequence[Received]) -> None:
        """Folds a batch of events and records what follows from them.

        :raises Park: an event cannot be applied by this code, or not yet.
        """
        unit = UnitOfWork(connection, self._store, self._cache)
        recorded: list[Envelope] = []
        for received in batch:
            handler = _EventHandler(self, unit, received.envelope, recorded)
            try:
                handler.handle()
            except POISON as error:
                raise Park(received.envelope.id, f"{type(error).__name__}: {error}") from error
        unit.flush()
        if recorded:
            self._store.append(connection, recorded)

    def restored(self, connection: sa.Connection, events: Sequence[Envelope]) -> None:
        """Folds own events with which the relay refilled the store. Nothing is decided again."""
        follow(connection, self._store, self._cache, events)

    def origin(self, cause: Envelope, correlation: UUID, on: date) -> Origin:
        """The attributes of events that the platform records because of an event."""
        return Origin(
            source=self._source,
            time=not_before(self._clock.now(), datetime.fromisoformat(cause.time)),
            occurred_on=on,
            date_precision="day",
            actor_office=PLATFORM,
            actor_id="supervision",
            command_id=None,
            command_digest=None,
            correlation_id=correlation,
            causation_id=cause.id,
        )

    def keep_document(self, content: bytes, media_type: str) -> None:
        """Stores a document that an event will refer to."""
        self._documents.put(content, media_type)


class _EventHandler:
    """Handles one event of the log."""

    def __init__(self, reactions: Reactions, unit: UnitOfWork, event: Envelope, recorded: list[Envelope]) -> None:
        self._reactions = reactions
        self._unit = unit
        self._event = event
        self._recorded = recorded

    def handle(self) -> None:
        """Folds the event and records the reaction."""
        unit, event = self._unit, self._event
        fact = event.fact()
        match event.subject.partition("/")[0]:
            case "cooperation":
                before, after = unit.fold_cooperation(event)
                if unit.reference is None:
                    raise LookupError("regions, profiles and policy have not been adopted yet")
                self._react(before, after, moment_of(event, unit.day))
            case "reference":
                unit.adopt(event)
                self._readopted(fact)
            case "body":
                unit.establish(event)
            case "calendar" if isinstance(fact, facts.DayPassed):
                self._pass_day(fact.day)
            case "report":
                self._close_report(unit.submit(event))

    def _react(self, before: Case, after: Case, moment: Moment) -> None:
        unit = self._unit
        reference = self._reference()
        found = react(before, after, moment, reference, _StoredRegister(unit))
        for document in found.documents:
            self._reactions.keep_document(document.content, document.ref.media_type)
        versions = {after.subject: after.version} | {task.subject: task.version for task in after.tasks.values()}
        self._record(found.decisions, versions, after.id, moment.base)

    def _record(self, decisions: Iterable[Decision], versions: Mapping[str, int], correlation: UUID, on: date) -> None:
        origin = self._reactions.origin(self._event, correlation, on)
        for envelope in sealed(decisions, versions, origin):
            self._unit.fold_own(envelope)
            self._recorded.append(envelope)

    def _reference(self) -> Reference:
        if self._unit.reference is None:
            raise LookupError("regions, profiles and policy have not been adopted yet")
        return self._unit.reference

    def _pass_day(self, day: date) -> None:
        unit = self._unit
        previous = unit.day
        if previous is not None and day <= previous:
            return
        unit.pass_day(day)
        if unit.reference is None:
            return
        unit.flush()
        self._each(_due(unit.connection, day), Moment(day, day, day=day))
        for task in _late_reports(unit.connection, day):
            steps = lateness.steps(task, task.body, unit.reference, day)
            self._record(
                [Decision(task.subject, one, day) for one in steps], {task.subject: task.version}, task.id, day
            )
        self._schedule_reports(previous, day, unit.reference)

    def _each(self, identities: Iterable[UUID], moment: Moment, *, anchored: bool = False) -> None:
        for number, identity in enumerate(identities, 1):
            case = self._unit.case(identity)
            here = moment
            if anchored and case.resolution is not None:
                here = moment._replace(anchor=case.resolution.holds_from)
            try:
                self._react(case, case, here)
            except POISON as error:
                log.exception("case_failed", cooperation=str(identity), day=moment.base.isoformat())
                self._unit.mark_failed(identity, f"{type(error).__name__}: {error}")
            else:
                self._unit.replace_case(self._unit.case(identity))
            if number % CHUNK == 0:
                self._unit.flush(forget=True)

    def _readopted(self, fact: object) -> None:
        """Reacts to new reference data.

        Changed boundaries: supervisors of all running cooperations are resolved again. Other data: all cases are
        examined when the next day passes.
        """
        unit = self._unit
        if unit.reference is None:
            return
        unit.flush(forget=True)
        on = self._event.occurredon
        kind = fact.kind if isinstance(fact, facts.ReferenceText) else None
        if isinstance(fact, facts.BoundaryChanged) or kind is ReferenceKind.REGIONS:
            self._each(_running(unit.connection), Moment(on, max(on, unit.day or on)), anchored=True)
            return
        # Terms, cadences or the law may have changed, and with them what any running cooperation owes.
        if kind not in COUNTED_BY:
            return
        unit.connection.execute(
            sa.update(tables.cases).where(tables.cases.c.closed_on.is_(None)).values(next_due=unit.day or on)
        )
        rows = unit.connection.execute(sa.select(tables.tasks.c.state).where(tables.tasks.c.open)).scalars().all()
        for state in rows:
            unit.reschedule(Task.model_validate_json(state))

    def _schedule_reports(self, previous: date | None, day: date, reference: Reference) -> None:
        for closed in closed_periods(reference, previous, day):
            teams = Queries(self._unit.connection).teams(closed.period.first, closed.period.last)
            for office in offices_owing(closed.duty, closed.clause, teams):
                fact = scheduled(closed, office, reference)
                identity = task_id(office, closed.duty.key, str(closed.period))
                if self._unit.task(identity) is not None:
                    continue
                self._record([Decision(f"task/{identity}", fact, day)], {}, identity, day)
                self._close_report(identity if self._unit.submission(identity) else None)

    def _close_report(self, identity: UUID | None) -> None:
        """Completes the task to report. A report submitted before the task exists completes it when it is scheduled."""
        if identity is None:
            return
        task = self._unit.task(identity)
        if task is None or not task.open:
            return
        # A report can be submitted before its period closes; its task cannot be completed before it was scheduled.
        on = max(self._event.occurredon, task.scheduled_on)
        done = Decision(task.subject, completed(task, REPORTED), on)
        self._record([done], {task.subject: task.version}, identity, on)


class _StoredRegister:
    """The register as this transaction sees it; pending changes are written first."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit

    def with_bodies(self) -> Sequence[RegisteredCooperation]:
        """The cooperations that formed a body."""
        self._unit.flush()
        return Queries(self._unit.connection).with_bodies()


def _due(connection: sa.Connection, day: date) -> list[UUID]:
    """The cooperations for which something is due when a day passes, in a fixed order."""
    case, task = tables.cases.c, tables.tasks.c
    due = sa.select(case.cooperation_id).where(case.next_due <= day)
    late = sa.select(task.cooperation_id).where(task.next_step <= day, task.cooperation_id.is_not(None))
    return sorted(connection.execute(sa.union(due, late)).scalars())


def _late_reports(connection: sa.Connection, day: date) -> list[Task]:
    table = tables.tasks.c
    query = sa.select(table.state).where(table.next_step <= day, table.cooperation_id.is_(None)).order_by(table.task_id)
    return [Task.model_validate_json(state) for state in connection.execute(query).scalars()]


def _running(connection: sa.Connection) -> list[UUID]:
    query = sa.select(tables.cases.c.cooperation_id).where(tables.cases.c.closed_on.is_(None))
    return sorted(connection.execute(query).scalars())
