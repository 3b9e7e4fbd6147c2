"""The platform's policy: every period and lead time. The regulation sets none of them, so each is marked as policy."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ksad.contracts.dates import Counted, Period, PeriodKind, WorkingCalendar
from ksad.contracts.identifiers import Key
from ksad.contracts.law.model import Basis, Sourced, Value, Words

Count = Annotated[int, Field(ge=0, le=3650)]


class Counting(StrEnum):
    """Whether working days or calendar days are counted."""

    WORKING = "working"
    CALENDAR = "calendar"


class Chosen(Sourced):
    """A value that whoever adopts the policy chose. Its basis is policy, so that it is never presented as law."""

    basis: Literal[Basis.POLICY]


class Term(Chosen):
    """The number of days for a duty, counted from the event that made it due, a period's close, or the signing day."""

    days: Count
    counting: Counting
    counted_from: Literal["fact", "period_close", "signing"] = "fact"
    says: Words

    def due(self, start: date, working: WorkingCalendar) -> Counted:
        """The due date, and the years whose holidays it would depend on if they were adopted.

        The starting day is not counted.
        """
        if self.counting == Counting.WORKING:
            return working.counted(start, self.days)
        return Counted(start + timedelta(days=self.days), ())


class Cadence(Chosen):
    """The period of a recurring duty, which is due once in each."""

    period: PeriodKind
    says: Words

    def containing(self, day: date) -> Period:
        """The period that contains a day."""
        return Period.containing(day, self.period)


class Reminders(Chosen):
    """How many days before the planned end the parties are reminded (d.4), longest first.

    ``after_end``: how many days after an end they are reminded of what is open, shortest first; none in older texts.
    """

    lead_days: Annotated[tuple[Count, ...], Field(min_length=1)]
    after_end: tuple[Count, ...] = ()
    says: Words

    def lead(self, days_left: int) -> int | None:
        """The lead time that applies when ``days_left`` days are left; ``None`` if it is too early for any reminder."""
        # The smallest that is not below the days left: where an end becomes known late, one reminder is sent, not all.
        return min((lead for lead in self.lead_days if lead >= max(days_left, 0)), default=None)

    def since(self, days_gone: int) -> int | None:
        """The time after an end that has come when ``days_gone`` days have gone; ``None`` before the first."""
        return max((days for days in self.after_end if days <= days_gone), default=None)


class Stalled(Chosen):
    """The number of months after which monitoring reports an accord that no agreement has followed."""

    months: Count
    says: Words


class Lateness(Chosen):
    """The number of days after which a late task is reminded of, and reported to the head of the supervising side."""

    remind_after: Count
    escalate_after: Count
    counting: Counting
    says: Words


class Limit(Chosen):
    """A number of calendar days after which something is done otherwise."""

    days: Count
    says: Words


class Policy(Value):
    """The whole policy, adopted as one text. Duties refer to terms and cadences by name.

    A limit is None in texts that were adopted before there was one; then nothing is limited.
    """

    id: Key
    says: Words
    terms: dict[str, Term]
    cadences: dict[str, Cadence]
    reminders: Reminders
    accord_without_agreement: Stalled
    lateness: Lateness
    late_recording_days: Limit | None = None
    """How long after the day of an act its parties record it themselves."""
    proposal_days: Limit | None = None
    """How long a proposed act waits for the confirmation of its parties."""
