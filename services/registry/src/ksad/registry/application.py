"""The registry's use cases: load, decide, record; a repeat is answered from the log.

State is cached by stream and version, and brought up to the stream's newest version inside the transaction, so that a
decision always rests on all facts however many processes write.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.chassis.store import ConflictError
from ksad.contracts import registry as facts
from ksad.contracts.dates import PartialDate
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import stream_id
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.registry.domain import corrections, reference
from ksad.registry.domain.commands import Command, Correct
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation, evolve
from ksad.registry.domain.dates import check_next_day, check_planned
from ksad.registry.domain.deciding import check_known, decided

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Command as Request
    from ksad.chassis.store import EventStore
    from ksad.contracts.catalogue import Fact

ATTEMPTS = 60
CACHED_MAX = 20_000
REFERENCE = "reference/adopted"
DAYS = "calendar/days"


class Recorded(NamedTuple):
    """What a command did."""

    subject: str
    version: int
    events: tuple[UUID, ...]
    position: int


class Registry:
    """All use cases of the registry."""

    def __init__(self, store: EventStore, documents: Documents, clock: Clock, source: str) -> None:
        self.store = store
        self._documents = documents
        self._clock = clock
        self._source = source
        self._cache: OrderedDict[str, tuple[int, Cooperation]] = OrderedDict()
        self._reference: tuple[int, reference.Reference, reference.Adopted | None] = (0, reference.Reference(), None)
        self._lock = Lock()

    def cooperation(self, subject: str, connection: sa.Connection | None = None) -> tuple[int, Cooperation]:
        """A cooperation's version and state; version 0 where there is none."""
        with self._lock:
            version, state = self._cache.get(subject, (0, Cooperation()))
        newer = self.store.stream(subject, connection, after=version)
        if any(envelope.declaration.model is facts.Corrected for envelope in newer):
            newer = self.store.stream(subject, connection)
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

    def adopted(self, connection: sa.Connection | None = None) -> reference.Adopted:
        """The reference data of now.

        :raises RuleBrokenError: none has been adopted.
        """
        version, state, ready = self._reference
        events = self.store.stream(REFERENCE, connection, after=version)
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

    def execute(self, request: Request, subject: str, command: Command, authorize: Callable[..., None]) -> Recorded:
        """Carry out a command on a cooperation.

        :param authorize: called with the state and the context; raises Problem where the caller may not.
        :raises RuleBrokenError: a rule is broken.
        :raises Problem: 412, the expected version is not the present one.
        """

        def decide(connection: sa.Connection) -> tuple[int, list[Fact], Origin]:
            version, state = self.cooperation(subject, connection)
            occurred = PartialDate.parse(command.on) if command.on else PartialDate.of(today(self._clock))
            context = Context(self.adopted(connection), occurred.first, today(self._clock), command.legacy)
            check_known(state, command)
            authorize(state, context)
            self._check_documents(command)
            made, _ = decided(state, command, context)
            if isinstance(command, Correct):
                corrections.check(self.store.stream(subject, connection), command, context)
            return version, made, self._origin(request, occurred, command)

        return self._record(request, subject, decide)

    def _check_documents(self, command: Command) -> None:
        """A fact may not name a document that nobody keeps: the archive would lack it for ever."""
        for sha256 in command.documents():
            if not self._documents.has(sha256):
                detail = f"Dokumen {sha256[:12]}… belum diunggah. Unggah dengan POST /documents."
                raise RuleBrokenError("document-known", detail, sha256=sha256)

    def _origin(self, request: Request, occurred: PartialDate, command: Command) -> Origin:
        source = command.source
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=occurred.first,
            date_precision=occurred.precision.value,
            actor_office=request.caller.office,
            actor_id=request.caller.actor_id,
            command_id=request.command_id,
            command_digest=request.digest,
            correlation_id=request.command_id,
            causation_id=None,
            legacy=command.legacy,
            source_file=None if source is None else source.file_sha256,
            source_line=None if source is None else source.line,
        )

    def _record(
        self, request: Request, subject: str, decide: Callable[[sa.Connection], tuple[int, Sequence[Fact], Origin]]
    ) -> Recorded:
        """Decide and append in one transaction; decided anew when another command was faster."""
        for attempt in range(ATTEMPTS):
            try:
                with self.store.database.write() as connection:
                    known = self.store.recall(request.command_id, request.digest, connection)
                    if known is not None:
                        return _recorded(subject, known.envelopes, known.position)
                    try:
                        version, made, origin = decide(connection)
                        _check_expected(request, version)
                    except RuleBrokenError:
                        # PostgreSQL shows what was committed meanwhile: this very command, sent twice at once.
                        known = self.store.recall(request.command_id, request.digest, connection)
                        if known is None:
                            raise
                        return _recorded(subject, known.envelopes, known.position)
                    envelopes = [seal(fact, subject, version + number, origin) for number, fact in enumerate(made, 1)]
                    position = self.store.append(connection, envelopes)
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            self.store.wake()
            return _recorded(subject, envelopes, position)
        raise ConflictError(subject)

    def record(
        self, request: Request, subject: str, on: date | None, decide: Callable[[Sequence[Envelope]], Fact | None]
    ) -> Recorded | None:
        """Record one fact on a stream of its own kind: reference data, bodies, days. None where nothing changes."""

        class UnchangedError(Exception):
            """There is nothing to record."""

        def deciding(connection: sa.Connection) -> tuple[int, Sequence[Fact], Origin]:
            events = self.store.stream(subject, connection)
            fact = decide(events)
            if fact is None:
                raise UnchangedError
            occurred = PartialDate.of(on or today(self._clock))
            return len(events), [fact], self._origin(request, occurred, Command())

        try:
            return self._record(request, subject, deciding)
        except UnchangedError:
            return None

    def adopt(self, request: Request, fact: facts.ReferenceAdopted) -> Recorded | None:
        """Adopt reference data; the same content again changes nothing."""

        def decide(events: Sequence[Envelope]) -> Fact | None:
            state = reference.Reference()
            for envelope in events:
                state = reference.evolve(state, envelope.fact())
            if dict(state.texts).get(fact.name) == fact.sha256:
                return None
            reference.check_adoptable(state, fact)
            return fact

        return self.record(request, REFERENCE, None, decide)

    def change_boundary(self, request: Request, fact: facts.BoundaryChanged) -> Recorded | None:
        """Record that a region goes on under another code."""

        def decide(_: Sequence[Envelope]) -> Fact:
            check_planned(fact.effective_on, today(self._clock), "effective_on")
            self.adopted().regions.with_boundary_change(fact.region, fact.successor, fact.effective_on)
            return fact

        return self.record(request, REFERENCE, None, decide)

    def establish(self, request: Request, fact: facts.SupervisingBodyEstablished) -> Recorded | None:
        """Record the decision that established a body (Pasal 5 and 9)."""
        now = today(self._clock)

        def decide(_: Sequence[Envelope]) -> Fact:
            reference.check_body(fact, self.adopted().regions, now)
            return fact

        return self.record(request, f"body/{fact.body}", fact.decided_on, decide)

    def pass_day(self, request: Request, day: date) -> Recorded | None:
        """A day is over: one fact per date, ascending, without gaps after the first; the same day again is no fact.

        :raises RuleBrokenError: the day is out of order, or not over yet.
        """

        def decide(events: Sequence[Envelope]) -> Fact | None:
            last = date.fromisoformat(events[-1].data["day"]) if events else None
            check_next_day(day, last, today(self._clock))
            return facts.DayPassed(day=day)

        return self.record(request, DAYS, day, decide)

    def last_day(self) -> date | None:
        """The newest day that passed."""
        with self.store.database.read() as connection:
            found = self.store.recorder.select_events(stream_id(DAYS), desc=True, limit=1, connection=connection)
        return date.fromisoformat(Envelope.from_store(found[0].state).data["day"]) if found else None

    def rehearse(
        self,
        steps: Sequence[tuple[str, Command]],
        subject: str,
        authorize: Callable[[str, Command], Callable[..., None]],
    ) -> None:
        """Decide commands on a cooperation, registered or not, one after the other; nothing is recorded.

        :raises RuleBrokenError: with ``step``, the number of the one that breaks a rule.
        :raises Problem: 403 with ``step``, the caller may not carry out that one.
        """
        _, state = self.cooperation(subject)
        for number, (action, command) in enumerate(steps):
            occurred = PartialDate.parse(command.on) if command.on else PartialDate.of(today(self._clock))
            context = Context(self.adopted(), occurred.first, today(self._clock), command.legacy)
            try:
                check_known(state, command)
                authorize(action, command)(state, context)
                self._check_documents(command)
                _, state = decided(state, command, context)
            except RuleBrokenError as error:
                error.facts["step"] = number
                raise


def _check_expected(request: Request, version: int) -> None:
    if request.expected is not None and request.expected != version:
        detail = f"Data sudah berubah (versi {version}). Baca ulang lalu coba lagi."
        raise Problem(RefusalKind.OUTDATED, "version-matches", detail, headers={"ETag": f'"{version}"'})


def _recorded(subject: str, envelopes: Sequence[Envelope], position: int) -> Recorded:
    return Recorded(subject, envelopes[-1].streamversion, tuple(one.id for one in envelopes), position)
