"""The day on which the platform was opened for the regions, as adopted: what happened before is a legacy fact."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ksad.contracts.identifiers import Key, RegionCode
from ksad.contracts.law.model import Value, Words
from ksad.contracts.strict import Day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.regions import RegionTable


class Openings(Value):
    """The opening day of all regions, and those of single regions that differ, by any code that the region has had."""

    id: Key
    says: Words
    default: Day
    regions: Annotated[dict[RegionCode, Day], Field(default_factory=dict)]

    def day(self, parties: Iterable[str], table: RegionTable) -> date:
        """The opening day of a cooperation: the latest among its parties, each known by its lineage."""
        days = {table.code_on(code, date.max): day for code, day in self.regions.items()}
        return max((days.get(table.code_on(code, date.max), self.default) for code in parties), default=self.default)
