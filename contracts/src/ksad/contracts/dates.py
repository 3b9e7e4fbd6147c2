"""Dates by the calendar of Jakarta: partial dates, periods, months and working days.

Working days depend on a list of public holidays. The list comes from the log, which adopted it as text, and not from a
library: a replay must count the same days as the original decision, whatever version of a library is installed.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ksad.contracts.strict import Day, Strict, read
from ksad.contracts.wording import told

JAKARTA = timezone(timedelta(hours=7), "WIB")
"""Western Indonesian Time. The offset has been fixed since 1964, so the time zone database is not needed."""

INDEPENDENCE = date(1945, 8, 17)
"""The Republic's first day; no earlier date of a cooperation can be right."""

SATURDAY = 5


class DateError(ValueError):
    """A text is not a date, period or holiday list, or the adopted holidays do not cover a year."""


def jakarta_day(moment: datetime) -> date:
    """The date in Jakarta at an instant.

    :raises DateError: the instant has no time zone.
    """
    if moment.tzinfo is None:
        raise DateError("an instant without a time zone has no date in Jakarta")
    return moment.astimezone(JAKARTA).date()


def start_of(day: date) -> datetime:
    """The instant, in UTC, at which a day begins in Jakarta."""
    return datetime(day.year, day.month, day.day, tzinfo=JAKARTA).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


MONTHS_IN_WORDS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September"),
    *("Oktober", "November", "Desember"),
)


def in_words(day: date | PartialDate) -> str:
    """A date as an Indonesian office writes it, as exactly as it is known: 5 Januari 2026, Januari 2026, 2026."""
    known = PartialDate.of(day) if isinstance(day, date) else day
    words = [str(known.first.day), MONTHS_IN_WORDS[known.first.month - 1], str(known.first.year)]
    return " ".join(words[tuple(Precision).index(known.precision) :])


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class PartialDate(BaseModel):
    """A date whose day, or month and day, may be unknown; ``first`` is the earliest day that it can mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    precision: Precision

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

        :raises DateError: the text has another form or is not in the calendar.
        """
        match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", text)
        if match is None:
            raise DateError(f"{text!r} is not a date: YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = match.groups()
        precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
        try:
            return cls(first=date(int(year), int(month or 1), int(day or 1)), precision=precision)
        except ValueError as error:
            raise DateError(f"{text!r} is not a date: {error}") from error

    @classmethod
    def of(cls, day: date) -> Self:
        """A date that is known to the day."""
        return cls(first=day, precision=Precision.DAY)

    @property
    def last(self) -> date:
        """The latest day that the date can mean."""
        if self.precision == Precision.YEAR:
            return self.first.replace(month=12, day=31)
        if self.precision == Precision.MONTH:
            return add_months(self.first, 1) - timedelta(days=1)
        return self.first

    def before(self, other: PartialDate | date) -> bool:
        """Whether it lies before another date, whatever days the two are."""
        return self.last < (other if isinstance(other, date) else other.first)

    def __str__(self) -> str:
        length = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}[self.precision]
        return self.first.isoformat()[:length]


class PeriodKind(StrEnum):
    """The lengths of a reporting or monitoring period."""

    MONTH = "month"
    SEMESTER = "semester"
    YEAR = "year"


MONTHS = {PeriodKind.MONTH: 1, PeriodKind.SEMESTER: 6, PeriodKind.YEAR: 12}


