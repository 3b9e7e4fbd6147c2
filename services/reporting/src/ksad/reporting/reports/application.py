"""Use cases of the report chain. A repeated command is answered from the record of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.chassis.clock import today
from ksad.contracts import reporting as facts
from ksad.contracts.dates import DateError, Period
from ksad.contracts.identifiers import report_id
from ksad.contracts.registry.acting import check_signed_as
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.figures import narrative, offices
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.narrative import says_nothing
from ksad.ledger.figures.content.values import LetterSent
from ksad.ledger.folds.report_state import CLAUSES
from ksad.reporting.domain import permissions
from ksad.reporting.domain.chain import check_compile, check_letter, check_step, check_text, check_writing
from ksad.reporting.reports import passes, steps
from ksad.reporting.reports.compiling import text_of, unprinted
from ksad.reporting.reports.queue import CompilationOrder
from ksad.reporting.reports.recording import ReportRecorder, ReportResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date
    from uuid import UUID

    from ksad.chassis.clock import Clock
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import EventStore
    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.registry import SignedAs
    from ksad.ledger.figures.compiling import Compiled
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.folds.report_state import Report
    from ksad.reporting.reports.compiling import CompileOne, Compiler, SentForm
    from ksad.reporting.reports.steps import Decide


class Reporting(ReportRecorder):
    """The use cases of the report chain."""

    def __init__(self, store: EventStore, compiler: Compiler, clock: Clock, source: str) -> None:
        super().__init__(store, clock, source)
        self._compiler = compiler

    def compile(self, submission: Submission, kind: ReportKind, office: str, text: str) -> ReportResult:
        """Compiles a new version from the journal as projected now, and stores its content, PDF, XLSX and figures'
        entries.

        :param text: the period: a month, semester or year.
        :raises RuleBrokenError: the office may not compile it or owes no such report, the period is malformed or has
            not begun, nobody owes a report on it, the last version is neither returned nor discarded, or an R3 has no
            accepted R2.
        """
        (ended,) = passes.run(self, [CompilationOrder(submission, kind, office, text)], lambda _order, _how: None)
        if isinstance(ended, Exception):
            raise ended
        return ended

    def begin(self) -> tuple[date, AbstractContextManager[CompileOne]]:
        """The day on which versions are compiled that are begun now, and the pass that compiles them."""
        day = today(self._clock)
        return day, self._compiler.one_pass(day)

    def check_order(self, order: CompilationOrder) -> Period:
        """Checks what can be refused before anything is compiled; returns the period.

        :raises RuleBrokenError: as for :meth:`compile`, but for what only the figures show.
        """
        submission, kind, office, text = order
        period = self._asked(submission.caller.office, kind, office, text)
        # A repeated command is answered as the first was, whatever happened to the report since.
        if self.store.recall(submission.command_id, submission.digest) is None:
            version, report = self.report(report_id(kind.value, office, str(period)))
            submission.check_expected(version)
            check_compile(report)
        return period

    def compiled_before(self, order: CompilationOrder) -> ReportResult | None:
        """The version that an order gave when it was carried out; ``None`` if it was not."""
        submission, kind, office, text = order
        known = self.store.recall(submission.command_id, submission.digest)
        return known and self.result(report_id(kind.value, office, str(Period.parse(text))), known)

    def record_compiled(self, order: CompilationOrder, compiled: Compiled, day: date) -> ReportResult:
        """Prints what was compiled, stores its documents, and records the version.

        :param day: the day on which it was compiled, which is the day of the event.
        :raises RuleBrokenError: the report changed since it was compiled.
        """
        fact = self._compiler.kept(compiled)

        def decide(report: Report, _: Sequence[Envelope]) -> Fact:
            check_compile(report)
            if fact.version != len(report.versions) + 1:
                detail = "Laporan ini berubah sewaktu disusun. Baca ulang lalu coba lagi."
                raise RuleBrokenError("changed-meanwhile", detail, kind=RefusalKind.CONFLICT)
            return fact

        identity = report_id(fact.kind.value, fact.from_office, str(fact.period))
        return self.record(order.submission, identity, decide, day)

    def _asked(self, caller: str, kind: ReportKind, office: str, text: str) -> Period:
        """Checks that an office may write a report, and reads its period.

        :raises RuleBrokenError: it may not, or as for :meth:`_named`.
        """
        permissions.check_compiling(caller, office)
        return self._named(kind, office, text)

    def _named(self, kind: ReportKind, office: str, text: str) -> Period:
        """Reads the period of a report that an office owes.

        :raises RuleBrokenError: it owes no such report, or the period is malformed or has not begun.
        """
        offices.from_office(kind, office)
        try:
            period = Period.parse(text)
        except DateError as error:
            raise RuleBrokenError(
                "period-readable", f"Periode {text!r} tidak dikenal. Tulis YYYY, YYYY-S1, YYYY-S2, atau YYYY-MM."
            ) from error
        if period.first > today(self._clock):
            detail = f"{indonesian.period(str(period))} belum dimulai. Susun laporannya setelah periode itu berjalan."
            raise RuleBrokenError("period-begun", detail, CLAUSES.get(kind.value), period=str(period))
        return period

    def draft(self, caller: str, kind: ReportKind, office: str, text: str) -> tuple[UUID, ReportContent]:
        """A report as it would be compiled now, for whoever writes its sections, and for auditors.

        :raises RuleBrokenError: as for :meth:`compile`, but for the state of its last version.
        """
        permissions.check_drafting(caller, office)
        period = self._named(kind, office, text)
        identity = report_id(kind.value, office, str(period))
        return identity, self._compiler.drafted(kind, office, period, today(self._clock))

    def write(
        self, submission: Submission, named: tuple[ReportKind, str, str], section: NarrativeSection, text: Sequence[str]
    ) -> ReportResult:
        """Writes a section of the coming version of a report.

        :param named: kind, office and period of the report.
        :param text: the paragraphs of the section.
        :raises RuleBrokenError: as for :meth:`compile`; the last version is with its addressee; or the section says
            that there is nothing while there is.
        """
        kind, office, _ = named
        period = self._asked(submission.caller.office, *named)
        identity = report_id(kind.value, office, str(period))
        known = self.store.recall(submission.command_id, submission.digest)
        if known is not None:
            return self.result(identity, known)
        return self.record(submission, identity, self.writing(named, section, text, self._compiler.write))

    def writing(
        self,
        named: tuple[ReportKind, str, str],
        section: NarrativeSection,
        text: Sequence[str],
        put: Callable[[Sequence[str]], DocumentRef] = text_of,
    ) -> Decide:
        """The step that writes a section of a report that its office writes.

        :param put: stores the text; without it, it is named and not stored.
        :raises RuleBrokenError: as for :meth:`write`.
        """
        kind, office, _ = named
        period = self._named(*named)
        check_writing(self.report(report_id(kind.value, office, str(period)))[1])
        check_text(section, text)
        self._compiler.check_owed(kind, office, period, today(self._clock))
        if says_nothing(text):
            content = self._compiler.drafted(kind, office, period, today(self._clock))
            narrative.check(section, tuple(text), content)
        return steps.writing(named, section, put(text))

    def submit(
        self, submission: Submission, identity: UUID, letter_number: str, signed_as: SignedAs | None = None
    ) -> ReportResult:
        """Submits the compiled version to its addressee, printed with number, day and place of its letter.

        :param signed_as: in which capacity the head of the office signed; none for the office's own head.
        :raises RuleBrokenError: the version is in another state, or the office does not owe the report.
        """
        known = self.store.recall(submission.command_id, submission.digest)
        if known is not None:
            return self.result(identity, known)
        office = submission.caller.office
        decide = self.submitting(office, identity, letter_number, signed_as, self._compiler.sent)
        return self.record(submission, identity, decide)

    def submitting(
        self,
        office: str,
        identity: UUID,
        letter_number: str,
        signed_as: SignedAs | None = None,
        prints: Callable[[Mapping[str, Any], LetterSent], SentForm] = unprinted,
    ) -> Decide:
        """The step that submits the compiled version.

        :param prints: prints it with its letter, which takes a second; without it nothing is printed. What was checked
            before is checked again when the step is recorded.
        :raises RuleBrokenError: as for :meth:`submit`.
        """
        report, day = self.report(identity)[1], today(self._clock)
        permissions.check_step(office, report, "submit")
        compiled = check_step(report, "submit").compiled
        check_signed_as(signed_as, day)
        check_letter(letter_number, report, compiled["version"], self.others_of(report, day))
        capacity = "definitif" if signed_as is None else signed_as.capacity
        sent = prints(compiled, LetterSent(number=letter_number, on=day, capacity=capacity))
        return steps.submitting(office, compiled, sent, letter_number, signed_as)

    def discard(self, submission: Submission, identity: UUID, reason: str) -> ReportResult:
        """Gives up the compiled version, so that another can be compiled in its place.

        :raises RuleBrokenError: the version is in another state, or the office does not owe the report.
        """
        return self.record(submission, identity, self.discarding(submission.caller.office, reason))

    def discarding(self, office: str, reason: str) -> Decide:
        """The step that gives up the compiled version."""
        return self._step(office, "discard", facts.ReportDiscarded, reason=reason)

    def accept(
        self, submission: Submission, identity: UUID, remarks: str | None, signed_as: SignedAs | None = None
    ) -> ReportResult:
        """Accepts the submitted version.

        :raises RuleBrokenError: the version is in another state, or the office is not the addressee.
        """
        return self.record(submission, identity, self.accepting(submission.caller.office, remarks, signed_as))

    def accepting(self, office: str, remarks: str | None, signed_as: SignedAs | None = None) -> Decide:
        """The step that accepts the submitted version."""
        return self._step(office, "accept", facts.ReportAccepted, remarks=remarks, signed_as=signed_as)

    def give_back(
        self, submission: Submission, identity: UUID, remarks: str, signed_as: SignedAs | None = None
    ) -> ReportResult:
        """Returns the submitted version with remarks.

        :raises RuleBrokenError: the version is in another state, or the office is not the addressee.
        """
        return self.record(submission, identity, self.returning(submission.caller.office, remarks, signed_as))

    def returning(self, office: str, remarks: str, signed_as: SignedAs | None = None) -> Decide:
        """The step that returns the submitted version."""
        return self._step(office, "return", facts.ReportReturned, remarks=remarks, signed_as=signed_as)

    def _step(self, office: str, wanted: str, made: type[facts.ReportFact], **fields: Any) -> Decide:  # noqa: ANN401 - the fact's own
        return steps.stepping(office, wanted, made, today(self._clock), fields)

    def correct(
        self, submission: Submission, identity: UUID, corrects: UUID, reason: str, fields: dict[str, Any]
    ) -> ReportResult:
        """Corrects fields of an earlier step; the compiled content does not change.

        :param corrects: the id of the event to correct.
        :param fields: the new values, by field.
        :raises RuleBrokenError: the event is not one of this report or was recorded by another office, a field is not
            correctable, or a value is invalid.
        """
        return self.record(submission, identity, self.correcting(submission.caller.office, corrects, reason, fields))

    def correcting(self, office: str, corrects: UUID, reason: str, fields: dict[str, Any]) -> Decide:
        """The step that corrects an earlier one."""
        return steps.correcting(
            office, corrects, reason, fields, lambda report: self.others_of(report, today(self._clock))
        )
