"""Determines which duties of the catalogue a case owes on a day and has not been given as tasks.

A duty is identified by its key and occurrence, so it is scheduled once, however often it is found. The result follows
from the state alone, not from the last event.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ksad.contracts.dates import add_months, in_words
from ksad.contracts.law import TriggerKind, workbook
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.supervision import BACKFILL, EARLY_NOTICE, ESCALATED, Tier
from ksad.contracts.umbrella import LAST_STAGE, AgreementState, CooperationStatus
from ksad.supervision.domain import settling
from ksad.supervision.domain.case import occurrence_of
from ksad.supervision.domain.owing import Owed
from ksad.supervision.domain.raised import raised
from ksad.supervision.domain.task import OVERSIGHT, REMINDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.law import Duty, Profile
    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.case import Case, StageEntry
    from ksad.supervision.domain.reference import Reference

STALLED = "accord-without-agreement"
AGAIN = ("d.1", REMINDER)
"""Duties of an agreement's term, which can fall away and come back: a notice given again, an end that was lifted."""
MILESTONES = {
    InstrumentKind.ACCORD: TriggerKind.ACCORD_SIGNING_SCHEDULED,
    InstrumentKind.AGREEMENT: TriggerKind.AGREEMENT_SIGNING_SCHEDULED,
}


def minister_occurrence(dispute: str) -> str:
    """The occurrence of a brief for the Minister on a dispute that has one for the Governor; keys have no slash."""
    return f"{dispute}/minister"


