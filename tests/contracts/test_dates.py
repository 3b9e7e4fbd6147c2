"""Days as a ministry in Jakarta counts them: partial dates, periods, working days."""

import json
from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.dates import (
    DateError,
    Holiday,
    PartialDate,
    Period,
    PeriodKind,
    Precision,
    WorkingCalendar,
    add_months,
    jakarta_day,
    start_of,
)

DAYS = st.dates(date(1945, 8, 17), date(2200, 1, 1))
LISTED = tuple(
    Holiday(date=day, name=name)
    for day, name in sorted(holidays.country_holidays("ID", years=range(2024, 2028), language="id").items())
)
WORKING = WorkingCalendar(LISTED)
WORKED = st.dates(date(2024, 6, 1), date(2027, 6, 1))


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("1999", date(1999, 1, 1), date(1999, 12, 31), "year"),
        ("2023-06", date(2023, 6, 1), date(2023, 6, 30), "month"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2016-10-26", date(2016, 10, 26), date(2016, 10, 26), "day"),
    ],
)
def test_a_missing_part_counts_as_the_first(text: str, first: date, last: date, precision: str) -> None:
    """A year or month is kept as what the source knew, and counts from its first day."""
    found = PartialDate.parse(text)
    assert (found.first, found.last, found.precision, str(found)) == (first, last, precision, text)


