"""Reporting's use cases: compile a report, submit it, accept or return it; a repeat is answered from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.chassis.store import ConflictError
from ksad.contracts import reporting as facts
from ksad.contracts.dates import DateError, Period
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import offices
from ksad.ledger.figures.compiling import FIGURES, Compiled, ReportOrder, compile_report
from ksad.ledger.figures.content import model
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.folds.report_state import CLAUSES, Report, folded
from ksad.ledger.printing import pdf, xlsx
from ksad.reporting.domain import check_compile, check_step
from ksad.reporting.projections import generations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    import sqlalchemy as sa

    from ksad.chassis.clock import Clock
    from ksad.chassis.documents import Documents
    from ksad.chassis.edge import Command as Request
    from ksad.chassis.store import EventStore
    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.reporting.journal import Journal

ATTEMPTS = 5


class Recorded(NamedTuple):
    """What a command did."""

    report_id: UUID
    report: Report
    events: tuple[UUID, ...]
    position: int
    stream_version: int


class Reporting:
    """All use cases of the report chain."""

    def __init__(
        self, store: EventStore, journal: Journal, documents: Documents, clock: Clock, source: str, platform: str
    ) -> None:
        self.store = store
        self._journal = journal
        self._documents = documents
        self._clock = clock
        self._source = source
        self._origin_name = f"ksad/{platform}/national"

    def report(
        self, identity: UUID, connection: sa.Connection | None = None, until: int | None = None
    ) -> tuple[int, Report]:
        """A report's stream version and state, now or as they were at version ``until``."""
        stream = self.store.stream(f"report/{identity}", connection)[:until]
        return len(stream), folded(stream)

    def compile(self, request: Request, kind: ReportKind, office: str, text: str) -> Recorded:
        """Compile a version from the journal as it is now: contents, PDF, XLSX, and the events behind each figure.

        :raises RuleBrokenError: the office owes no such report, the last version is under way, or nothing is accepted.
        """
        offices.from_office(kind, office)
        try:
            period = Period.parse(text)
        except DateError as error:
            raise RuleBrokenError("period-readable", f"Periode {text!r} tidak dikenal: {error}") from error
        if period.first > today(self._clock):
            detail = f"Periode {period} belum dimulai. Susun laporannya setelah periode itu berjalan."
            raise RuleBrokenError("period-begun", detail, CLAUSES.get(kind.value), period=str(period))
        identity = report_id(kind.value, office, str(period))
        with self.store.database.read() as connection:
            known = self.store.recall(request.command_id, request.digest, connection)
            if known is not None:
                return self._answer(identity, known.envelopes, known.position, connection)
            _, state = self.report(identity, connection)
        check_compile(state)
        with self.store.database.read() as connection:
            size = min(one.position for one in generations.live(connection))
            frontier = self._journal.frontier_at(connection, size)
            prefix = Prefix(
                self._journal.prefix(connection, size),
                frontier,
                lambda stream, until: self._journal.history(connection, stream, until),
            )
        order = ReportOrder(kind, office, period, self._origin_name, today(self._clock))
        fact = self._keep(compile_report(prefix, order))

        def decide(now: Report) -> Fact:
            check_compile(now)
            if fact.version != len(now.versions) + 1:
                raise ConflictError(f"report/{identity}")
            return fact

        return self._record(request, identity, decide)

    def _keep(self, compiled: Compiled) -> facts.ReportCompiled:
        content = compiled.content
        papers = [
            self._documents.put(model.encode(content), model.MEDIA_TYPE),
            self._documents.put(pdf.render(content), pdf.MEDIA_TYPE),
            self._documents.put(xlsx.render(content), xlsx.MEDIA_TYPE),
            self._documents.put(compiled.events(), FIGURES),
        ]
        return compiled.fact(papers)

    def submit(self, request: Request, identity: UUID, letter_number: str | None) -> Recorded:
        """Send the compiled version to its addressee."""
        return self._step(request, identity, "submit", facts.ReportSubmitted, letter_number=letter_number)

    def accept(self, request: Request, identity: UUID, remarks: str | None) -> Recorded:
        """The addressee accepts it."""
        return self._step(request, identity, "accept", facts.ReportAccepted, remarks=remarks)

    def give_back(self, request: Request, identity: UUID, remarks: str) -> Recorded:
        """The addressee returns it with remarks."""
        return self._step(request, identity, "return", facts.ReportReturned, remarks=remarks)

    def _step(
        self,
        request: Request,
        identity: UUID,
        wanted: str,
        made: type[facts.ReportFact],
        **fields: Any,  # noqa: ANN401 - the fact's own
    ) -> Recorded:
        def decide(report: Report) -> Fact:
            version = check_step(report, wanted)
            office = report.from_office if wanted == "submit" else report.to_office
            if request.caller.office != office:
                detail = f"Hanya {office} yang dapat melakukan ini atas laporan ini."
                raise Problem(
                    RefusalKind.FORBIDDEN, "own-report" if wanted == "submit" else "addressee", detail, office=office
                )
            common = {name: version.compiled[name] for name in ("kind", "from_office", "to_office", "period")}
            return made.model_validate({**common, "version": version.number, **fields})

        return self._record(request, identity, decide)

    def correct(
        self, request: Request, identity: UUID, corrects: UUID, reason: str, fields: dict[str, Any]
    ) -> Recorded:
        """Other values for correctable fields of a step; what was compiled stays."""

        def decide(report: Report) -> Fact:
            newest = report.newest
            target = next((one for one in self.store.stream(f"report/{identity}") if one.id == corrects), None)
            if newest is None or target is None:
                raise RuleBrokenError("corrects-own-event", "Kejadian yang dibetulkan bukan dari laporan ini.")
            if target.actoroffice != request.caller.office:
                detail = f"Hanya {target.actoroffice} yang dapat membetulkan catatannya sendiri."
                raise Problem(RefusalKind.FORBIDDEN, "own-event", detail, office=target.actoroffice)
            forbidden = sorted(set(fields) - target.declaration.correctable)
            if forbidden:
                raise RuleBrokenError("field-correctable", f"Tidak dapat dibetulkan: {', '.join(forbidden)}.")
            try:
                target.declaration.model.model_validate(target.data | fields)
            except ValidationError as error:
                told = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
                raise RuleBrokenError("correction-fits", f"Nilai baru tidak sesuai: {told}.") from error
            common = {name: newest.compiled[name] for name in ("kind", "from_office", "to_office", "period")}
            changed = {"corrects": corrects, "reason": reason, "fields": fields}
            return facts.ReportCorrected.model_validate({**common, "version": newest.number, **changed})

        return self._record(request, identity, decide)

    def _record(self, request: Request, identity: UUID, decide: Callable[[Report], Fact]) -> Recorded:
        subject = f"report/{identity}"
        for attempt in range(ATTEMPTS):
            try:
                with self.store.database.write() as connection:
                    known = self.store.recall(request.command_id, request.digest, connection)
                    if known is not None:
                        return self._answer(identity, known.envelopes, known.position, connection)
                    try:
                        version, state = self.report(identity, connection)
                        _check_expected(request, version)
                        fact = decide(state)
                    except RuleBrokenError:
                        # PostgreSQL shows what was committed meanwhile: this very command, sent twice at once.
                        known = self.store.recall(request.command_id, request.digest, connection)
                        if known is None:
                            raise
                        return self._answer(identity, known.envelopes, known.position, connection)
                    envelope = seal(fact, subject, version + 1, self._origin(request))
                    position = self.store.append(connection, [envelope])
            except ConflictError:
                if attempt == ATTEMPTS - 1:
                    raise
                continue
            self.store.wake()
            return self._answer(identity, [envelope], position)
        raise ConflictError(subject)

    def _answer(
        self,
        identity: UUID,
        envelopes: Sequence[Envelope],
        position: int,
        connection: sa.Connection | None = None,
    ) -> Recorded:
        """The report as it was right after these events: a repeat gets the same answer as the first time."""
        version, state = self.report(identity, connection, until=envelopes[-1].streamversion)
        return Recorded(identity, state, tuple(one.id for one in envelopes), position, version)

    def _origin(self, request: Request) -> Origin:
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=today(self._clock),
            date_precision="day",
            actor_office=request.caller.office,
            actor_id=request.caller.actor_id,
            command_id=request.command_id,
            command_digest=request.digest,
            correlation_id=request.command_id,
            causation_id=None,
        )


def _check_expected(request: Request, version: int) -> None:
    if request.expected is not None and request.expected != version:
        detail = f"Laporan sudah berubah (versi {version}). Baca ulang lalu coba lagi."
        raise Problem(RefusalKind.OUTDATED, "version-matches", detail, headers={"ETag": f'"{version}"'})
