"""The regions as the log has them at some entry: what was adopted, the boundary changes, and the day that it is.

The day is the latest on which a fact so far was recorded, in Asia/Jakarta: the log's own clock, that of its services.
So a boundary change takes effect with the first fact that is recorded on its day or later, and no clock is asked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import load_fact
from ksad.contracts.dates import jakarta_day
from ksad.contracts.regions import AdoptedRegions, RegionTable
from ksad.contracts.registry import BoundaryChanged, ReferenceKind, ReferenceText

if TYPE_CHECKING:
    from collections.abc import Iterable

CHANGED = {"ksad.reference.boundary_changed.v1", "ksad.reference.boundary_changed.v2"}
TEXTS = {
    "ksad.reference.reference_adopted.v1",
    "ksad.reference.reference_adopted.v2",
    "ksad.reference.text_supplied.v1",
}
"""The event types that bring a text; all have its kind and content under the same names."""
MOVING = CHANGED | TEXTS
"""The event types that may change regions."""
MIDNIGHT = "T17"
"""The hour of UTC at which a day of Asia/Jakarta ends, which has had no other offset since 1964."""


def recorded_on(time: str) -> date:
    """The day of Asia/Jakarta on which a fact was recorded; ``time`` is that of its envelope."""
    return jakarta_day(datetime.fromisoformat(time))


def after(regions: AdoptedRegions, kind: str, data: dict[str, Any]) -> AdoptedRegions:
    """The regions after a fact; those before where the fact changes none, or cannot be read as one of its type."""
    try:
        fact = load_fact(kind, data)
        if isinstance(fact, BoundaryChanged):
            return regions.changing(fact.region, fact.successor, fact.effective_on)
        if isinstance(fact, ReferenceText) and fact.kind is ReferenceKind.REGIONS:
            RegionTable.from_csv(fact.content)
            return regions.adopting(fact.content)
    except (LookupError, ValueError):
        return regions
    return regions


class Homes(NamedTuple):
    """The regions on the log's day; `first` before there is a fact. Immutable."""

    regions: AdoptedRegions
    day: date
    ends: str
    """The beginning of the first ``time`` that belongs to a later day."""

    @classmethod
    def on(cls, regions: AdoptedRegions, day: date) -> Homes:
        """The regions on a day."""
        return cls(regions, day, f"{day.isoformat()}{MIDNIGHT}")

    def after(self, kind: str, data: dict[str, Any], time: str, /) -> Homes:
        """The same after one more fact."""
        day = recorded_on(time) if time >= self.ends else self.day
        regions = after(self.regions, kind, data) if kind in MOVING else self.regions
        if day == self.day and regions is self.regions:
            return self
        return Homes.on(regions, day)

    def moved(self, before: Homes, /) -> bool:
        """Whether a region may have another code than before."""
        if self.regions is not before.regions:
            return True
        return self.day != before.day and self.regions.table.changes_between(before.day, self.day)

    def code(self, code: str) -> str:
        """The code that a region has now; the given code where no region is known to have it, or exists now."""
        return self.regions.table.code_on(code, self.day)

    def province(self, code: str) -> str:
        """The code of the province that a region is, or lies in, now."""
        return self.code(code)[:2]

    def within(self, codes: Iterable[str]) -> frozenset[str]:
        """The provinces that regions are, or lie in, now."""
        return frozenset(map(self.province, codes))


FIRST = Homes.on(AdoptedRegions(), date.min)
"""Before the first fact."""
