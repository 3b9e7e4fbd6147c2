"""Use cases of the registry: load, decide, record. A repeated command is answered from the record of the first.

State is cached by stream and version, and brought up to date inside the transaction. A decision therefore rests on all
events, however many processes write.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from datetime import date
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts import registry as facts
from ksad.contracts.corrections import is_correction
from ksad.contracts.dates import PartialDate
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import stream_id
from ksad.registry.citing import check_cited
from ksad.registry.domain import corrections, permissions, reference, vouching
from ksad.registry.domain.calendar import check_next_day, check_planned
from ksad.registry.domain.commands import Command, Correct
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation, Made, after_event
from ksad.registry.domain.deciding import check_known, decided
from ksad.registry.domain.rehearsing import Rehearsal
from ksad.registry.passing import ATTEMPTS_MAX, CalendarBehindError, Passing
from ksad.registry.sealing import commanded, sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.catalogue import Fact
    from ksad.registry.domain.rehearsing import WaitingStep

    ReadReference = tuple[int, reference.ReferenceTexts, reference.Adopted | None]
# Above it the least recently used state is dropped from memory, and folded from its stream when it is next needed.
CACHED_MAX = 20_000
REFERENCE = "reference/adopted"
DAYS = "calendar/days"


class Registry:
    """The use cases of the registry."""

    def __init__(self, store: EventStore, documents: Documents, clock: Clock, source: str) -> None:
        self.store = store
        self._recorder = CommandRecorder(store)
        self._passing = Passing(self._recorder, store, clock, source, self)
        self._documents = documents
        self._clock = clock
        self._source = source
        self._cache: OrderedDict[str, tuple[int, Cooperation]] = OrderedDict()
        self._reference: ReadReference = (0, reference.ReferenceTexts(), None)
        self._lock = Lock()

    def cooperation(self, subject: str, view: StoreView | None = None) -> tuple[int, Cooperation]:
        """The version and state of a cooperation, now or as a transaction sees them; version 0 if there is none."""
        streams = view or self.store
        with self._lock:
            version, state = self._cache.get(subject, (0, Cooperation()))
        newer = streams.stream(subject, after=version)
        # A correction changes how earlier events fold, so the whole stream is folded again.
        if any(is_correction(envelope.type) for envelope in newer):
            newer = streams.stream(subject)
            state = corrections.folded(newer)
        else:
            for envelope in newer:
                state = after_event(state, envelope)
        if newer:
            version = newer[-1].streamversion
            if view is None or not view.uncommitted(subject):
                self._remember(subject, version, state)
        return version, state

    def _remember(self, subject: str, version: int, state: Cooperation) -> None:
        with self._lock:
            self._cache[subject] = (version, state)
            self._cache.move_to_end(subject)
            if len(self._cache) > CACHED_MAX:
                self._cache.popitem(last=False)

    def adopted(self, view: StoreView | None = None) -> reference.Adopted:
        """The adopted reference data, now or as a transaction sees them.

        :raises RuleBrokenError: none have been adopted.
        """
        version, state, ready = self._reference
        events = (view or self.store).stream(REFERENCE, after=version)
        if events or ready is None:
            version = events[-1].streamversion if events else version
            state = reference.folded(events, state)
            ready = reference.adopted(state)
            # Replaced as a whole: two threads that read at once write equal values.
            if view is None or not view.uncommitted(REFERENCE):
                self._reference = (version, state, ready)
        return ready

    def today(self, view: StoreView | None = None) -> Context:
        """The circumstances of today, with the reference data of now or as a transaction sees them."""
        day = today(self._clock)
        return Context(self.adopted(view), day, day)

    def execute(self, submission: Submission, subject: str, command: Command) -> CommandRecord:
        """Executes a command on a cooperation. A repeated command returns the record of the first.

        :raises RuleBrokenError: the command breaks a rule, the office may not give it, or the cooperation's version is
            not the expected one.
        """
        calendar_went_first = False
        office = submission.caller.office
        cited = self._documents.look_up(command.documents(), office)

        def decide(view: StoreView) -> list[Envelope]:
            version, state = self.cooperation(subject, view)
            if not calendar_went_first and self._passing.owes(state, version):
                raise CalendarBehindError
            context, occurred = self.situation(office, command, view)
            check_known(state, command)
            vouching.check(office, command, state, context)
            meant, following = command, list[Made]()
            if isinstance(command, Correct):
                stream = view.stream(subject)
                vouching.check_correction(office, stream, command, state, context)
                meant, following = corrections.checked(stream, command, state, context)
            check_cited(cited, meant.documents(), office, state, context, lambda: view.stream(subject))
            made, _ = decided(state, meant, context)
            submission.check_expected(version)
            origin = commanded(submission, self._source, self._clock.now(), occurred, command)
            return sealed([*made, *following], subject, version, origin)

        pending = PendingCommand(submission.command_id, submission.digest, decide, streams=(subject, REFERENCE))
        try:
            record = self._recorder.record_one(pending)
        except CalendarBehindError:
            # What the calendar owes is recorded before the command, and stays if that is refused.
            self._passing.before_a_command(subject)
            calendar_went_first = True
            record = self._recorder.record_one(pending)
        assert record is not None  # noqa: S101 - every command makes a fact
        return record

    def situation(self, office: str, command: Command, view: StoreView | None = None) -> tuple[Context, PartialDate]:
        """The circumstances of a command that an office gives now, and the day of its fact."""
        now = today(self._clock)
        occurred = PartialDate.parse(command.on) if command.on else PartialDate.of(now)
        return Context(self.adopted(view), occurred.first, now, command.legacy, occurred.precision, office), occurred

    def record(
        self,
        submission: Submission,
        subject: str,
        on: date | None,
        decide: Callable[[StoreView, Sequence[Envelope]], Sequence[Fact]],
    ) -> CommandRecord | None:
        """Records facts of reference data, of a body or of a day; ``None`` if nothing changes.

        :param on: the day of the facts; ``None`` means today.
        :param decide: returns the facts to record; none if there is nothing to record.
        """

        def deciding(view: StoreView) -> list[Envelope]:
            events = view.stream(subject)
            made = decide(view, events)
            if not made:
                return []
            version = len(events)
            submission.check_expected(version)
            occurred = PartialDate.of(on or today(self._clock))
            origin = commanded(submission, self._source, self._clock.now(), occurred)
            return [seal(fact, subject, number, origin) for number, fact in enumerate(made, version + 1)]

        return self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, deciding))

    def open(self, submission: Submission, *, training: bool) -> CommandRecord | None:
        """Opens a new platform with the texts of the package; ``None`` if it is open, and of the kind that is asked."""
        day = today(self._clock)

        def decide(_: StoreView, events: Sequence[Envelope]) -> Sequence[Fact]:
            # What binds is replaced by decision only, never because another release of the software started.
            return reference.opened(events, day, training=training)

        return self.record(submission, REFERENCE, day, decide)

    def adopt(self, submission: Submission, fact: facts.ReferenceAdopted) -> CommandRecord | None:
        """Adopts reference data; ``None`` if the same content is adopted by the same decision already.

        :raises RuleBrokenError: the content cannot be read, or no decision is named.
        """

        def decide(_: StoreView, events: Sequence[Envelope]) -> Sequence[Fact]:
            state = reference.folded(events)
            if fact.decision and dict(state.texts).get(fact.name) == (fact.sha256, fact.decision):
                return ()
            reference.check_adoptable(state, fact, today(self._clock))
            return (fact,)

        return self.record(submission, REFERENCE, None, decide)

    def references(self) -> list[reference.AdoptedText]:
        """The texts in use, by name."""
        return reference.in_use(self.store.stream(REFERENCE))

    def reference_text(self, name: str) -> tuple[reference.AdoptedText, str] | None:
        """A text in use, with its content; ``None`` if none was adopted under this name."""
        events = self.store.stream(REFERENCE)
        content = reference.content_of(events, name)
        found = next((one for one in reference.in_use(events) if one.name == name), None)
        return (found, content) if found and content is not None else None

    def boundary_changes(self) -> list[facts.BoundaryChanged]:
        """All boundary changes, oldest first."""
        return reference.boundary_changes(self.store.stream(REFERENCE))

    def change_boundary(self, submission: Submission, fact: facts.BoundaryChanged) -> CommandRecord | None:
        """Records that a region continues under another code.

        :raises RuleBrokenError: the change does not fit the adopted regions, or the day is not plausible.
        """

        def decide(view: StoreView, _: Sequence[Envelope]) -> Sequence[Fact]:
            reference.check_decision(fact.decision, today(self._clock))
            check_planned(fact.effective_on, today(self._clock), "effective_on")
            self.adopted(view).regions.with_boundary_change(fact.region, fact.successor, fact.effective_on)
            return (fact,)

        return self.record(submission, REFERENCE, None, decide)

    def establish(self, submission: Submission, fact: facts.SupervisingBodyEstablished) -> CommandRecord | None:
        """Records the decision that established a supervising body (Pasal 5 and 9).

        :raises RuleBrokenError: the office may not record it, or it is no supervising body on that day.
        """

        def decide(view: StoreView, _: Sequence[Envelope]) -> Sequence[Fact]:
            permissions.check_establishing(submission.caller.office, fact.body)
            reference.check_body(fact, self.adopted(view).regions, today(self._clock))
            return (fact,)

        return self.record(submission, f"body/{fact.body}", fact.decided_on, decide)

    def pass_day(self, submission: Submission, day: date) -> CommandRecord | None:
        """Records that a day has passed: one fact per date, in order and without gaps after the first.

        :raises RuleBrokenError: the day is out of order, or is not over.
        """
        if self.store.recall(submission.command_id, submission.digest) is None:
            check_next_day(day, self.last_day(), self.opening().opened_on, today(self._clock))

        def decide(view: StoreView, events: Sequence[Envelope]) -> Sequence[Fact]:
            last = date.fromisoformat(events[-1].data["day"]) if events else None
            check_next_day(day, last, self.opening(view).opened_on, today(self._clock))
            # No other command can be recorded meanwhile: what it left due would be missing in the day.
            if self._passing.due(day, view.connection):
                raise CalendarBehindError
            return (facts.DayPassed(day=day),)

        for _ in range(ATTEMPTS_MAX):
            self._passing.through(day)
            with suppress(CalendarBehindError):
                return self.record(submission, DAYS, day, decide)
        raise CalendarBehindError

    def opening(self, view: StoreView | None = None) -> reference.ReferenceTexts:
        """The reference data, with the day on which the platform was opened and whether it is for training."""
        return reference.folded((view or self.store).stream(REFERENCE))

    def last_day(self) -> date | None:
        """The newest day that passed; ``None`` if there is none."""
        with self.store.database.read() as connection:
            found = self.store.recorder.select_events(stream_id(DAYS), desc=True, limit=1, connection=connection)
        return date.fromisoformat(Envelope.from_store(found[0].state).data["day"]) if found else None

    def rehearse(
        self, office: str, subject: str, commands: Sequence[Command], confirmed: Sequence[UUID] = ()
    ) -> list[WaitingStep]:
        """Decides commands of an office on a cooperation, registered or not, in order; records nothing.

        :param confirmed: recorded proposals to take as confirmed by all, as those are that the commands would make.
        :return: these proposals, and the commands that would wait for the confirmation of others.
        :raises RuleBrokenError: a command breaks a rule or is not allowed (``step`` is its number, from 0), or a
            proposal does not wait.
        """
        state, now = self.cooperation(subject)[1], self.today()
        refs = [ref for one in commands for ref in one.documents()]
        cited, stream = self._documents.look_up(refs, office, trial=True), partial(self.store.stream, subject)
        known = partial(check_cited, cited, office=office, state=state, context=now, stream=stream)
        rehearsal = Rehearsal(office, state, lambda one: self.situation(office, one)[0], known)
        rehearsal.assume(confirmed, self.today())
        rehearsal.play(commands)
        return rehearsal.waiting