class DutyLedger:
    """The duties of one case on the day ``base``, by the adopted law."""

    def __init__(self, case: Case, reference: Reference, base: date) -> None:
        self.case = case
        self.reference = reference
        self.base = base
        self.profile: Profile = reference.law.profile(case.profile)

    def owed(self) -> list[Owed]:
        """All duties that are owed and not scheduled."""
        case = self.case
        if case.resolution is None or case.entry is None or case.state == "withdrawn":
            return []
        tier = case.resolution.tier
        found = [*self._oversight(None, case.entries), *self.backfill()]
        for key, entries in case.lines.items():
            found += self._oversight(key, entries)
        if case.state in (CooperationStatus.PROPOSED, CooperationStatus.RUNNING):
            found += [*self._guidance(tier), *self._milestones(), *self._stalled(tier)]
            for key in case.lines:
                found += self._drafting(key)
        for key, agreement in case.parts.agreements.items():
            found += [*self._monitoring(key, agreement), *self._reminders(key, agreement)]
            found += self._after_end(key, agreement)
        found += [*self._problems(), *self._disputes(), *raised(case, self.reference, self.base, self._triggered)]
        return [one for one in map(self._unscheduled, found) if one is not None]

    def _unscheduled(self, owed: Owed) -> Owed | None:
        """What is owed, unless it is scheduled; what fell away and is called for again has the next number."""
        key, name, number = owed.duty.key, owed.occurrence, 1
        while self.case.was_scheduled(key, name):
            if key not in AGAIN or self._serves(key, name):
                return None
            number += 1
            name = f"{owed.occurrence}.{number}"
        return owed._replace(occurrence=name)

    def _serves(self, duty: str, occurrence: str) -> bool:
        """Whether a duty was scheduled for an occurrence, or for it again, and has not fallen away since."""
        mine = f"{duty}/{occurrence}"
        return any(
            not one.cancelled and (key == mine or key.startswith(f"{mine}."))
            for key, one in self.case.scheduled.items()
        )

    def backfill(self) -> list[Owed]:
        """While legacy facts come in: that they are completed, which ``close-backfill`` says (policy)."""
        case = self.case
        if (
            not case.backfill
            or case.resolution is None
            or case.entry is None
            or case.was_scheduled(OVERSIGHT, BACKFILL)
        ):
            return []
        # A policy from before this term was known makes nothing owed.
        if BACKFILL not in self.reference.policy.terms:
            return []
        duties = self.profile.triggered_by(TriggerKind.STAGE_ENTERED_OR_LEFT, case.resolution.tier)
        why = "pemasukan data lama belum ditutup"
        stage = case.entry.stage
        return [Owed(one, BACKFILL, stage, self.base, why=why, occasion=BACKFILL, term=BACKFILL) for one in duties]

    def _tier(self, agreement: str | None) -> Tier:
        found = self.case.resolution_of(agreement)
        assert found is not None  # noqa: S101 - nothing is owed before it is resolved by whom
        return found.tier

    def _profile(self, agreement: str | None) -> Profile:
        known = self.case.parts.agreements.get(agreement or "")
        return self.profile if known is None or known.profile is None else self.reference.law.profile(known.profile)

    def _triggered(self, trigger: TriggerKind, agreement: str | None, stage: Stage | None = None) -> tuple[Duty, ...]:
        return self._profile(agreement).triggered_by(trigger, self._tier(agreement), stage)

    def _oversight(self, line: str | None, entries: tuple[StageEntry, ...]) -> Iterator[Owed]:
        """P7 and P11: each stage of a line on entry and on exit; the last one is left when its agreement is settled."""
        for duty in self._triggered(TriggerKind.STAGE_ENTERED_OR_LEFT, line):
            for entry in entries:
                name = occurrence_of(line, entry.name)
                if entry.live:
                    yield Owed(duty, f"{name}/entry", entry.stage, self.base, agreement=line)
                if entry.left == "live":
                    yield Owed(duty, f"{name}/exit", entry.stage, self.base, agreement=line)

    def _guidance(self, tier: Tier) -> Iterator[Owed]:
        """a.1.a to b.2: guidance for every party on entry into the stage, and for a party that joins during it."""
        entry = self.case.entry
        if entry is None or not entry.live:
            return
        for duty in self.profile.triggered_by(TriggerKind.STAGE_ENTERED, tier, entry.stage):
            yield from self._to_each(duty, entry.name, entry.stage, None)

    def _drafting(self, line: str) -> Iterator[Owed]:
        """b.1 and b.2 for an agreement that is drafted on a line of its own, to its parties."""
        entry = self.case.lines[line][-1]
        if entry.live and entry.left is None and entry.stage is Stage.NEGOTIATION:
            for duty in self._triggered(TriggerKind.STAGE_ENTERED, line, entry.stage):
                yield from self._to_each(duty, occurrence_of(line, entry.name), entry.stage, line)

    def _to_each(self, duty: Duty, name: str, stage: Stage, agreement: str | None) -> Iterator[Owed]:
        """To every party of a scope at once, and to one that joins later by itself."""
        parties = self.case.parties_of(agreement)
        if not self.case.was_scheduled(duty.key, name):
            yield Owed(duty, name, stage, self.base, parties, agreement=agreement)
            return
        given = self.case.scheduled[f"{duty.key}/{name}"].for_parties
        for code in parties:
            if code not in given:
                # An occurrence of its own, since the one for all parties is scheduled already (P6.a/P10.a).
                yield Owed(duty, f"{name}/{code}", stage, self.base, (code,), agreement=agreement)

    def _milestones(self) -> Iterator[Owed]:
        """c.1 and c.2: a signing is about to come."""
        for signing in self.case.signings:
            if signing.live and signing.state == "planned":
                for duty in self._triggered(MILESTONES[signing.instrument], signing.agreement):
                    # Due on the day of signing (P6.c/P10.c); a day already past would be overdue at once.
                    start = max(signing.signing_on, self.base)
                    yield Owed(duty, signing.name, duty.stage, start, agreement=signing.agreement)

    def _stalled(self, tier: Tier) -> Iterator[Owed]:
        """Oversight of an accord that was not followed by an agreement within the policy's number of months."""
        case, rule = self.case, self.reference.policy.accord_without_agreement
        if case.accord_on is None or not case.accord_live or case.has_agreement or case.entry is None:
            return
        if add_months(case.accord_on, rule.months) <= self.base:
            for duty in self.profile.triggered_by(TriggerKind.STAGE_ENTERED_OR_LEFT, tier):
                name = f"{STALLED}/{case.accord_on}"
                yield Owed(duty, name, case.entry.stage, self.base, why=rule.says, occasion=STALLED)

    def _live(self, key: str) -> bool:
        """Whether what an agreement's last stage calls for is owed: legacy stages call for nothing."""
        entries = self.case.line_entries(key)
        return bool(entries) and entries[-1].live and entries[-1].stage is LAST_STAGE

    def _monitoring(self, key: str, agreement: Agreement) -> Iterator[Owed]:
        """d.1: once per period of the policy while the agreement is in force."""
        if agreement.state is not AgreementState.IN_FORCE or not self._live(key):
            return
        for duty in self._triggered(TriggerKind.MONITORING_PERIOD, key):
            period = self.reference.policy.cadences[duty.cadence or duty.due].containing(self.base)
            # The term counts from the end of the period (``counted_from`` in the policy).
            start = max(period.last, self.base)
            name = occurrence_of(self.case.line(key), str(period))
            yield Owed(duty, name, duty.stage, start, period=str(period), agreement=key)

    def _problems(self) -> Iterator[Owed]:
        """d.2: an opinion on each open problem."""
        for key, problem in self.case.problems.items():
            if problem.live and not problem.resolved and self.case.goes_on(problem.agreement):
                for duty in self._triggered(TriggerKind.PROBLEM_REPORTED, problem.agreement):
                    yield Owed(duty, key, duty.stage, self.base, agreement=problem.agreement)

    def _disputes(self) -> Iterator[Owed]:
        """d.3: advice on each dispute; d.5: a brief for each requested decision, and for the Minister on escalation."""
        for key, dispute in self.case.disputes.items():
            scope = dispute.agreement
            if not dispute.live or dispute.settled or not self.case.goes_on(scope):
                continue
            passed_on = dispute.escalated and self._tier(scope) is Tier.GOVERNOR
            # Advice to a Governor who has passed the dispute on would come to nobody who decides it.
            for duty in () if passed_on else self._triggered(TriggerKind.DISPUTE_RAISED, scope):
                yield Owed(duty, key, duty.stage, self.base, agreement=scope)
            if dispute.requested and not passed_on:
                for duty in self._triggered(TriggerKind.DECISION_REQUESTED, scope):
                    yield Owed(duty, key, duty.stage, self.base, agreement=scope)
            # UU 23/2014 Pasal 370(3): the Governor's dispute is then the Minister's to decide, with a brief of the
            # Minister's tier.
            if passed_on:
                for duty in self._profile(scope).triggered_by(TriggerKind.DECISION_REQUESTED, Tier.MINISTER):
                    owed = Owed(duty, minister_occurrence(key), duty.stage, self.base, tier=Tier.MINISTER)
                    yield owed._replace(agreement=scope, occasion=ESCALATED)

    def _reminders(self, key: str, agreement: Agreement) -> Iterator[Owed]:
        """d.4: at once on early notice, and at each lead time of the policy."""
        case, end = self.case, agreement.planned_end
        if agreement.state is not AgreementState.IN_FORCE or end is None or self._prepared(key, agreement):
            return
        line = case.line(key)
        noticed = agreement.notice is not None and agreement.notice.live
        for duty in self._triggered(TriggerKind.END_APPROACHES, key):
            name = occurrence_of(line, f"{end}/notice")
            if noticed and not self._serves(duty.key, name):
                why = "segera setelah pemberitahuan pengakhiran lebih awal"
                owed = Owed(duty, name, duty.stage, self.base, agreement.between, why=why, agreement=key, rests_on=end)
                yield owed._replace(occasion=EARLY_NOTICE)
                continue
            lead = self.reference.policy.reminders.lead((end - self.base).days)
            if (noticed or self._live(key)) and lead is not None and not self._reminded_since(key, end, lead):
                why = f"{lead} hari sebelum rencana pengakhiran {in_words(end)}"
                name = occurrence_of(line, f"{end}/{lead}")
                yield Owed(duty, name, duty.stage, self.base, agreement.between, why=why, agreement=key, rests_on=end)

    def _after_end(self, key: str, agreement: Agreement) -> Iterator[Owed]:
        """d.4 again, while what ended is not settled."""
        line, checklist = self.case.line(key), self._profile(key).checklist
        due = settling.reminder(agreement, checklist, self.reference, self.base)
        if due is None or not self._live(key) or self._given_since(key, due.end, due.since):
            return
        for duty in self._triggered(TriggerKind.END_APPROACHES, key):
            name, asked = occurrence_of(line, due.name), agreement.participants
            yield Owed(duty, name, duty.stage, self.base, asked, why=due.why, agreement=key, rests_on=due.end)

    def _reminded_since(self, agreement: str, end: date, lead: int) -> bool:
        # A reminder given since then, such as the one after an early notice, serves for this lead time, too.
        return self._given_since(agreement, end, end - timedelta(days=lead))

    def _given_since(self, agreement: str, end: date, came: date) -> bool:
        # Reminders of earlier releases name no agreement; there was only the one on the cooperation's line.
        named = (agreement,) if self.case.line(agreement) else (agreement, None)
        given = (one for one in self.case.scheduled.values() if one.duty == REMINDER and not one.cancelled)
        return any(one.agreement in named and one.rests_on == end and one.on >= came for one in given)

    def _prepared(self, key: str, agreement: Agreement) -> bool:
        """Whether every proof of the checklist and of items added to it is in: nothing is left to remind of."""
        return not workbook.open_items(agreement, self._profile(key).checklist)

    def next_due(self) -> date | None:
        """The next day on which the case must be examined if no event comes first; ``None`` if there is none."""
        case, days = self.case, []
        if case.closed or case.entry is None or case.resolution is None:
            return None
        turning = self.reference.next_turning_point(case.parties, self.base)
        days += [turning] if turning else []
        if case.accord_on and case.accord_live and not case.has_agreement:
            months = self.reference.policy.accord_without_agreement.months
            if not case.was_scheduled(OVERSIGHT, f"{STALLED}/{case.accord_on}"):
                days.append(max(add_months(case.accord_on, months), self.base))
        for key, agreement in case.parts.agreements.items():
            days += self._next_of(key, agreement)
        return min(days, default=None)

    def _next_of(self, key: str, agreement: Agreement) -> Iterator[date]:
        """The days on which an agreement in force calls for monitoring, or for a reminder."""
        noticed = agreement.notice is not None and agreement.notice.live
        if self._live(key):
            yield from settling.reminder_days(agreement, self.reference, self.base)
        if agreement.state is not AgreementState.IN_FORCE or not (self._live(key) or noticed):
            return
        for duty in self._triggered(TriggerKind.MONITORING_PERIOD, key):
            cadence = self.reference.policy.cadences[duty.cadence or duty.due]
            yield cadence.containing(self.base).following.first
        # The day after a planned end: that it passed without an end is an occasion to look.
        if agreement.notice is not None and agreement.notice.planned_end_on >= self.base:
            yield agreement.notice.planned_end_on + timedelta(days=1)
        end = agreement.planned_end
        if end is not None:
            leads = (end - timedelta(days=lead) for lead in self.reference.policy.reminders.lead_days)
            yield from (day for day in leads if day > self.base)
