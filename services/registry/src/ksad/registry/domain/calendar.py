"""Rules of dates: which dates of facts and plans are plausible, and which day may pass next."""

from __future__ import annotations

from datetime import date, timedelta

from ksad.contracts.dates import INDEPENDENCE, in_words
from ksad.contracts.rules import RefusalKind, RuleBrokenError

# A limit of the platform against mistyped years (2206 for 2026); the regulation sets no longest term.
YEARS_AHEAD_MAX = 100


def check_plausible(on: date) -> None:
    """Checks that a date can be one of a cooperation.

    :raises RuleBrokenError: it is before independence.
    """
    if on < INDEPENDENCE:
        detail = f"Tanggal {in_words(on)} sebelum 17 Agustus 1945. Periksa tahunnya."
        raise RuleBrokenError("date-plausible", detail, on=on)


def check_date(on: date, today: date) -> None:
    """Checks the date of a decision.

    :raises RuleBrokenError: it is before independence or in the future.
    """
    check_plausible(on)
    if on > today:
        detail = f"Tanggal {in_words(on)} belum tiba. Catat setelah peristiwanya terjadi."
        raise RuleBrokenError("date-not-future", detail, on=on)


def check_planned(day: date | None, today: date, name: str) -> None:
    """Checks a planned date.

    :param name: the field, for programs.
    :raises RuleBrokenError: it is before independence or more than a hundred years ahead.
    """
    if day is not None and not INDEPENDENCE <= day <= today + timedelta(days=366 * YEARS_AHEAD_MAX):
        detail = f"Tanggal {in_words(day)} tidak masuk akal. Periksa tahunnya."
        raise RuleBrokenError("date-plausible", detail, field=name)


def check_next_day(day: date, last: date | None, opened_on: date | None, today: date) -> None:
    """Checks the next day to pass.

    :param opened_on: the day on which the platform was opened, or None: the first day to pass is not after it, since
        what falls due on a day that never passes is never owed.
    :raises RuleBrokenError: it does not follow the last day directly, is not plausible, or is not over.
    """
    if last is not None and day <= last:
        detail = f"Hari {in_words(day)} sudah lewat; hari terakhir {in_words(last)}."
        raise RuleBrokenError("day-ascending", detail, kind=RefusalKind.CONFLICT, last=last)
    if last is not None and (day - last).days > 1:
        detail = (
            f"Hari harus diproses berurutan; berikutnya {in_words(last + timedelta(days=1))}, bukan {in_words(day)}."
        )
        raise RuleBrokenError("day-contiguous", detail, kind=RefusalKind.CONFLICT, last=last)
    check_planned(day, today, "day")
    if day >= today:
        raise RuleBrokenError("day-over", f"Hari {in_words(day)} belum berlalu.", kind=RefusalKind.CONFLICT)
    if last is None and opened_on is not None and day > opened_on:
        detail = (
            f"Belum ada hari yang diproses; yang pertama paling lambat {in_words(opened_on)}, ketika platform dibuka, "
            f"bukan {in_words(day)}."
        )
        raise RuleBrokenError("day-contiguous", detail, kind=RefusalKind.CONFLICT, opened_on=opened_on)
