"""Which duties of the catalogue a case owes on a day and has not been given: the one place that says so.

A duty is known by its key and its occurrence, so however often the same is seen it is owed once. Nothing here looks at
the event that was seen last: what is owed follows from the state.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import add_months
from ksad.contracts.law import TriggerKind
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.supervision import Tier
from ksad.supervision.domain.task import OVERSIGHT, REMINDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.law import Duty, Profile
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference

STALLED = "accord-without-agreement"
ESCALATED = "/minister"
MILESTONES = {
    InstrumentKind.ACCORD: TriggerKind.ACCORD_SIGNING_SCHEDULED,
    InstrumentKind.AGREEMENT: TriggerKind.AGREEMENT_SIGNING_SCHEDULED,
}


class Owed(NamedTuple):
    """A duty that is owed and not scheduled yet. ``start`` is the day from which its term counts."""

    duty: Duty
    occurrence: str
    stage: Stage | None
    start: date
    for_parties: tuple[str, ...] = ()
    period: str | None = None
    tier: Tier | None = None
    why: str | None = None


class DutyLedger:
    """What one case owes on one day (``base``) under one state of the law."""

    def __init__(self, case: Case, reference: Reference, base: date) -> None:
        self.case = case
        self.reference = reference
        self.base = base
        self.profile: Profile = reference.law.profile(case.profile)

    def owed(self) -> list[Owed]:
        """Everything that is owed and has not been scheduled."""
        case = self.case
        if case.resolution is None or case.entry is None or case.state == "withdrawn":
            return []
        tier = case.resolution.tier
        found = list(self._oversight(tier))
        if not case.closed:
            found += [*self._guidance(tier), *self._milestones(tier), *self._stalled(tier)]
        if case.in_last_stage:
            found += [*self._monitoring(tier), *self._reminders(tier), *self._problems(tier), *self._disputes(tier)]
        return [one for one in found if not case.was_scheduled(one.duty.key, one.occurrence)]

    def _oversight(self, tier: Tier) -> Iterator[Owed]:
        """P7 and P11: each stage on entry and on exit."""
        for duty in self.profile.triggered_by(TriggerKind.STAGE_ENTERED_OR_LEFT, tier):
            for entry in self.case.entries:
                if entry.live:
                    yield Owed(duty, f"{entry.name}/entry", entry.stage, self.base)
                if entry.left == "live":
                    yield Owed(duty, f"{entry.name}/exit", entry.stage, self.base)

    def _guidance(self, tier: Tier) -> Iterator[Owed]:
        """a.1.a to b.2: to every party when the stage is entered, and to one that joins while it lasts."""
        entry = self.case.entry
        if entry is None or not entry.live:
            return
        for duty in self.profile.triggered_by(TriggerKind.STAGE_ENTERED, tier, entry.stage):
            if not self.case.was_scheduled(duty.key, entry.name):
                yield Owed(duty, entry.name, entry.stage, self.base, self.case.parties)
                continue
            mine = f"{duty.key}/{entry.name}"
            given = {
                code
                for key, one in self.case.scheduled.items()
                if key == mine or key.startswith(f"{mine}/")
                for code in one.for_parties
            }
            for code in self.case.parties:
                if code not in given:
                    yield Owed(duty, f"{entry.name}/{code}", entry.stage, self.base, (code,))

    def _milestones(self, tier: Tier) -> Iterator[Owed]:
        """c.1 and c.2: a signing is about to come."""
        for signing in self.case.signings:
            if signing.live and signing.state == "planned":
                for duty in self.profile.triggered_by(MILESTONES[signing.instrument], tier):
                    yield Owed(duty, signing.name, duty.stage, max(signing.signing_on, self.base))

    def _stalled(self, tier: Tier) -> Iterator[Owed]:
        """An accord without agreement is a finding after the policy's months (``domain.md`` section 4)."""
        case, rule = self.case, self.reference.policy.accord_without_agreement
        if case.accord_on is None or not case.accord_live or case.has_agreement or case.entry is None:
            return
        if add_months(case.accord_on, rule.months) <= self.base:
            for duty in self.profile.triggered_by(TriggerKind.STAGE_ENTERED_OR_LEFT, tier):
                yield Owed(duty, f"{STALLED}/{case.accord_on}", case.entry.stage, self.base, why=rule.says)

    def _monitoring(self, tier: Tier) -> Iterator[Owed]:
        """d.1: once per period of the policy while the stage is active."""
        if self.case.entry is None or not self.case.entry.live:
            return
        for duty in self.profile.triggered_by(TriggerKind.MONITORING_PERIOD, tier):
            period = self.reference.policy.cadences[duty.cadence or duty.due].containing(self.base)
            start = max(period.last, self.base)
            yield Owed(duty, str(period), duty.stage, start, period=str(period))

    def _problems(self, tier: Tier) -> Iterator[Owed]:
        """d.2: an opinion on each open problem."""
        for duty in self.profile.triggered_by(TriggerKind.PROBLEM_REPORTED, tier):
            for key, problem in self.case.problems.items():
                if problem.live and not problem.resolved:
                    yield Owed(duty, key, duty.stage, self.base)

    def _disputes(self, tier: Tier) -> Iterator[Owed]:
        """d.3: advice on each dispute; d.5: a brief for each requested decision, and for the Minister on escalation."""
        for key, dispute in self.case.disputes.items():
            if not dispute.live or dispute.settled:
                continue
            for duty in self.profile.triggered_by(TriggerKind.DISPUTE_RAISED, tier):
                yield Owed(duty, key, duty.stage, self.base)
            passed_on = dispute.escalated and tier is Tier.GOVERNOR
            if dispute.requested and not passed_on:
                for duty in self.profile.triggered_by(TriggerKind.DECISION_REQUESTED, tier):
                    yield Owed(duty, key, duty.stage, self.base)
            if passed_on:
                for duty in self.profile.triggered_by(TriggerKind.DECISION_REQUESTED, Tier.MINISTER):
                    yield Owed(duty, f"{key}{ESCALATED}", duty.stage, self.base, tier=Tier.MINISTER)

    def _reminders(self, tier: Tier) -> Iterator[Owed]:
        """d.4: at once on early notice, and at each lead time of the policy."""
        case = self.case
        if case.end is None or self._prepared():
            return
        for duty in self.profile.triggered_by(TriggerKind.END_APPROACHES, tier):
            if case.notice and not case.was_scheduled(duty.key, f"{case.end}/notice"):
                why = "segera setelah pemberitahuan pengakhiran lebih awal"
                yield Owed(duty, f"{case.end}/notice", duty.stage, self.base, case.parties, why=why)
                continue
            lead = self.reference.policy.reminders.lead((case.end - self.base).days)
            live = case.notice or (case.entry is not None and case.entry.live)
            if live and lead is not None and not self._reminded_since(case.end, lead):
                why = f"{lead} hari sebelum rencana pengakhiran {case.end}"
                yield Owed(duty, f"{case.end}/{lead}", duty.stage, self.base, case.parties, why=why)

    def _reminded_since(self, end: date, lead: int) -> bool:
        came = end - timedelta(days=lead)
        mine = f"{REMINDER}/{end}/"
        return any(key.startswith(mine) and one.on >= came for key, one in self.case.scheduled.items())

    def _prepared(self) -> bool:
        """Whether every proof of the checklist is in: then there is nothing left to remind of."""
        wanted = {(slot.item, slot.region, slot.proof) for slot in self.profile.checklist.slots(self.case.parties)}
        return wanted <= set(self.case.proofs)

    def next_due(self) -> date | None:
        """The next day on which this case must be looked at, if nothing happens before; None if never."""
        case, days = self.case, []
        if case.closed or case.entry is None or case.resolution is None:
            return None
        turning = self.reference.next_turning_point(case.parties, self.base)
        days += [turning] if turning else []
        if case.accord_on and case.accord_live and not case.has_agreement:
            months = self.reference.policy.accord_without_agreement.months
            if not case.was_scheduled(OVERSIGHT, f"{STALLED}/{case.accord_on}"):
                days.append(max(add_months(case.accord_on, months), self.base))
        if case.in_last_stage and (case.entry.live or case.notice):
            tier = case.resolution.tier
            for duty in self.profile.triggered_by(TriggerKind.MONITORING_PERIOD, tier):
                cadence = self.reference.policy.cadences[duty.cadence or duty.due]
                days.append(cadence.containing(self.base).following.first)
            if case.end is not None:
                leads = (case.end - timedelta(days=lead) for lead in self.reference.policy.reminders.lead_days)
                days += [day for day in leads if day > self.base]
        return min(days, default=None)


