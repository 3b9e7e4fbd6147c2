"""The operator's policy: every period and lead time. The regulation sets none, and each value says so."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ksad.contracts.dates import Period, PeriodKind, WorkingCalendar
from ksad.contracts.identifiers import Key
from ksad.contracts.law.model import Basis, Sourced, Value, Words

Count = Annotated[int, Field(ge=0, le=3650)]


class Counting(StrEnum):
    """Whether days of offices or days of the calendar count."""

    WORKING = "working"
    CALENDAR = "calendar"


class Chosen(Sourced):
    """A value that the operator chose; it says so, and never claims to be law."""

    basis: Literal[Basis.POLICY]


class Term(Chosen):
    """How many days a duty has from the fact that made it owed, from a period's close, or from the day of signing."""

    days: Count
    counting: Counting
    counted_from: Literal["fact", "period_close", "signing"] = "fact"
    says: Words

    def due(self, start: date, working: WorkingCalendar) -> date:
        """The due date counted from a day, which is not itself counted.

        :raises DateError: working days of a year that the adopted holidays do not cover.
        """
        if self.counting == Counting.WORKING:
            return working.add_working_days(start, self.days)
        return start + timedelta(days=self.days)


class Cadence(Chosen):
    """The period after which a recurring duty is owed again."""

    period: PeriodKind
    says: Words

    def containing(self, day: date) -> Period:
        """The period that a day lies in."""
        return Period.containing(day, self.period)


class Reminders(Chosen):
    """How many days before the planned end the parties are reminded (d.4), longest first."""

    lead_days: Annotated[tuple[Count, ...], Field(min_length=1)]
    says: Words

    def lead(self, days_left: int) -> int | None:
        """The lead time that has come when so many days are left: the smallest one not below; ``None`` before all."""
        return min((lead for lead in self.lead_days if lead >= max(days_left, 0)), default=None)


class Stalled(Chosen):
    """After how many months an accord without an agreement is a finding of monitoring."""

    months: Count
    says: Words


class Lateness(Chosen):
    """When a late task is reminded of, and when it is reported to the supervising head."""

    remind_after: Count
    escalate_after: Count
    counting: Counting
    says: Words


class Policy(Value):
    """All of it, adopted as one text. Terms and cadences are found by the names that the duties give."""

    id: Key
    says: Words
    terms: dict[str, Term]
    cadences: dict[str, Cadence]
    reminders: Reminders
    accord_without_agreement: Stalled
    lateness: Lateness
