"""The list of projections. Each folds journal entries into tables of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ksad.ledger.folds.recap import RecapProjection
from ksad.ledger.folds.register import RegisterProjection
from ksad.ledger.folds.reports import ReportsProjection
from ksad.ledger.folds.tasks import TasksProjection
from ksad.ledger.folds.timeline import TimelineProjection
from ksad.ledger.folds.words import WordsProjection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.ledger.folds.rows import Event, Rows, Table


class Projection(Protocol):
    """A fold with its tables. ``version`` is raised with every change of the fold's results, and requires a rebuild."""

    name: str
    version: int

    @property
    def tables(self) -> Sequence[Table]:
        """The tables that it writes."""
        ...

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Prefixes of the event types that it folds."""
        ...

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies the journal entry at ``index``; the result depends on the rows and the event only."""
        ...


PROJECTIONS: tuple[Projection, ...] = (
    RegisterProjection(),
    TimelineProjection(),
    TasksProjection(),
    RecapProjection(),
    ReportsProjection(),
    WordsProjection(),
)
