"""Folds the journal into the live generations, in batches and exactly once: rows and position in one transaction."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from ksad.ledger.collection import without_collection
from ksad.ledger.folds.folding import fold
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.poison import PoisonError
from ksad.reporting.projections import generations
from ksad.reporting.projections.stored import StoredFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from ksad.chassis.database import Database
    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Event
    from ksad.reporting.journal import Journal
    from ksad.reporting.projections.generations import Generation

LIVE_BATCH = 500
"""Small, so that readers soon see what was recorded."""
PAGE = 200
"""Entries read at a time: few enough to stay in the processor's cache until they are folded."""


class LiveRunner:
    """Keeps the live generations up to date with the journal."""

    def __init__(self, database: Database, journal: Journal, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self.database = database
        self.journal = journal
        self.projections = {projection.name: projection for projection in projections}
        self._alone = Lock()
        self._live: list[StoredFold] = []
        for projection in projections:
            generations.ensure_live(database, projection)

    def _load(self, connection: sa.Connection, generation: Generation) -> StoredFold:
        def history(stream: str, until: int) -> list[Event]:
            return self.journal.history(one.rows.connection, stream, until)

        one = StoredFold(self.projections[generation.name], generation, history)
        one.parked = generations.parked_streams(connection, generation)
        return one

    def step(self, limit: int = LIVE_BATCH) -> int:
        """Folds the next batch into the live generations that are furthest behind; returns the number of entries
        folded.

        A rebuild in another thread calls it as well. A lock serialises the calls, because cached rows are shared.
        """
        with self._alone:
            return self._step(limit)

    def _step(self, limit: int) -> int:
        with self.database.read() as connection:
            size = self.journal.size(connection)
            live = generations.live(connection)
        behind = [one for one in live if one.position < size and one.follows(self.projections)]
        if not behind:
            return 0
        position = min(generation.position for generation in behind)
        group = [generation for generation in behind if generation.position == position]
        try:
            return self._advance(self._folds(group), limit)
        except generations.MovedError:
            self._live = []
            return 0

    def _folds(self, group: Sequence[Generation]) -> list[StoredFold]:
        """The folds of a group, with rows cached from the last batch unless another runner has advanced the
        generation.
        """
        known = {(one.generation.name, one.generation.number): one for one in self._live}
        folds = []
        for generation in group:
            one = known.get((generation.name, generation.number))
            if one is None or one.generation != generation:
                with self.database.read() as connection:
                    one = self._load(connection, generation)
            folds.append(one)
        self._live = [one for one in self._live if one not in folds] + folds
        return folds

    def _advance(self, folds: Sequence[StoredFold], limit: int, *, park: bool = True) -> int:
        try:
            with self.database.write() as connection:
                first = folds[0].generation.position
                end = min(first + limit, self.journal.size(connection))
                if end <= first:
                    return 0
                # The position is written first: the transaction then waits for another runner on these generations to
                # end.
                moved = generations.move(connection, [one.generation for one in folds], end)
                for one in folds:
                    one.rows.bind(connection)
                for start in range(first, end, PAGE):
                    fold(folds, self.journal.entries(connection, start, min(PAGE, end - start)))
                for one in folds:
                    one.rows.flush()
        except PoisonError as poison:
            self._forget(folds)
            if not park:
                raise
            guilty = next(one for one in folds if one.projection.name == poison.projection)
            with self.database.write() as connection:
                generations.park(connection, guilty.generation, poison.stream, poison.entry.number, poison.reason)
            self._live = [one for one in self._live if one is not guilty]
            # Counts as work, so that the next step follows at once, without the parked stream.
            return 1
        except BaseException:
            self._forget(folds)
            raise
        for one, generation in zip(folds, moved, strict=True):
            one.generation = generation
        return end - first

    def _forget(self, folds: Sequence[StoredFold]) -> None:
        for one in folds:
            one.rows.forget()

    def catch_up(self, limit: int = LIVE_BATCH) -> int:
        """Folds until every live generation is up to date; returns the number of entries folded."""
        total = 0
        with without_collection():
            while count := self.step(limit):
                total += count
        return total
