"""The streams that a report needs, selected by the tables of projections and read from the journal."""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ksad.ledger.figures.source import EVALUATION, OVERSIGHT, PAPERS, KeptTask, Recorded
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.folds.register import COOPERATIONS, SUPERVISED, RegisterProjection
from ksad.ledger.folds.tasks import OWED, TASKS, TasksProjection
from ksad.ledger.log.entries import Entry
from ksad.reporting.journal import streams
from ksad.reporting.projections import generations
from ksad.reporting.projections.tables import sql_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.ledger.figures.source import LookBack
    from ksad.ledger.folds.rows import Table
    from ksad.ledger.log.tree import Frontier
    from ksad.reporting.journal import Journal

IN_MAX = 500
SELECTING = (RegisterProjection(), TasksProjection())
"""The projections whose tables select."""


@cache
def _table(of: Table, number: int) -> sa.Table:
    """The SQL table of a generation, described once."""
    return sql_table(of, number, sa.MetaData())


class SelectedStreams:
    """The journal up to the size that all projections have folded, within one transaction that reads.

    A :class:`ksad.ledger.figures.source.ReportSource`. What the live tables say of a row may be later than that size,
    so they select, and always more than is needed; a selected stream is folded from its entries below the size, but for
    a task whose row says the same (:meth:`kept`).
    """

    def __init__(self, journal: Journal, connection: sa.Connection) -> None:
        self._journal = journal
        self._connection = connection
        live = {one.name: one for one in generations.live(connection)}
        self.size = min(one.position for one in live.values())
        register, tasks = live[RegisterProjection.name], live[TasksProjection.name]
        self._selecting = {(one.name, one.number) for one in (register, tasks)}
        self._cooperations = _table(COOPERATIONS, register.number)
        self._supervised = _table(SUPERVISED, register.number)
        self._owed = _table(OWED, tasks.number)
        self._tasks = _table(TASKS, tasks.number)

    def check(self) -> None:
        """Checks that what selects has folded everything.

        :raises PoisonError: it could not fold some stream, which may concern any report.
        """
        for each in generations.parked_list(self._connection):
            if (each["name"], each["number"]) in self._selecting:
                (found,) = self._journal.at(self._connection, [each["entry"]])
                raise PoisonError(each["name"], Entry(each["entry"], b""), found["event"], each["reason"])

    @cached_property
    def frontier(self) -> Frontier:
        """The frontier of the tree over the entries."""
        return self._journal.frontier_at(self._connection, self.size)

    def streams(self, subjects: Iterable[str]) -> Mapping[str, Sequence[Recorded]]:
        """The entries of some streams."""
        found = streams.streams(self._connection, subjects, self.size)
        return {subject: [Recorded(*one) for one in entries] for subject, entries in found.items()}

    def newest(self, subject: str) -> Recorded | None:
        """The last entry of a stream."""
        found = streams.newest(self._connection, subject, self.size)
        return None if found is None else Recorded(*found)

    def kept(self, tasks: Iterable[str], reach: LookBack) -> Mapping[str, KeptTask]:
        """Those whose live row is what the fold of their stream would give; see :func:`_stands`."""
        found: dict[str, dict[str, Any]] = {}
        wanted = list(tasks)
        for start in range(0, len(wanted), IN_MAX):
            query = sa.select(self._tasks).where(self._tasks.c.task_id.in_(wanted[start : start + IN_MAX]))
            for values in self._connection.execute(query):
                row = TASKS.unpack(values)
                if row["changed_index"] < self.size and _stands(row, reach):
                    # Where it stands in the log is of no fold.
                    found[values[0]] = row | {"changed_index": 0}
        entries = streams.numbers(self._connection, [f"task/{one}" for one in found], self.size)
        return {one: KeptTask(row, entries[f"task/{one}"]) for one, row in found.items()}

    def cooperations(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """Those of a body that were not closed before the reach."""
        one = self._cooperations.c
        query = sa.select(one.cooperation_id).where(
            sa.or_(one.closed_on.is_(None), one.closed_on >= reach.first, one.changed_index >= reach.known)
        )
        if body is not None:
            mine = self._supervised.c
            query = query.join(self._supervised, mine.cooperation_id == one.cooperation_id).where(mine.office == body)
        return self._connection.execute(query).scalars()

    def informing(self, governor: str | None) -> Iterable[str]:
        """Those of which a Governor was ever to be informed."""
        one = self._supervised.c
        told = one.office.startswith("governor:") if governor is None else one.office == governor
        return self._connection.execute(sa.select(one.cooperation_id).where(told).distinct()).scalars()

    def tasks(self, body: str | None, reach: LookBack) -> Iterable[str]:
        """Those of a body that were not closed before the reach."""
        one = self._owed.c
        mine = (one.arose_on <= reach.last, *(() if body is None else (one.body == body,)))
        # One query for each, so that each goes by its index.
        bounds = (one.closed_on.is_(None), one.closed_on >= reach.first, one.known_index >= reach.known)
        query = sa.union(*(sa.select(one.task_id).where(*mine, bound) for bound in bounds))
        return self._connection.execute(query).scalars()

    def answering(self, cooperations: Iterable[str], reach: LookBack) -> Iterable[str]:
        """Papers of any time, evaluations and findings within the reach."""
        one = self._owed.c
        wanted = list(cooperations)
        for start in range(0, len(wanted), IN_MAX):
            here = sa.and_(one.cooperation_id.in_(wanted[start : start + IN_MAX]), one.arose_on <= reach.last)
            papers = sa.select(one.task_id).where(here, one.duty.in_(PAPERS), one.closed_on.is_not(None))
            compared = sa.select(one.task_id).where(
                here, one.duty.in_((EVALUATION, OVERSIGHT)), one.closed_on >= reach.evaluated
            )
            yield from self._connection.execute(sa.union(papers, compared)).scalars()


def _stands(row: dict[str, Any], reach: LookBack) -> bool:
    """Whether a row may be told as it is, by what :meth:`ksad.ledger.figures.source.ReportSource.kept` promises."""
    detail = row["detail"]
    if row["duty"] is None or detail["handovers"] or detail["last_on"] > reach.last:
        return False
    return bool(detail["first_on"] >= reach.first or row["changed_index"] < reach.known)