class Period(BaseModel):
    """A calendar month, semester or year. Its text is ``2026-05``, ``2026-S1`` or ``2026``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: PeriodKind
    first: date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads ``YYYY``, ``YYYY-S1``, ``YYYY-S2`` or ``YYYY-MM``.

        :raises DateError: the text has another form.
        """
        match = re.fullmatch(r"([0-9]{4})(?:-S([12])|-(0[1-9]|1[0-2]))?", text)
        if match is None or match[1] == "0000":  # Python's calendar begins with year 1.
            raise DateError(f"{text!r} is not a period: YYYY, YYYY-S1, YYYY-S2 or YYYY-MM")
        year, semester, month = match.groups()
        if semester:
            return cls(kind=PeriodKind.SEMESTER, first=date(int(year), 1 if semester == "1" else 7, 1))
        return cls(kind=PeriodKind.MONTH if month else PeriodKind.YEAR, first=date(int(year), int(month or 1), 1))

    @classmethod
    def containing(cls, day: date, kind: PeriodKind) -> Self:
        """The period of a kind that contains a day."""
        length = MONTHS[kind]
        return cls(kind=kind, first=date(day.year, (day.month - 1) // length * length + 1, 1))

    @property
    def last(self) -> date:
        """Its last day."""
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> Period:
        """The next period of its kind."""
        return Period(kind=self.kind, first=add_months(self.first, MONTHS[self.kind]))

    @property
    def preceding(self) -> Period:
        """The previous period of its kind."""
        return Period(kind=self.kind, first=add_months(self.first, -MONTHS[self.kind]))

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        if self.kind == PeriodKind.SEMESTER:
            return f"{self.first.year:04}-S{1 if self.first.month == 1 else 2}"
        return self.first.isoformat()[: 7 if self.kind == PeriodKind.MONTH else 4]


class Holiday(Strict):
    """A public holiday of the adopted list."""

    date: Day
    name: Annotated[str, StringConstraints(min_length=1)]


class HolidayList(Strict):
    """The adopted JSON document: the country, and its holidays in order of date."""

    country: Literal["ID"]
    holidays: Annotated[tuple[Holiday, ...], Field(min_length=1)]


class Counted(NamedTuple):
    """A day found by counting working days, and the years in which only weekends were left out on the way."""

    day: date
    uncovered: tuple[int, ...]


class WorkingCalendar:
    """Working days: Monday to Friday except public holidays, for the years of which holidays have been adopted."""

    def __init__(self, holidays: tuple[Holiday, ...] = ()) -> None:
        self.holidays = {holiday.date: holiday.name for holiday in holidays}
        # Holidays are decreed year by year. A year between two others is as unknown as one after them.
        self.years = frozenset(day.year for day in self.holidays)

    @classmethod
    def from_text(cls, text: str, *, strict: bool = False) -> Self:
        """The calendar of a holiday list.

        :param strict: for a text that is to be adopted; texts of the log may be as lax as earlier releases accepted.
        :raises DateError: the text is not a holiday list.
        """
        try:
            if strict:
                return cls(read(HolidayList, text).holidays)
            return cls(HolidayList.model_validate(orjson.loads(text), strict=False).holidays)
        except orjson.JSONDecodeError as error:
            raise DateError("bukan daftar hari libur: bukan JSON") from error
        except ValidationError as error:
            raise DateError(f"bukan daftar hari libur: {told(error)}") from error

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day, as far as holidays have been adopted: in other years, Monday to Friday."""
        return day.weekday() < SATURDAY and day not in self.holidays

    def counted(self, day: date, count: int) -> Counted:
        """The working day ``count`` working days after a day, or before it if ``count`` is negative.

        The day itself is not counted. With a count of 0 the result is the day itself, or the next working day. Adopted
        holidays are left out wherever they lie; the result names the years of which none have been adopted.
        """
        step = timedelta(days=-1 if count < 0 else 1)
        looked = {day.year} if count == 0 else set()
        while count == 0 and not self.is_working(day):
            day += step
            looked.add(day.year)
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
            looked.add(day.year)
        return Counted(day, tuple(sorted(looked - self.years)))

    def working_days_between(self, after: date, until: date) -> int:
        """The number of working days after ``after``, up to and including ``until``, as :meth:`counted` counts."""
        span = range(1, (until - after).days + 1)
        return sum(self.is_working(after + timedelta(days=offset)) for offset in span)
