"""What rules of order have in common: what they find, and the dates that they compare.

A date that is partly known has several readings. What contradicts another date under each of them is impossible and is
refused; what is possible under one of them is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.dates import PartialDate, Precision, in_words
from ksad.registry.domain.chronology import Point, mark

if TYPE_CHECKING:
    from datetime import date

    from ksad.registry.domain.cooperation import Cooperation


class Breach(NamedTuple):
    """Why a fact is impossible, in Indonesian, and the values for programs."""

    detail: str
    facts: dict[str, Any]


def breach(detail: str, **facts: object) -> Breach:
    """A breach with its values."""
    return Breach(detail, facts)


def term(ends_on: date, precision: Precision | None) -> PartialDate:
    """The end of a term as exactly as it is known."""
    return PartialDate(first=ends_on, precision=precision or Precision.DAY)


def not_after(end: PartialDate, day: PartialDate) -> bool:
    """Whether an end lies on a day or before it, whatever days the two are."""
    return end.last <= day.first


def begun(state: Cooperation, agreement: str | None) -> tuple[str, PartialDate | None]:
    """Since when there is an agreement, or the cooperation where it has no beginning of its own; what began, in words.

    A draft is something that can have problems and parties: what counts is that it was opened, not signed.
    """
    opened = None if agreement is None else state.when(mark(Point.OPENED, agreement))
    if opened is not None:
        return "perjanjian ini baru disusun", opened
    return "kerja sama ini baru diusulkan", state.when(mark(Point.REGISTERED))


def since(what: str, day: PartialDate) -> str:
    """The clause ``kerja sama ini baru diusulkan pada 5 Mei 2026``."""
    return f"{what} pada {in_words(day)}"
