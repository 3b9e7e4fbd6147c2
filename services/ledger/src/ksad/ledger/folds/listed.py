"""The projections: pure folds of journal entries into tables, listed here once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ksad.ledger.folds.recap import RecapProjection
from ksad.ledger.folds.register import RegisterProjection
from ksad.ledger.folds.reports import ReportsProjection
from ksad.ledger.folds.tasks import TasksProjection
from ksad.ledger.folds.timeline import TimelineProjection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.ledger.folds.rows import Event, Rows, Table


class Projection(Protocol):
    """Four implementations, listed below. ``version`` counts the changes of the code: another one needs a rebuild."""

    name: str
    version: int

    @property
    def tables(self) -> Sequence[Table]:
        """The tables it writes."""
        ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The event types it folds, by prefix."""
        ...

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold the journal entry at ``index`` into the rows: no clock, no id, nothing outside the rows."""
        ...


PROJECTIONS: tuple[Projection, ...] = (
    RegisterProjection(),
    TimelineProjection(),
    TasksProjection(),
    RecapProjection(),
    ReportsProjection(),
)
