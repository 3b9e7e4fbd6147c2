"""Reporting's use cases: compile a report, submit it, accept or return it; a repeat is answered from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts import reporting as facts
from ksad.contracts.dates import DateError, Period
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import offices
from ksad.ledger.folds.report_state import CLAUSES, Report, folded
from ksad.reporting.domain import permissions
from ksad.reporting.domain.chain import check_compile, check_step

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from ksad.chassis.clock import Clock
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.reporting.reports.compiling import Compiler


class ReportResult(NamedTuple):
    """A report as it was right after a command, the version of its stream there, and the record of the command."""

    report_id: UUID
    version: int
    report: Report
    record: CommandRecord


class Reporting:
    """All use cases of the report chain."""

    def __init__(self, store: EventStore, compiler: Compiler, clock: Clock, source: str) -> None:
        self.store = store
        self._recorder = CommandRecorder(store)
        self._compiler = compiler
        self._clock = clock
        self._source = source

    def report(self, identity: UUID) -> tuple[int, Report]:
        """A report's stream version and state."""
        stream = self.store.stream(f"report/{identity}")
        return len(stream), folded(stream)

    def compile(self, submission: Submission, kind: ReportKind, office: str, text: str) -> ReportResult:
        """Compile a version from the journal as it is now: contents, PDF, XLSX, and the events behind each figure.

        :raises RuleBrokenError: the office owes no such report, the last version is under way, or nothing is accepted.
        """
        permissions.check_compiling(submission.caller.office, office)
        offices.from_office(kind, office)
        try:
            period = Period.parse(text)
        except DateError as error:
            raise RuleBrokenError("period-readable", f"Periode {text!r} tidak dikenal: {error}") from error
        if period.first > today(self._clock):
            detail = f"Periode {period} belum dimulai. Susun laporannya setelah periode itu berjalan."
            raise RuleBrokenError("period-begun", detail, CLAUSES.get(kind.value), period=str(period))
        identity = report_id(kind.value, office, str(period))
        known = self.store.recall(submission.command_id, submission.digest)
        if known is not None:
            return self._result(identity, known)
        check_compile(self.report(identity)[1])
        fact = self._compiler.compile(kind, office, period, today(self._clock))

        def decide(report: Report, _: Sequence[Envelope]) -> Fact:
            check_compile(report)
            if fact.version != len(report.versions) + 1:
                detail = "Laporan ini berubah sewaktu disusun. Baca ulang lalu coba lagi."
                raise RuleBrokenError("changed-meanwhile", detail, kind=RefusalKind.CONFLICT)
            return fact

        return self._record(submission, identity, decide)

    def submit(self, submission: Submission, identity: UUID, letter_number: str | None) -> ReportResult:
        """Send the compiled version to its addressee."""
        return self._step(submission, identity, "submit", facts.ReportSubmitted, letter_number=letter_number)

    def accept(self, submission: Submission, identity: UUID, remarks: str | None) -> ReportResult:
        """The addressee accepts it."""
        return self._step(submission, identity, "accept", facts.ReportAccepted, remarks=remarks)

    def give_back(self, submission: Submission, identity: UUID, remarks: str) -> ReportResult:
        """The addressee returns it with remarks."""
        return self._step(submission, identity, "return", facts.ReportReturned, remarks=remarks)

    def _step(
        self,
        submission: Submission,
        identity: UUID,
        wanted: str,
        made: type[facts.ReportFact],
        **fields: Any,  # noqa: ANN401 - the fact's own
    ) -> ReportResult:
        def decide(report: Report, _: Sequence[Envelope]) -> Fact:
            version = check_step(report, wanted)
            permissions.check_step(submission.caller.office, report, wanted)
            common = {name: version.compiled[name] for name in ("kind", "from_office", "to_office", "period")}
            return made.model_validate({**common, "version": version.number, **fields})

        return self._record(submission, identity, decide)

    def correct(
        self, submission: Submission, identity: UUID, corrects: UUID, reason: str, fields: dict[str, Any]
    ) -> ReportResult:
        """Other values for correctable fields of a step; what was compiled stays."""

        def decide(report: Report, stream: Sequence[Envelope]) -> Fact:
            newest = report.newest
            target = next((one for one in stream if one.id == corrects), None)
            if newest is None or target is None:
                raise RuleBrokenError("corrects-own-event", "Kejadian yang dibetulkan bukan dari laporan ini.")
            permissions.check_correcting(submission.caller.office, target.actoroffice)
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

        return self._record(submission, identity, decide)

    def _record(
        self, submission: Submission, identity: UUID, decide: Callable[[Report, Sequence[Envelope]], Fact]
    ) -> ReportResult:
        subject = f"report/{identity}"

        def deciding(view: StoreView) -> list[Envelope]:
            stream = view.stream(subject)
            submission.check_expected(len(stream))
            fact = decide(folded(stream), stream)
            return [seal(fact, subject, len(stream) + 1, self._origin(submission))]

        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, deciding))
        assert record is not None  # noqa: S101 - every command makes an event
        return self._result(identity, record)

    def _result(self, identity: UUID, record: CommandRecord) -> ReportResult:
        """The report right after the command: a repeat gets the same answer as the first time."""
        subject = f"report/{identity}"
        version = record.version(subject)
        return ReportResult(identity, version, folded(self.store.stream(subject)[:version]), record)

    def _origin(self, submission: Submission) -> Origin:
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=today(self._clock),
            date_precision="day",
            actor_office=submission.caller.office,
            actor_id=submission.caller.actor_id,
            command_id=submission.command_id,
            command_digest=submission.digest,
            correlation_id=submission.command_id,
            causation_id=None,
        )