def no_longer_owed(case: Case, duty: str, occurrence: str) -> str | None:
    """Why an open task is owed no more, from facts that are known; None while it still is."""
    if case.state == "withdrawn":
        return "usulan kerja sama dibatalkan"
    if case.state == "ended" and duty != OVERSIGHT:
        return "kerja sama telah berakhir"
    if duty == OVERSIGHT and occurrence.startswith(STALLED) and case.has_agreement:
        return "perjanjian telah ditandatangani"
    if duty == "d.2" and occurrence in case.problems and case.problems[occurrence].resolved:
        return "permasalahan telah selesai"
    if duty in ("d.3", "d.5"):
        return _dispute_no_longer_owed(case, duty, occurrence)
    if duty == REMINDER and date.fromisoformat(occurrence.partition("/")[0]) in case.former_ends:
        return "rencana pengakhiran berubah"
    return _help_no_longer_owed(case, occurrence) if duty in ("c.1", "c.2") else None


def _help_no_longer_owed(case: Case, occurrence: str) -> str | None:
    signing = next((one for one in case.signings if one.name == occurrence), None)
    if signing is None:
        return "tanggal penandatanganan dibetulkan"
    return "penandatanganan dijadwalkan ulang" if signing.state == "rescheduled" else None


def _dispute_no_longer_owed(case: Case, duty: str, occurrence: str) -> str | None:
    dispute = case.disputes.get(occurrence.removesuffix(ESCALATED))
    if dispute is None:
        return None
    if dispute.settled:
        return "perselisihan telah diselesaikan"
    governors = case.resolution is not None and case.resolution.tier is Tier.GOVERNOR
    if duty == "d.5" and dispute.escalated and governors and not occurrence.endswith(ESCALATED):
        return "perselisihan dilimpahkan kepada Menteri Dalam Negeri"
    return None
