"""How the registry's rules refuse, and the dates that all of them take for plausible."""

from __future__ import annotations

from datetime import date, timedelta

from ksad.contracts.rules import RuleBrokenError

FIRST_DAY = date(1945, 8, 17)
YEARS_AHEAD_MAX = 100


def broken(rule: str, detail: str, clause: str | None = None, *, status: int = 422, **given: object) -> RuleBrokenError:
    """A refusal; 409 where the present state stands in the way, 422 where the input does."""
    error = RuleBrokenError(rule, detail, clause, **given)
    error.status = status  # type: ignore[attr-defined] # read at the edge
    return error


def check_date(on: date, today: date) -> None:
    """A fact lies between independence and today; of a partly known date the first day counts."""
    if on < FIRST_DAY:
        raise broken("date-plausible", f"Tanggal {on} sebelum 17 Agustus 1945. Periksa tahunnya.", on=on)
    if on > today:
        raise broken("date-not-future", f"Tanggal {on} belum tiba (hari ini {today}). Catat setelah terjadi.", on=on)


def check_planned(day: date | None, today: date, name: str) -> None:
    """A planned date lies within a hundred years."""
    if day is not None and not FIRST_DAY <= day <= today + timedelta(days=366 * YEARS_AHEAD_MAX):
        raise broken("date-plausible", f"{name} {day} tidak masuk akal. Periksa tahunnya.", field=name)
