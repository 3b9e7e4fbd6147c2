"""Dates by the calendar of Jakarta: partial dates, periods, months and working days.

Working days depend on a list of public holidays. The list comes from the log, which adopted it as text, and not from a
library: a replay must count the same days as the original decision, whatever version of a library is installed.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

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


class Holiday(BaseModel):
    """A public holiday of the adopted list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date: date
    name: Annotated[str, StringConstraints(min_length=1)]


class HolidayList(BaseModel):
    """The adopted JSON document: the country, and its holidays in order of date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: Literal["ID"]
    holidays: Annotated[tuple[Holiday, ...], Field(min_length=1)]


class WorkingCalendar:
    """Working days: Monday to Friday except public holidays, for the years that the adopted list covers."""

    def __init__(self, holidays: tuple[Holiday, ...]) -> None:
        self.holidays = {holiday.date: holiday.name for holiday in holidays}
        # Holidays are decreed year by year. A year without a list is refused, not counted as if it had no holidays.
        self.years = range(min(self.holidays).year, max(self.holidays).year + 1)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The calendar of an adopted holiday list.

        :raises DateError: the text is not a holiday list.
        """
        try:
            return cls(HolidayList.model_validate(orjson.loads(text)).holidays)
        except (orjson.JSONDecodeError, ValidationError) as error:
            raise DateError(f"not a holiday list: {error}") from error

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day.

        :raises DateError: the adopted list does not cover the year.
        """
        if day.year not in self.years:
            raise DateError(f"the adopted holidays cover {self.years.start} to {self.years.stop - 1}, not {day.year}")
        return day.weekday() < SATURDAY and day not in self.holidays

    def add_working_days(self, day: date, count: int) -> date:
        """The working day ``count`` working days after a day, or before it if ``count`` is negative.

        The day itself is not counted. With a count of 0 the result is the day itself, or the next working day.

        :raises DateError: as ``is_working``.
        """
        step = timedelta(days=-1 if count < 0 else 1)
        while count == 0 and not self.is_working(day):
            day += step
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def working_days_between(self, after: date, until: date) -> int:
        """The number of working days after ``after``, up to and including ``until``.

        :raises DateError: as ``is_working``.
        """
        span = range(1, (until - after).days + 1)
        return sum(self.is_working(after + timedelta(days=offset)) for offset in span)
