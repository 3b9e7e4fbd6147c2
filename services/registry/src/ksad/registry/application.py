"""The registry's use cases: load, decide, record; a repeat is answered from the log.

State is cached by stream and version, and brought up to the stream's newest version inside the transaction, so that a
decision always rests on all facts however many processes write.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts import registry as facts
from ksad.contracts.corrections import is_correction
from ksad.contracts.dates import PartialDate
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import stream_id
from ksad.contracts.rules import RuleBrokenError
from ksad.registry.domain import corrections, permissions, reference
from ksad.registry.domain.calendar import check_next_day, check_planned
from ksad.registry.domain.commands import Command, Correct
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation, evolve
from ksad.registry.domain.deciding import check_known, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.catalogue import Fact

CACHED_MAX = 20_000
REFERENCE = "reference/adopted"
DAYS = "calendar/days"


class Registry:
    """All use cases of the registry."""

    def __init__(self, store: EventStore, documents: Documents, clock: Clock, source: str) -> None:
        self.store = store
        self._recorder = CommandRecorder(store)
        self._documents = documents
        self._clock = clock
        self._source = source
        self._cache: OrderedDict[str, tuple[int, Cooperation]] = OrderedDict()
        self._reference: tuple[int, reference.ReferenceTexts, reference.Adopted | None] = (
            0,
            reference.ReferenceTexts(),
            None,
        )
        self._lock = Lock()

    def cooperation(self, subject: str, view: StoreView | None = None) -> tuple[int, Cooperation]:
        """A cooperation's version and state, now or in a view; version 0 where there is none."""
        streams = view or self.store
        with self._lock:
            version, state = self._cache.get(subject, (0, Cooperation()))
        newer = streams.stream(subject, after=version)
        if any(is_correction(envelope.type) for envelope in newer):
            newer = streams.stream(subject)
            state = corrections.folded(newer)
        else:
            for envelope in newer:
                state = evolve(state, envelope.fact(), envelope.occurredon, legacy=envelope.legacy is True)
        if newer:
            version = newer[-1].streamversion
            self._remember(subject, version, state)
        return version, state

    def _remember(self, subject: str, version: int, state: Cooperation) -> None:
        with self._lock:
            self._cache[subject] = (version, state)
            self._cache.move_to_end(subject)
            if len(self._cache) > CACHED_MAX:
                self._cache.popitem(last=False)

    def adopted(self, view: StoreView | None = None) -> reference.Adopted:
        """The reference data, now or in a view.

        :raises RuleBrokenError: none has been adopted.
        """
        version, state, ready = self._reference
        events = (view or self.store).stream(REFERENCE, after=version)
        if events or ready is None:
            for envelope in events:
                state = reference.evolve(state, envelope.fact())
                version = envelope.streamversion
            ready = reference.adopted(state)
            self._reference = (version, state, ready)
        return ready

    def context(self) -> Context:
        """The circumstances of today, for reading."""
        day = today(self._clock)
        return Context(self.adopted(), day, day)

    def execute(self, submission: Submission, subject: str, command: Command) -> CommandRecord:
        """Carry out a command on a cooperation.

        :raises RuleBrokenError: a rule is broken, the caller may not, or the expected version is not the present one.
        """

        def decide(view: StoreView) -> list[Envelope]:
            version, state = self.cooperation(subject, view)
            occurred = PartialDate.parse(command.on) if command.on else PartialDate.of(today(self._clock))
            context = Context(self.adopted(view), occurred.first, today(self._clock), command.legacy)
            check_known(state, command)
            permissions.check(submission.caller.office, command, state, context)
            self._documents.check(command.documents())
            made, _ = decided(state, command, context)
            if isinstance(command, Correct):
                corrections.check(view.stream(subject), command, context)
            submission.check_expected(version)
            origin = self._origin(submission, occurred, command)
            return [seal(fact, subject, number, origin) for number, fact in enumerate(made, version + 1)]

        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, decide))
        assert record is not None  # noqa: S101 - every command makes a fact
        return record

    def _origin(self, submission: Submission, occurred: PartialDate, command: Command) -> Origin:
        source = command.source
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=occurred.first,
            date_precision=occurred.precision.value,
            actor_office=submission.caller.office,
            actor_id=submission.caller.actor_id,
            command_id=submission.command_id,
            command_digest=submission.digest,
            correlation_id=submission.command_id,
            causation_id=None,
            legacy=command.legacy,
            source_file=None if source is None else source.file_sha256,
            source_line=None if source is None else source.line,
        )

    def record(
        self,
        submission: Submission,
        subject: str,
        on: date | None,
        decide: Callable[[StoreView, Sequence[Envelope]], Fact | None],
    ) -> CommandRecord | None:
        """Record one fact on a stream of its own kind: reference data, bodies, days. None where nothing changes."""

        def deciding(view: StoreView) -> list[Envelope]:
            events = view.stream(subject)
            fact = decide(view, events)
            if fact is None:
                return []
            version = len(events)
            submission.check_expected(version)
            occurred = PartialDate.of(on or today(self._clock))
            return [seal(fact, subject, version + 1, self._origin(submission, occurred, Command()))]

        return self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, deciding))

    def adopt(self, submission: Submission, fact: facts.ReferenceAdopted) -> CommandRecord | None:
        """Adopt reference data; the same content again changes nothing."""

        def decide(_: StoreView, events: Sequence[Envelope]) -> Fact | None:
            state = reference.ReferenceTexts()
            for envelope in events:
                state = reference.evolve(state, envelope.fact())
            if dict(state.texts).get(fact.name) == fact.sha256:
                return None
            reference.check_adoptable(state, fact)
            return fact

        return self.record(submission, REFERENCE, None, decide)

    def references(self) -> list[reference.AdoptedText]:
        """The texts that are adopted now, by name."""
        return reference.in_use(self.store.stream(REFERENCE))

    def change_boundary(self, submission: Submission, fact: facts.BoundaryChanged) -> CommandRecord | None:
        """Record that a region goes on under another code."""

        def decide(view: StoreView, _: Sequence[Envelope]) -> Fact:
            check_planned(fact.effective_on, today(self._clock), "effective_on")
            self.adopted(view).regions.with_boundary_change(fact.region, fact.successor, fact.effective_on)
            return fact

        return self.record(submission, REFERENCE, None, decide)

    def establish(self, submission: Submission, fact: facts.SupervisingBodyEstablished) -> CommandRecord | None:
        """Record the decision that established a body (Pasal 5 and 9)."""
        now = today(self._clock)

        def decide(view: StoreView, _: Sequence[Envelope]) -> Fact:
            permissions.check_establishing(submission.caller.office, fact.body)
            reference.check_body(fact, self.adopted(view).regions, now)
            return fact

        return self.record(submission, f"body/{fact.body}", fact.decided_on, decide)

    def pass_day(self, submission: Submission, day: date) -> CommandRecord | None:
        """A day is over: one fact per date, ascending, without gaps after the first; the same day again is no fact.

        :raises RuleBrokenError: the day is out of order, or not over yet.
        """

        def decide(_: StoreView, events: Sequence[Envelope]) -> Fact | None:
            last = date.fromisoformat(events[-1].data["day"]) if events else None
            check_next_day(day, last, today(self._clock))
            return facts.DayPassed(day=day)

        return self.record(submission, DAYS, day, decide)

    def last_day(self) -> date | None:
        """The newest day that passed."""
        with self.store.database.read() as connection:
            found = self.store.recorder.select_events(stream_id(DAYS), desc=True, limit=1, connection=connection)
        return date.fromisoformat(Envelope.from_store(found[0].state).data["day"]) if found else None

    def rehearse(self, office: str, subject: str, commands: Sequence[Command]) -> None:
        """Decide an office's commands on a cooperation, registered or not, one after the other; nothing is recorded.

        :raises RuleBrokenError: with ``step``, the number of the one that breaks a rule or is not the caller's.
        """
        _, state = self.cooperation(subject)
        for number, command in enumerate(commands):
            occurred = PartialDate.parse(command.on) if command.on else PartialDate.of(today(self._clock))
            context = Context(self.adopted(), occurred.first, today(self._clock), command.legacy)
            try:
                check_known(state, command)
                permissions.check(office, command, state, context)
                self._documents.check(command.documents())
                _, state = decided(state, command, context)
            except RuleBrokenError as error:
                error.facts["step"] = number
                raise
