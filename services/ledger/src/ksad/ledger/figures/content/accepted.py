"""What an R3 takes from the accepted R2 reports: their figures as frozen, and what has changed since."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ksad.ledger.figures.content.values import FigureName, Printed, Text


class AcceptedPeriod(Printed):
    """One period for which a report is owed; ``version`` and ``rules`` are ``None`` where none has been accepted."""

    period: Text
    version: Annotated[int, Field(ge=1)] | None
    rules: Annotated[int, Field(ge=1)] | None


class AcceptedFigure(Printed):
    """One figure: its value in each period's report, and over all of them.

    A *flow* is summed, a *stock* is that of the last report. ``deltas`` are the same figure computed now, less the
    value as frozen; ``None`` where there is no report or it cannot be computed.
    """

    name: FigureName
    label: Text
    unit: Text
    kind: Literal["flow", "stock"]
    values: tuple[int | None, ...]
    deltas: tuple[int | None, ...]

    @property
    def total(self) -> int | None:
        """The figure over all accepted reports."""
        known = [value for value in self.values if value is not None]
        if not known:
            return None
        return sum(known) if self.kind == "flow" else known[-1]

    @property
    def delta(self) -> int | None:
        """What has changed since, over all accepted reports."""
        known = [delta for delta in self.deltas if delta is not None]
        if not known:
            return None
        return sum(known) if self.kind == "flow" else known[-1]


class AcceptedFigures(Printed):
    """The figures of all accepted reports, by period."""

    periods: tuple[AcceptedPeriod, ...]
    figures: tuple[AcceptedFigure, ...]
