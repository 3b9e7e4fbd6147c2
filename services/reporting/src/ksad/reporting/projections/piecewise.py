"""Builds generations piece by piece up to a size of the journal, and keeps how far each has come."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.recap import MEMBERS, RECAP, RecapProjection, kept_turn
from ksad.reporting.projections import generations
from ksad.reporting.projections.crew import Alone, Crew, FoldedAlike
from ksad.reporting.projections.generations import MovedError, pieces
from ksad.reporting.projections.pieces import Piece, PieceReader, added, summed
from ksad.reporting.projections.stored import write_rows
from ksad.reporting.projections.turning import turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from threading import Event as Signal

    from ksad.chassis.database import Database
    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Table
    from ksad.reporting.journal import Journal
    from ksad.reporting.projections.generations import Generation
    from ksad.reporting.projections.pieces import Folded, Packed, Sums

    Progress = Callable[[int, int], None]

PIECE = 4_000
"""Entries of a piece: so few that its rows are written within a tenth of a second, for as long as others wait."""
PIECES_FROM = 5_000
"""A journal of fewer entries is folded in its order."""
PROCESSES_FROM = 50_000
"""A journal of fewer entries is folded sooner than processes have started."""


class PiecewisePart(NamedTuple):
    """Generations that have come equally far: ``done`` of ``of`` pieces of the journal's first ``size`` entries."""

    group: list[Generation]
    size: int
    of: int
    done: int
    sums: Sums

    def pieces(self) -> list[Piece]:
        """The pieces that are left."""
        return [Piece(number, self.of, self.size) for number in range(self.done, self.of)]


class PiecewiseBuild:
    """Fills new generations by all processors."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        projections: Mapping[str, Projection],
        workers: int | None = None,
    ) -> None:
        """:param projections: those that are built; what is not of this release's list, is left as it is.
        :param workers: the number of processes; 0 for none; default: one for each processor if it is worth it.
        """
        self._database = database
        self._journal = journal
        # Each process folds by the list of the release.
        self._projections = {name: one for name, one in projections.items() if one in PROJECTIONS}
        self._workers = workers

    def build(
        self, building: Sequence[Generation], cancel: Signal | None, progress: Progress | None
    ) -> tuple[int, list[Generation]] | None:
        """The number of entries folded, and the generations afterwards; ``None`` if cancelled.

        :raises PoisonError: an entry cannot be folded.
        :raises WorkerLostError: a process was killed; the next call goes on after the last piece that was written.
        :raises MovedError: another rebuild works on one of the generations.
        """
        entries, after = 0, {one.name: one for one in building}
        for part in self._begun([one for one in building if one.position == 0 and one.name in self._projections]):
            with self._folding(part) as (folder, common):
                for piece, folded in zip(part.pieces(), folder.fold(part.pieces()), strict=True):
                    if cancel is not None and cancel.is_set():
                        return None
                    added(part.sums, folded)
                    moved = self._write(part, piece, folded, common)
                    after |= {one.name: one for one in moved}
                    entries += folded.entries
                    if progress is not None:
                        progress(part.size * (piece.number + 1) // part.of, self._journal.head().size)
        return entries, list(after.values())

    def _begun(self, building: Sequence[Generation]) -> list[PiecewisePart]:
        """The generations by how far they have come, with a size for those that begin."""
        if not building:
            return []
        with self._database.write() as connection:
            generations.lock(connection)
            generations.check_unmoved(connection, building)
            size = self._journal.size(connection)
            found: dict[tuple[int, int, int], PiecewisePart] = {}
            for one in building:
                row = connection.execute(sa.select(pieces).where(*_of(one))).one_or_none()
                if row is None:
                    if size < PIECES_FROM:
                        continue
                    of = -(-size // PIECE) + 1
                    connection.execute(sa.insert(pieces).values(**_key(one), size=size, of=of, done=0, sums="{}"))
                    place, sums = (size, of, 0), {}
                else:
                    place, sums = (row.size, row.of, row.done), orjson.loads(row.sums)
                part = found.setdefault(place, PiecewisePart([], *place, {}))
                part.group.append(one)
                part.sums.update(sums)
        return list(found.values())

    @contextmanager
    def _folding(self, part: PiecewisePart) -> Iterator[tuple[Alone | Crew, FoldedAlike]]:
        names = [one.name for one in part.group]
        with self._database.read() as connection:
            mark = "?" if self._database.dialect == "sqlite" else "%s"
            options = {} if self._database.dialect == "sqlite" else {"binary": True}
            reader = PieceReader(lambda: connection.connection.cursor(**options), mark)
            common = FoldedAlike(names, turns(reader, part.size) if RecapProjection.name in names else [])
            workers = self._number(part.size)
            if workers == 0:
                yield Alone(reader, common), common
                return
        with Crew(self._database.url, common, workers) as crew:
            yield crew, common

    def _number(self, size: int) -> int:
        if self._workers is not None:
            return self._workers
        return (os.cpu_count() or 1) if size >= PROCESSES_FROM else 0

    def _write(self, part: PiecewisePart, piece: Piece, folded: Folded, common: FoldedAlike) -> list[Generation]:
        """Writes the rows of a piece and that it is done; after the last one the generations stand at the size."""
        with self._database.write() as connection:
            for one in part.group:
                sums = orjson.dumps(part.sums).decode() if one.name == RecapProjection.name else "{}"
                step = sa.update(pieces).where(*_of(one), pieces.c.done == piece.number)
                if connection.execute(step.values(done=piece.number + 1, sums=sums)).rowcount != 1:
                    raise MovedError(part.group)
                for table in self._projections[one.name].tables:
                    self._add(connection, one, table, folded.rows.get(table.name, []))
            if not piece.rest:
                return part.group
            for one in part.group:
                connection.execute(sa.delete(pieces).where(*_of(one)))
                if one.name == RecapProjection.name:
                    self._add(connection, one, RECAP, summed(part.sums))
                    self._add(connection, one, MEMBERS, kept_turn(common.turns[-1]) if common.turns else [])
            return generations.move(connection, part.group, part.size)

    def _add(self, connection: sa.Connection, one: Generation, table: Table, rows: list[Packed]) -> None:
        if rows:
            write_rows(connection, table, one.number, rows, insert_only=True)


def _key(one: Generation) -> dict[str, str | int]:
    return {"name": one.name, "number": one.number}


def _of(one: Generation) -> Iterable[sa.ColumnElement[bool]]:
    return pieces.c.name == one.name, pieces.c.number == one.number
