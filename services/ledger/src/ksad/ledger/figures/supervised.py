"""Who supervised a cooperation and each of its agreements, and who settled their disputes, from which day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.register import AGREEMENT_RESOLVED, RESOLVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ksad.ledger.figures.reading import Event

Resolution = dict[str, Any]


class SupervisedBy:
    """The resolutions of one cooperation in the order of the days from which they hold.

    One that is recorded later and holds from an earlier day replaces what was resolved from that day on.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        """:param events: the events of the cooperation's stream of supervision that count."""
        self._whole: list[Resolution] = []
        self._parts: dict[str, list[Resolution]] = {}
        for event in events:
            data = event["data"]
            if event["type"] == RESOLVED:
                _resolve(self._whole, data)
            elif event["type"] == AGREEMENT_RESOLVED:
                _resolve(self._parts.setdefault(data["agreement"], []), data)

    def on(self, day: str, agreement: str | None = None) -> Resolution | None:
        """What holds on a day for an agreement, or for the whole cooperation; ``None`` before it was resolved."""
        found = [one for one in self._parts.get(agreement or "", ()) if one["holds_from"] <= day]
        found = found or [one for one in self._whole if one["holds_from"] <= day]
        return found[-1] if found else None

    def body(self, day: str, agreement: str | None = None) -> str | None:
        """The supervising body on a day."""
        found = self.on(day, agreement)
        return None if found is None else found["supervising_body"]

    def bodies(self, first: str, last: str) -> set[str]:
        """All bodies that supervised it, or one of its agreements, on some day from ``first`` to ``last``."""
        return {one["supervising_body"] for line in self._lines() for one in _within(line, first, last)}

    def handed(self, body: str, first: str, last: str) -> tuple[str, str] | None:
        """The day on which the whole cooperation passed from a body to another in these days, and the other."""
        passed = None
        for before, after in zip(self._whole, self._whole[1:], strict=False):
            left = before["supervising_body"] == body != after["supervising_body"]
            if left and first <= after["holds_from"] <= last:
                passed = after["holds_from"], after["supervising_body"]
        return passed

    def _lines(self) -> Iterator[list[Resolution]]:
        yield self._whole
        yield from self._parts.values()


def _resolve(line: list[Resolution], data: Resolution) -> None:
    while line and line[-1]["holds_from"] >= data["holds_from"]:
        line.pop()
    line.append(data)


def _within(line: list[Resolution], first: str, last: str) -> Iterator[Resolution]:
    """The resolutions that hold on some day from ``first`` to ``last``."""
    for number, one in enumerate(line):
        ends = line[number + 1]["holds_from"] if number + 1 < len(line) else None
        if one["holds_from"] <= last and (ends is None or ends > first):
            yield one
