"""Folds the journal into the projections' tables, in batches and exactly once, and rebuilds projections.

Rows and position are committed in one transaction. A rebuild fills a new generation beside the live one, can be
cancelled and resumed, and replaces the live one when it has caught up. The old generation is kept to return to.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.collection import without_collection
from ksad.ledger.folds.folding import fold
from ksad.ledger.folds.listed import PROJECTIONS, Projection
from ksad.ledger.folds.poison import PoisonError
from ksad.reporting.projections import generations
from ksad.reporting.projections.comparing import differing_rows
from ksad.reporting.projections.stored import StoredFold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event as Signal

    import sqlalchemy as sa

    from ksad.chassis.database import Database
    from ksad.ledger.folds.rows import Event
    from ksad.reporting.journal import Journal
    from ksad.reporting.projections.generations import Generation

# Live batches are small, so that readers soon see what was recorded. A rebuild's are large, because each row is written
# once per batch, however many events change it.
LIVE_BATCH = 500
REBUILD_BATCH = 100_000
PAGE = 200
"""Entries read at a time: few enough to stay in the processor's cache until they are folded."""


class Rebuilt(NamedTuple):
    """The result of a rebuild: entries folded, whether the rows equal those replaced, and different rows by
    projection.
    """

    events: int
    identical: bool
    differing: dict[str, int]
    switched: bool


class Built(NamedTuple):
    """The number of entries folded, and the generations afterwards."""

    events: int
    generations: list[Generation]


class Runner:
    """Keeps the live generations up to date with the journal, and rebuilds projections on demand."""

    def __init__(self, database: Database, journal: Journal, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self.database = database
        self.journal = journal
        self.projections = {projection.name: projection for projection in projections}
        self._alone = Lock()
        self._live: list[StoredFold] = []
        self._renewed = False
        for projection in projections:
            generations.ensure_live(database, projection)

    def _load(self, connection: sa.Connection, generation: Generation) -> StoredFold:
        def history(stream: str, until: int) -> list[Event]:
            return self.journal.history(one.rows.connection, stream, until)

        one = StoredFold(self.projections[generation.name], generation, history)
        one.parked = generations.parked_streams(connection, generation)
        return one

    def renew(self) -> None:
        """Rebuilds what other code has folded, once: after an upgrade the register goes on by itself.

        The old rows are read meanwhile, and stay retired, so that the release before can go back to them.
        """
        if self._renewed:
            return
        with self.database.read() as connection:
            live = generations.live(connection)
        old = [one.name for one in live if not one.follows(self.projections)]
        if old:
            self.rebuild(old, compare=False)
        self._renewed = True

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

    def rebuild(
        self,
        names: Sequence[str] = (),
        *,
        cancel: Signal | None = None,
        progress: Callable[[int, int], None] | None = None,
        switch: bool = True,
        compare: bool = True,
        batch: int = REBUILD_BATCH,
    ) -> Rebuilt | None:
        """Folds the whole journal into new generations, compares them with the live ones, and switches.

        A cancelled rebuild returns ``None``; the next call continues after its last batch.

        :param names: the projections; all if empty.
        :param compare: without it, the new rows become live uncompared.
        :param batch: the number of entries per transaction.
        :raises PoisonError: an entry cannot be folded. A rebuild does not park streams.
        :raises MovedError: another rebuild works on one of these projections; it goes on undisturbed.
        """
        chosen = list(names) or list(self.projections)
        with self.database.write() as connection:
            building = [generations.begin(connection, self.projections[name]) for name in chosen]
        built = self._build(building, cancel, progress, batch)
        if built is None:
            return None
        with self.database.write() as connection:
            generations.check_unmoved(connection, built.generations)
            for generation in built.generations:
                generations.index(connection, self.projections[generation.name], generation)
        return self._switch(built.generations, built.events, switch=switch, compare=compare)

    @without_collection()
    def _build(
        self,
        building: Sequence[Generation],
        cancel: Signal | None,
        progress: Callable[[int, int], None] | None,
        batch: int,
    ) -> Built | None:
        """Folds until the generations are up to date; ``None`` if cancelled."""
        with self.database.read() as connection:
            folds = [self._load(connection, generation) for generation in building]
        events = 0
        while cancel is None or not cancel.is_set():
            least = min(one.generation.position for one in folds)
            group = [one for one in folds if one.generation.position == least]
            count = self._advance(group, batch, park=False)
            if count == 0:
                return Built(events, [one.generation for one in folds])
            events += count
            if progress is not None:
                progress(group[0].generation.position, self.journal.head().size)
        return None

    def _switch(self, building: Sequence[Generation], events: int, *, switch: bool, compare: bool = True) -> Rebuilt:
        """Brings old and new generations to the same position, compares their rows in one snapshot, and switches."""
        with self.database.read() as connection:
            folds = [self._load(connection, generation) for generation in building]
        differing: dict[str, int] | None = None if compare else {}
        while True:
            # Without a lock on the live generations, which go on meanwhile; the last comparison of positions is under
            # the lock.
            while self._advance(folds, LIVE_BATCH, park=False):
                pass
            self.catch_up()
            if differing is None:
                differing = self._compare([one.generation for one in folds])
            with self.database.write() as connection:
                generations.lock(connection)
                live = {generation.name: generation for generation in generations.live(connection)}
                ready = [one.generation for one in folds]
                generations.check_unmoved(connection, ready)
                if differing is None or any(one.position < live[one.name].position for one in ready):
                    continue
                for one in ready:
                    if switch:
                        generations.switch(connection, live[one.name], one)
                    else:
                        generations.drop(connection, self.projections[one.name], one)
            with self._alone:
                self._live = []
            with self.database.write() as connection:
                for one in ready:
                    generations.drop_retired(connection, self.projections[one.name])
            return Rebuilt(events, not differing, differing, switch)

    def _compare(self, building: Sequence[Generation]) -> dict[str, int] | None:
        """The number of different rows by projection; ``None`` while the two sides are at different positions."""
        differing: dict[str, int] = {}
        with self.database.read() as connection:
            generations.check_unmoved(connection, building)
            live = {generation.name: generation for generation in generations.live(connection)}
            for one in building:
                old = live[one.name]
                if old.follows(self.projections) and old.position != one.position:
                    return None
                rows = differing_rows(connection, self.projections[one.name], old, one)
                if rows and old.follows(self.projections):
                    differing[one.name] = rows
        return differing

    def switch_back(self, name: str) -> Generation:
        """Brings the retired generation of a projection up to date and makes it live again.

        :raises LookupError: there is none.
        :raises MovedError: a rebuild works on the projection.
        """
        with self.database.read() as connection:
            retired = generations.retired(connection, name)
        self._switch([retired], 0, switch=True)
        with self.database.read() as connection:
            return next(generation for generation in generations.live(connection) if generation.name == name)
