"""The regions as the log adopted them: the newest table, with every boundary change that was recorded.

All services, projections, reports and feeds read a region's code and province here, so that they give one answer. A
boundary change holds from the day that it names, however early it was recorded. It outlives the table that it was
recorded on: of a region whose new code a later table knows, that table is believed; otherwise the change is applied.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ksad.contracts.regions.table import RegionTable
from ksad.contracts.rules import RuleBrokenError


class BoundaryChange(NamedTuple):
    """From a day on a region goes on under another code."""

    region: str
    successor: str
    effective_on: date


class AdoptedRegions(NamedTuple):
    """The adopted text and the boundary changes in the order in which they were recorded. Immutable."""

    text: str | None = None
    changes: tuple[BoundaryChange, ...] = ()

    def adopting(self, text: str) -> AdoptedRegions:
        """The regions after a table was adopted; the boundary changes stay."""
        return self._replace(text=text)

    def changing(self, region: str, successor: str, effective_on: date) -> AdoptedRegions:
        """The regions after a boundary change was recorded."""
        return self._replace(changes=(*self.changes, BoundaryChange(region, successor, effective_on)))

    @property
    def table(self) -> RegionTable:
        """The table to ask; without an adopted text it has no region.

        :raises RegionTextError: the text has faults.
        """
        return _table(self.text, self.changes)

    def contradicting(self, text: str) -> list[BoundaryChange]:
        """The recorded changes that a text neither knows nor leaves room for: adopting it would undo them.

        :raises RegionTextError: the text has faults.
        """
        table, found = RegionTable.from_csv(text), []
        for change in self.changes:
            after = _changed(table, change)
            if after is table and not _known(table, change):
                found.append(change)
            table = after
        return found


@lru_cache(maxsize=16)
def _table(text: str | None, changes: tuple[BoundaryChange, ...]) -> RegionTable:
    table = RegionTable(()) if text is None else RegionTable.from_csv(text)
    for change in changes:
        table = _changed(table, change)
    return table


def _changed(table: RegionTable, change: BoundaryChange) -> RegionTable:
    # The change was held against the table of its day. A fold refuses nothing: a later table may know better.
    try:
        return table.with_boundary_change(*change)
    except RuleBrokenError:
        return table


def _known(table: RegionTable, change: BoundaryChange) -> bool:
    """Whether a table has the region under its new code, since whatever day."""
    try:
        return table.lineage(change.successor) == table.lineage(change.region)
    except RuleBrokenError:
        return False
