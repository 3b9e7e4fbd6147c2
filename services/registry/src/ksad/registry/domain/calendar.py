"""The calendar of facts: which dates are plausible, and which day may pass next."""

from __future__ import annotations

from datetime import date, timedelta

from ksad.contracts.rules import RefusalKind, RuleBrokenError

FIRST_DAY = date(1945, 8, 17)
YEARS_AHEAD_MAX = 100


def check_date(on: date, today: date) -> None:
    """A fact lies between independence and today; of a partly known date the first day counts."""
    if on < FIRST_DAY:
        raise RuleBrokenError("date-plausible", f"Tanggal {on} sebelum 17 Agustus 1945. Periksa tahunnya.", on=on)
    if on > today:
        raise RuleBrokenError(
            "date-not-future", f"Tanggal {on} belum tiba (hari ini {today}). Catat setelah terjadi.", on=on
        )


def check_planned(day: date | None, today: date, name: str) -> None:
    """A planned date lies within a hundred years."""
    if day is not None and not FIRST_DAY <= day <= today + timedelta(days=366 * YEARS_AHEAD_MAX):
        raise RuleBrokenError("date-plausible", f"{name} {day} tidak masuk akal. Periksa tahunnya.", field=name)


def check_next_day(day: date, last: date | None, today: date) -> None:
    """Days pass one after the other, without gaps after the first, and only when they are over."""
    if last is not None and day <= last:
        detail = f"Hari {day} sudah lewat; hari terakhir {last}."
        raise RuleBrokenError("day-ascending", detail, kind=RefusalKind.CONFLICT, last=last)
    if last is not None and (day - last).days > 1:
        detail = f"Setelah {last} datang hari berikutnya, bukan {day}. Lewatkan hari satu per satu."
        raise RuleBrokenError("day-contiguous", detail, kind=RefusalKind.CONFLICT, last=last)
    check_planned(day, today, "day")
    if day > today:
        raise RuleBrokenError("day-over", f"Hari {day} belum berlalu.", kind=RefusalKind.CONFLICT)
