"""Selects what belongs to a report's period: what was open on at least one of its days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.dates import add_months

if TYPE_CHECKING:
    from ksad.contracts.dates import Period
    from ksad.ledger.figures.prefix import Row

COMPARED_MONTHS = 24
"""Evaluations and findings of so many months before the period are compared with those of the period."""


class Span(NamedTuple):
    """The first and last day of a period as ISO 8601 text, the form of dates in events."""

    first: str
    last: str

    @classmethod
    def of(cls, period: Period) -> Span:
        """The span of a period."""
        return cls(period.first.isoformat(), period.last.isoformat())

    @property
    def before(self) -> str:
        """The day before the first."""
        return (date.fromisoformat(self.first) - timedelta(days=1)).isoformat()

    @property
    def compared(self) -> str:
        """The first day from which evaluations and findings are compared."""
        return add_months(date.fromisoformat(self.first), -COMPARED_MONTHS).isoformat()

    def touches(self, begun: str, closed: str | None) -> bool:
        """Whether something that began on one day and closed on another, or is still open, was open in the period."""
        # As text: ISO 8601 dates of equal precision are ordered like their days.
        return begun <= self.last and (closed is None or closed >= self.first)

    def has(self, on: str | None) -> bool:
        """Whether a day lies in the period."""
        return on is not None and self.first <= on <= self.last

    def covers(self, cooperation: Row) -> bool:
        """Whether a cooperation was registered by the end of the period and not closed before it.

        One that ended and is not settled, or has an open matter, is not closed.
        """
        return self.touches(cooperation["detail"]["registered_on"], cooperation["closed_on"])

    def matters(self, found: dict[str, dict[str, Any]], closed: str) -> dict[str, dict[str, Any]]:
        """The problems or disputes that were open in the period.

        :param closed: the field with the date on which one was over.
        """
        # What is said of a matter before the day on which it arose makes none.
        return {key: one for key, one in found.items() if "on" in one and self.touches(one["on"], one.get(closed))}
