"""The feeds' rule as the log adopted it: which version holds, and the act by which the next one begins."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.clock import today
from ksad.chassis.store import CommandRecorder, PendingCommand
from ksad.contracts.dates import in_words
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.reporting import FeedRuleAdopted
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.feeds.rules import NEWEST, RULES
from ksad.reporting.domain.permissions import check_adopting_rule

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.chassis.clock import Clock
    from ksad.chassis.edge import Submission
    from ksad.chassis.store import CommandRecord, EventStore, StoreView
    from ksad.contracts.envelope import Envelope
    from ksad.reporting.feeds.appender import Feeds

STREAM = "anchor/feed-rule"


class AdoptedRule(NamedTuple):
    """A version of the rule, and the fact and decision by which it began; version 1 holds without any."""

    version: int
    event_id: UUID | None = None
    decision_number: str | None = None
    decided_on: date | None = None
    recorded_by: str | None = None


class FollowedRule(NamedTuple):
    """The version that the feeds follow, whether no feed has an entry, and how many journal entries they lag behind."""

    version: int
    untold: bool
    lag_events: int


class FeedRule:
    """Reads which version was adopted last, and records the adoption of another one."""

    def __init__(self, store: EventStore, feeds: Feeds, clock: Clock, source: str) -> None:
        self._store = store
        self._feeds = feeds
        self._recorder = CommandRecorder(store)
        self._clock = clock
        self._source = source

    def newest(self) -> AdoptedRule:
        """The version that was adopted last. The feeds follow it as soon as its fact is in the journal."""
        return _adopted(self._store.stream(STREAM))

    def followed(self) -> FollowedRule:
        """What the feeds follow now."""
        with self._feeds.database.read() as connection:
            return FollowedRule(
                self._feeds.rule_version(connection), self._feeds.untold(connection), self._feeds.behind(connection)
            )

    def adopt(
        self, submission: Submission, version: int, decision_number: str | None, decided_on: date | None
    ) -> CommandRecord:
        """Records that another version holds from this fact on.

        :raises RuleBrokenError: it is no later version, this release does not know it, the decision is missing, or the
            office may not.
        """
        office = submission.caller.office

        def decide(view: StoreView) -> list[Envelope]:
            stream = view.stream(STREAM)
            check_adopting_rule(office, untold=self._feeds.untold(view.connection))
            _check_decision(office, decision_number, decided_on, today(self._clock))
            _check_version(version, _adopted(stream).version)
            submission.check_expected(len(stream))
            fact = FeedRuleAdopted(version=version, decision_number=decision_number, decided_on=decided_on)
            return [seal(fact, STREAM, len(stream) + 1, self._origin(submission))]

        record = self._recorder.record_one(PendingCommand(submission.command_id, submission.digest, decide))
        assert record is not None  # noqa: S101 - every command makes an event
        return record

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


def _adopted(stream: list[Envelope]) -> AdoptedRule:
    if not stream:
        return AdoptedRule(1)
    newest = stream[-1]
    fact = FeedRuleAdopted.model_validate(newest.data, strict=False)
    return AdoptedRule(fact.version, newest.id, fact.decision_number, fact.decided_on, newest.actoroffice)


def _check_version(version: int, adopted: int) -> None:
    if version <= adopted:
        detail = f"Aturan umpan versi {adopted} sudah berlaku. Hanya versi yang lebih baru yang dapat ditetapkan."
        raise RuleBrokenError("feed-rule-later", detail, kind=RefusalKind.CONFLICT, version=adopted)
    if version not in RULES:
        detail = f"Rilis ini belum mengenal aturan umpan versi {version}; yang terbaru adalah versi {NEWEST}."
        raise RuleBrokenError("feed-rule-known", detail, version=NEWEST)


def _check_decision(office: str, number: str | None, on: date | None, day: date) -> None:
    if office == "operator":
        if number is not None or on is not None:
            detail = (
                "Keputusan tentang aturan umpan dicatat oleh Menteri atau Sekretariat Bersama, bukan oleh operator."
            )
            raise RuleBrokenError("decision-of-office", detail)
        return
    if number is None or on is None:
        detail = "Sebutkan nomor dan tanggal keputusan yang menetapkan aturan umpan."
        raise RuleBrokenError("decision-named", detail)
    if on > day:
        detail = f"Tanggal keputusan {in_words(on)} belum tiba (hari ini {in_words(day)})."
        raise RuleBrokenError("date-not-future", detail, on=on)
