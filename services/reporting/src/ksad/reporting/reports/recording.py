"""Records the steps of reports. A repeated command is answered from the record of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.offices import owes
from ksad.ledger.folds.report_state import Report, folded
from ksad.reporting.domain.chain import periods_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ksad.chassis.clock import Clock
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.reporting.reports.steps import Decide


class ReportResult(NamedTuple):
    """A report right after a command, the version of its stream at that point, and the record of the command."""

    report_id: UUID
    version: int
    report: Report
    record: CommandRecord


class ForeseenStep(NamedTuple):
    """A fact that a step would record, its day, and the report before and after it."""

    fact: Fact
    on: date
    before: Report
    after: Report


class ReportRecorder:
    """The streams of reports in reporting's event store."""

    def __init__(self, store: EventStore, clock: Clock, source: str) -> None:
        self.store = store
        self._recorder = CommandRecorder(store)
        self._clock = clock
        self._source = source

    def report(self, identity: UUID) -> tuple[int, Report]:
        """The version of a report's stream (0 if there is none), and the state of the report."""
        stream = self.store.stream(f"report/{identity}")
        return len(stream), folded(stream)

    def others_of(self, report: Report, day: date) -> list[Report]:
        """The reports of an office whose letters need other numbers than a report's: those on other periods.

        The national overview goes with the report on its period, under one letter. Numbers begin anew with the years.
        """
        office, kinds = report.from_office, [kind for kind in ReportKind if owes(kind, report.from_office)]
        periods = [text for text in map(str, periods_until(day)) if text != report.period]
        return [self.report(report_id(kind.value, office, text))[1] for text in periods for kind in kinds]

    def record(self, submission: Submission, identity: UUID, decide: Decide, day: date | None = None) -> ReportResult:
        """Records the step of a report that ``decide`` gives, from its state and its stream.

        :param day: the day of the step; today, if it is not given.
        :raises RuleBrokenError: ``decide`` refuses.
        """
        subject = f"report/{identity}"

        def deciding(view: StoreView) -> list[Envelope]:
            return [self._decided(submission, subject, view.stream(subject), decide, day)]

        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, deciding))
        assert record is not None  # noqa: S101 - every command makes an event
        return self.result(identity, record)

    def foresee(self, submission: Submission, identity: UUID, decide: Decide) -> ForeseenStep:
        """The fact that ``decide`` gives today, and the report as it would be after it; nothing is recorded.

        :raises RuleBrokenError: ``decide`` refuses.
        """
        subject = f"report/{identity}"
        stream = self.store.stream(subject)
        event = self._decided(submission, subject, stream, decide, None)
        return ForeseenStep(event.fact(), event.occurredon, folded(stream), folded([*stream, event]))

    def _decided(
        self, submission: Submission, subject: str, stream: Sequence[Envelope], decide: Decide, day: date | None
    ) -> Envelope:
        submission.check_expected(len(stream))
        fact = decide(folded(stream), stream)
        return seal(fact, subject, len(stream) + 1, self._origin(submission, day))

    def result(self, identity: UUID, record: CommandRecord) -> ReportResult:
        """The report as it was right after the command, so that a repeat gets the same answer as the first call."""
        subject = f"report/{identity}"
        version = record.version(subject)
        return ReportResult(identity, version, folded(self.store.stream(subject)[:version]), record)

    def _origin(self, submission: Submission, day: date | None) -> Origin:
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=day or today(self._clock),
            date_precision="day",
            actor_office=submission.caller.office,
            actor_id=submission.caller.actor_id,
            command_id=submission.command_id,
            command_digest=submission.digest,
            correlation_id=submission.command_id,
            causation_id=None,
        )
