"""The reference data for decisions, as it is in the log: regions, law, policy and holidays."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.law import Counting, Lawbook, Policy, read_policy
from ksad.contracts.regions import AdoptedRegions, RegionTable
from ksad.contracts.registry import PROVISIONAL, UNDECIDED

NO_LAW_SAYS = "peraturan tidak menetapkan jangka waktu"
UNCOVERED = "hari libur {years} belum ditetapkan, pada tahun itu hanya Sabtu dan Minggu tidak dihitung"


class Texts(ValueObject):
    """The texts in use: regions with their boundary changes, and profiles by name in the order of adoption."""

    regions: AdoptedRegions = AdoptedRegions()
    profiles: tuple[tuple[str, str], ...] = ()
    policy: str | None = None
    holidays: str | None = None
    policy_standing: str = UNDECIDED
    verifying_since: str | None = None


class Due(NamedTuple):
    """A due date and its basis."""

    on: date
    basis: str


class Reference:
    """The reference data in use as values. ``standing`` says in Indonesian by which decision the policy holds.

    ``verifying_since`` is when the first policy was adopted that says how long verification takes.
    """

    def __init__(
        self,
        regions: RegionTable,
        law: Lawbook,
        policy: Policy,
        calendar: WorkingCalendar,
        standing: str = PROVISIONAL,
        verifying_since: str | None = None,
    ) -> None:
        self.regions = regions
        self.law = law
        self.policy = policy
        self.calendar = calendar
        self.standing = standing
        self.verifying_since = verifying_since
        self._late: dict[date, tuple[date, date]] = {}
        self._changes = _changes(regions)
        rows = [rule for profile in law.profiles.values() for rule in profile.jurisdiction]
        self._grounds = sorted({one.since for row in rows for one in (*row.supervision, *row.forum) if one.since})

    def due(self, name: str, start: date) -> Due:
        """The due date by a term of the policy, counted from the day ``start``."""
        term = self.policy.terms[name]
        day, uncovered = term.due(start, self.calendar)
        # A due date without these holidays is better than a duty without a date; its basis says so.
        note = UNCOVERED.format(years=", ".join(map(str, uncovered))) if uncovered else None
        return Due(day, "; ".join(filter(None, (term.says, self.standing, NO_LAW_SAYS, note))))

    def late_days(self, due_on: date) -> tuple[date, date]:
        """The days on which a task due on a day is reminded of and is escalated to the head."""
        if due_on not in self._late:
            rule = self.policy.lateness
            self._late[due_on] = self._after(due_on, rule.remind_after), self._after(due_on, rule.escalate_after)
        return self._late[due_on]

    def _after(self, day: date, count: int) -> date:
        if self.policy.lateness.counting is Counting.CALENDAR or count == 0:
            return day + timedelta(days=count)
        return self.calendar.counted(day, count).day

    def turning_points(self, parties: tuple[str, ...], after: date, through: date) -> list[date]:
        """The days in ``(after, through]`` on which the law or a party's code changes."""
        days = {day for day in self._grounds if after < day <= through}
        for code in parties:
            days.update(day for day in self._changes[self.regions.lineage(code)] if after < day <= through)
        return sorted(days)

    def next_turning_point(self, parties: tuple[str, ...], after: date) -> date | None:
        """The first day after ``after`` on which the law or a party's code changes; ``None`` if there is none."""
        following = []
        for days in (self._grounds, *(self._changes[self.regions.lineage(code)] for code in parties)):
            place = bisect_right(days, after)
            following += days[place : place + 1]
        return min(following, default=None)


def _changes(regions: RegionTable) -> dict[str, list[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for region in regions.regions:
        found[region.lineage].update(day for day in (region.valid_from, region.valid_to) if day is not None)
    return defaultdict(list, {lineage: sorted(days) for lineage, days in found.items()})


def read(texts: Texts) -> Reference | None:
    """Reads the texts; ``None`` while regions, policy or all profiles are missing."""
    if texts.regions.text is None or texts.policy is None or not texts.profiles:
        return None
    law = Lawbook.from_texts(text for _, text in texts.profiles)
    calendar = WorkingCalendar.from_text(texts.holidays) if texts.holidays else WorkingCalendar()
    policy = read_policy(texts.policy)
    return Reference(texts.regions.table, law, policy, calendar, texts.policy_standing, texts.verifying_since)