@pytest.mark.parametrize(
    "text", ["", "99", "2023-6", "2023-13", "2023-02-30", "0000", "2023-06-01T00", "２０２３", " 2023"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Only the three forms are read, and only days that exist."""
    with pytest.raises(DateError, match="is not a date"):
        PartialDate.parse(text)


@given(DAYS, st.sampled_from(Precision))
def test_a_partial_date_is_read_back(day: date, precision: Precision) -> None:
    """What is written is read back, and the day lies within what it may mean."""
    length = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}[precision]
    found = PartialDate.parse(day.isoformat()[:length])
    assert PartialDate.parse(str(found)) == found
    assert found.first <= day <= found.last
    assert PartialDate.of(day).first == day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-S1", date(2026, 1, 1), date(2026, 6, 30)),
        ("2026-S2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_periods_are_read_and_written(text: str, first: date, last: date) -> None:
    """A semester, a year and a month have their first and last day, and are written as they are read."""
    period = Period.parse(text)
    assert (period.first, period.last, str(period)) == (first, last, text)


@pytest.mark.parametrize("text", ["2026-S3", "2026-13", "26", "2026-s1", "0000", "2026-01-01", ""])
def test_what_is_no_period_is_refused(text: str) -> None:
    """Nothing else is a period."""
    with pytest.raises(DateError, match="is not a period"):
        Period.parse(text)


@given(DAYS, st.sampled_from(PeriodKind))
def test_every_day_lies_in_one_period_of_a_kind(day: date, kind: PeriodKind) -> None:
    """Periods of a kind follow one another without gap or overlap."""
    period = Period.containing(day, kind)
    assert day in period
    assert day not in period.following
    assert day not in period.preceding
    assert period.following.preceding == period == period.preceding.following
    assert period.last + timedelta(days=1) == period.following.first
    assert Period.parse(str(period)) == period


def test_a_month_later_is_the_same_day_or_the_last() -> None:
    """31 January and one month is the last of February, and back it stays there."""
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2028, 1, 31), 1) == date(2028, 2, 29)
    assert add_months(date(2026, 3, 15), -3) == date(2025, 12, 15)
    assert add_months(date(2026, 11, 24), 12) == date(2027, 11, 24)


def test_the_day_begins_at_five_in_the_afternoon_utc() -> None:
    """Jakarta is seven hours ahead, all year round."""
    assert jakarta_day(datetime(2026, 6, 30, 16, 59, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert jakarta_day(datetime(2026, 6, 30, 17, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert start_of(date(2026, 7, 1)) == datetime(2026, 6, 30, 17, 0, tzinfo=UTC)
    with pytest.raises(DateError, match="without a time zone"):
        jakarta_day(datetime(2026, 6, 30, 17, 0, tzinfo=UTC).replace(tzinfo=None))


@given(WORKED, st.integers(0, 60))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    """The due date is a working day, exactly so many working days after, whatever holidays lie between."""
    due, uncovered = WORKING.counted(day, count)
    assert WORKING.is_working(due)
    assert uncovered == ()
    if count:
        assert WORKING.working_days_between(day, due) == count
    else:
        assert WORKING.working_days_between(day - timedelta(days=1), due) == 1


@given(WORKED, st.integers(1, 60))
def test_working_days_count_back_as_forth(day: date, count: int) -> None:
    """From a working day, so many working days forth and back again is the same day."""
    start = WORKING.counted(day, 0).day
    assert WORKING.counted(WORKING.counted(start, count).day, -count).day == start


def test_holidays_are_those_of_indonesia() -> None:
    """Independence Day 2026 is a Monday and no working day; the day after is one."""
    assert not WORKING.is_working(date(2026, 8, 17))
    assert WORKING.is_working(date(2026, 8, 18))
    assert WORKING.counted(date(2026, 8, 14), 1).day == date(2026, 8, 18)


def holidays_on(*days: str) -> WorkingCalendar:
    """A calendar with these holidays."""
    return WorkingCalendar(tuple(Holiday(date=date.fromisoformat(day), name="x") for day in days))


@pytest.mark.fault(
    "bug-reports 19",
    kind="A count that reaches what nobody has adopted forgets what has been adopted, or guesses without a word.",
    looked="Due dates, days of reminders and escalations, years between two adopted ones.",
    found="A year between two adopted ones counted as a year without holidays, and nothing said so.",
)
@pytest.mark.parametrize(
    ("adopted", "start", "count", "due", "uncovered"),
    [
        (("2025-01-01", "2025-12-25", "2025-12-26"), "2025-12-18", 10, "2026-01-05", (2026,)),
        (("2025-01-01", "2025-12-25", "2025-12-26", "2026-01-01"), "2025-12-18", 10, "2026-01-06", ()),
        (("2025-12-25",), "2026-01-05", -8, "2025-12-23", (2026,)),
        (("2025-12-25", "2027-01-01"), "2026-12-28", 5, "2027-01-05", (2026,)),
        ((), "2025-12-31", 1, "2026-01-01", (2026,)),
        (("2025-12-25",), "2025-12-31", 0, "2025-12-31", ()),
        (("2025-12-25",), "2026-01-01", 0, "2026-01-01", (2026,)),
    ],
)
def test_adopted_holidays_count_across_the_border(
    adopted: tuple[str, ...], start: str, count: int, due: str, uncovered: tuple[int, ...]
) -> None:
    """Days that were adopted are left out wherever they lie; in other years weekends are, and these years are named."""
    found = holidays_on(*adopted).counted(date.fromisoformat(start), count)
    assert (found.day.isoformat(), found.uncovered) == (due, uncovered)


@given(WORKED, st.integers(-60, 60), st.sets(st.sampled_from(LISTED)))
def test_a_year_of_holidays_changes_no_other_year(day: date, count: int, some: set[Holiday]) -> None:
    """A result that names no year stays the same whatever is adopted for further years."""
    calendar = WorkingCalendar(tuple(one for one in LISTED if one.date.year in {listed.date.year for listed in some}))
    due, uncovered = calendar.counted(day, count)
    if not uncovered:
        assert WORKING.counted(day, count).day == due


def test_the_calendar_is_read_from_the_adopted_text() -> None:
    """The list in the log is the source; a text that is none is refused."""
    text = json.dumps({"country": "ID", "holidays": [one.model_dump(mode="json") for one in LISTED]})
    assert WorkingCalendar.from_text(text).holidays == WORKING.holidays
    for bad in ("", "[]", '{"country": "ID", "holidays": []}', text.replace('"ID"', '"MY"')):
        for strict in (False, True):
            with pytest.raises(DateError, match="bukan daftar hari libur"):
                WorkingCalendar.from_text(bad, strict=strict)


@pytest.mark.fault(
    "bug-reports V4",
    kind="What decisions rest on is read with less care than a request.",
    looked="Adopted holidays, policies, profiles, opening days and regions; what has been adopted is read as before.",
    found="Numbers of days as text in a policy, dates with an hour in a region table, keys given twice in holidays.",
)
@pytest.mark.parametrize(
    "day", ["1798761600", '"1798761600"', '"2027-01-01T00:00:00+09:00"', '"2027-01-01", "name": "y"']
)
def test_holidays_are_adopted_by_their_dates(day: str) -> None:
    """A list that names days otherwise is not adopted; one that an earlier release adopted is read as it was."""
    text = f'{{"country": "ID", "holidays": [{{"date": {day}, "name": "x"}}]}}'
    with pytest.raises(DateError, match=r"holidays\.0\."):
        WorkingCalendar.from_text(text, strict=True)
    if "T00" not in day:
        assert [*WorkingCalendar.from_text(text).holidays] == [date(2027, 1, 1)]
