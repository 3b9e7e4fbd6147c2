"""Selects what belongs to a report's period: what was open on at least one of its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.dates import Period
    from ksad.ledger.rules.v1.prefix import Row


class Span(NamedTuple):
    """The first and last day of a period as ISO 8601 text, the form of dates in events."""

    first: str
    last: str

    @classmethod
    def of(cls, period: Period) -> Span:
        """The span of a period."""
        return cls(period.first.isoformat(), period.last.isoformat())

    def touches(self, begun: str, closed: str | None) -> bool:
        """Whether something that began on one day and closed on another, or is still open, was open in the period."""
        # As text: ISO 8601 dates of equal precision are ordered like their days.
        return begun <= self.last and (closed is None or closed >= self.first)

    def cooperations(self, listed: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
        """The cooperations registered by the end of the period and not over before it, by registration number."""
        mine = [one for one in listed if self.touches(one[1]["detail"]["registered_on"], _closed(one[1]))]
        return sorted(mine, key=lambda one: str(one[1]["key"]))

    def tasks(self, listed: Iterable[tuple[str, Row]]) -> list[tuple[str, Row]]:
        """The tasks scheduled by the end of the period and not over before it, by day of scheduling and due date."""
        mine = [one for one in listed if self.touches(one[1]["detail"]["scheduled_on"], _done(one[1]))]
        return sorted(
            mine, key=lambda one: (one[1]["detail"]["scheduled_on"], one[1]["due_on"], one[1]["clause"], one[0])
        )

    def matters(self, found: dict[str, dict[str, Any]], closed: str) -> dict[str, dict[str, Any]]:
        """The problems or disputes that were open in the period.

        :param closed: the field with the date on which one was over.
        """
        return {key: one for key, one in found.items() if self.touches(one["on"], one.get(closed))}


def _closed(row: Row) -> str | None:
    over: dict[str, str] | None = row["detail"]["ended"] or row["detail"].get("withdrawn")
    return None if over is None else over["on"]


def _done(row: Row) -> str | None:
    found: str | None = row["completed_on"] or row["detail"].get("cancelled_on")
    return found
