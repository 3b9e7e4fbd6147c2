"""What decisions rest on, as the log adopted it: regions, law, policy and holidays."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import Fact, ValueObject
from ksad.contracts.dates import DateError, WorkingCalendar
from ksad.contracts.law import Counting, Lawbook, Policy, read_policy
from ksad.contracts.regions import RegionTable
from ksad.contracts.registry import ReferenceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.law import Term

NO_LAW_SAYS = "kebijakan operator; peraturan tidak menetapkan jangka waktu"
UNCOVERED = "hari libur tahun itu belum ditetapkan, hanya Sabtu dan Minggu tidak dihitung"


class Weekdays(WorkingCalendar):
    """Monday to Friday: for years whose public holidays nobody has adopted."""

    def __init__(self) -> None:
        self.holidays = {}
        self.years = range(date.min.year, date.max.year + 1)


WEEKDAYS = Weekdays()


class Texts(ValueObject):
    """The adopted texts; profiles by name in the order of adoption; boundary changes since the regions."""

    regions: str | None = None
    boundaries: tuple[tuple[str, str, date], ...] = ()
    profiles: tuple[tuple[str, str], ...] = ()
    policy: str | None = None
    holidays: str | None = None


def evolve(texts: Texts, fact: Fact) -> Texts:
    """The texts after one more fact of reference data; pure and total."""
    if isinstance(fact, facts.BoundaryChanged):
        change = (fact.region, fact.successor, fact.effective_on)
        return texts.model_copy(update={"boundaries": (*texts.boundaries, change)})
    if not isinstance(fact, facts.ReferenceAdopted):
        return texts
    if fact.kind is ReferenceKind.REGIONS:
        return texts.model_copy(update={"regions": fact.content, "boundaries": ()})
    if fact.kind is ReferenceKind.PROFILE:
        return texts.model_copy(update={"profiles": tuple((dict(texts.profiles) | {fact.name: fact.content}).items())})
    name = "policy" if fact.kind is ReferenceKind.POLICY else "holidays"
    return texts.model_copy(update={name: fact.content})


class Due(NamedTuple):
    """A due date, and on what it stands."""

    on: date
    basis: str


class Reference:
    """The adopted texts, read; ``day`` is the newest day that passed."""

    def __init__(self, regions: RegionTable, law: Lawbook, policy: Policy, calendar: WorkingCalendar) -> None:
        self.regions = regions
        self.law = law
        self.policy = policy
        self.calendar = calendar
        self._late: dict[date, tuple[date, date]] = {}
        self._changes = _changes(regions)
        rows = [rule for profile in law.profiles.values() for rule in profile.jurisdiction]
        self._grounds = sorted({one.since for row in rows for one in (*row.supervision, *row.forum) if one.since})

    def due(self, name: str, start: date) -> Due:
        """The due date that a term of the policy gives, counted from a day."""
        term = self.policy.terms[name]
        on, note = self._counted(lambda calendar: term.due(start, calendar))
        return Due(on, "; ".join(filter(None, (term.says, NO_LAW_SAYS, note))))

    def term(self, name: str) -> Term:
        """A term of the policy."""
        return self.policy.terms[name]

    def late_days(self, due_on: date) -> tuple[date, date]:
        """When a task that was due on a day is reminded of, and when it is reported to the head."""
        if due_on not in self._late:
            rule = self.policy.lateness
            self._late[due_on] = self._after(due_on, rule.remind_after), self._after(due_on, rule.escalate_after)
        return self._late[due_on]

    def _after(self, day: date, count: int) -> date:
        if self.policy.lateness.counting is Counting.CALENDAR or count == 0:
            return day + timedelta(days=count)
        return self._counted(lambda calendar: calendar.add_working_days(day, count))[0]

    def _counted(self, count: Callable[[WorkingCalendar], date]) -> tuple[date, str | None]:
        try:
            return count(self.calendar), None
        except DateError:
            return count(WEEKDAYS), UNCOVERED

    def turning_points(self, parties: tuple[str, ...], after: date, through: date) -> list[date]:
        """The days in ``(after, through]`` on which the law or a party's code changes."""
        days = {day for day in self._grounds if after < day <= through}
        for code in parties:
            days.update(day for day in self._changes[self.regions.lineage(code)] if after < day <= through)
        return sorted(days)

    def next_turning_point(self, parties: tuple[str, ...], after: date) -> date | None:
        """The next such day, if there is one."""
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
    """The texts as values; None while regions, a profile or the policy are missing."""
    if texts.regions is None or texts.policy is None or not texts.profiles:
        return None
    table = RegionTable.from_csv(texts.regions)
    for region, successor, effective_on in texts.boundaries:
        table = table.with_boundary_change(region, successor, effective_on)
    law = Lawbook.from_texts(text for _, text in texts.profiles)
    calendar = WorkingCalendar.from_text(texts.holidays) if texts.holidays else WEEKDAYS
    return Reference(table, law, read_policy(texts.policy), calendar)
