"""The runner: folds the journal into the projections' tables, in batches, exactly once, and rebuilds them.

Rows, position and version commit in one transaction. A rebuild makes a new generation beside the live one, can be
cancelled and resumed, and is switched in when it has caught up; the old generation stays for the way back.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.collection import without_collection
from ksad.ledger.folds.folding import PoisonError, fold
from ksad.ledger.folds.listed import PROJECTIONS, Projection
from ksad.reporting.projections import generations
from ksad.reporting.projections.stored import StoredFold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event as Signal

    import sqlalchemy as sa

    from ksad.chassis.database import Database
    from ksad.ledger.folds.rows import Event
    from ksad.reporting.journal import Journal
    from ksad.reporting.projections.generations import Generation

LIVE_BATCH = 500
REBUILD_BATCH = 100_000
PAGE = 200
"""How many entries are read at once: so few that they stay in the processor's cache until they are folded."""


class Rebuilt(NamedTuple):
    """What a rebuild did: how many entries it folded, and whether its rows equal the ones it replaces."""

    events: int
    identical: bool
    differing: dict[str, int]
    switched: bool


class Built(NamedTuple):
    """How many entries were folded, and the generations as they stand then."""

    events: int
    generations: list[Generation]


class Runner:
    """Keeps the live generations at the journal's head; rebuilds on demand."""

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
        """Fold the next batch into every live generation that is behind; the number of entries folded.

        A rebuild steps, too, in another thread: they take turns, for they share the rows that are cached.
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
        """The folds of a group, with the rows cached from the last batch when nobody else moved them."""
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
                # The position first: another runner's transaction on these generations ends before this one goes on.
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
        """Fold until every live generation is at the journal's head; the number of entries folded."""
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
        """Fold the whole journal anew beside the live tables, compare, and switch; ``None`` when cancelled.

        :param compare: leave it out to switch without knowing whether the rows are equal.

        A cancelled rebuild stays where its last batch ended and goes on from there when called again.

        :raises PoisonError: an entry cannot be folded: a rebuild stops instead of parking.
        """
        chosen = list(names) or list(self.projections)
        with self.database.write() as connection:
            building = [generations.begin(connection, self.projections[name]) for name in chosen]
        built = self._build(building, cancel, progress, batch)
        if built is None:
            return None
        with self.database.write() as connection:
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
        """Fold until the generations are at the journal's head; None when cancelled."""
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
        """Bring both sides to one position, compare their rows in one snapshot, and switch."""
        with self.database.read() as connection:
            folds = [self._load(connection, generation) for generation in building]
        differing: dict[str, int] | None = None if compare else {}
        while True:
            while self._advance(folds, LIVE_BATCH, park=False):
                pass
            self.catch_up()
            if differing is None:
                differing = self._compare([one.generation for one in folds])
            with self.database.write() as connection:
                generations.lock(connection)
                live = {generation.name: generation for generation in generations.live(connection)}
                ready = [one.generation for one in folds]
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
        """How many rows differ, by projection; None while the two sides are not at one position."""
        differing: dict[str, int] = {}
        with self.database.read() as connection:
            live = {generation.name: generation for generation in generations.live(connection)}
            for one in building:
                old = live[one.name]
                if old.follows(self.projections) and old.position != one.position:
                    return None
                rows = generations.differing_rows(connection, self.projections[one.name], old, one)
                if rows and old.follows(self.projections):
                    differing[one.name] = rows
        return differing

    def switch_back(self, name: str) -> Generation:
        """Bring the retired generation of a projection up to the head and make it live again.

        :raises LookupError: there is none.
        """
        with self.database.read() as connection:
            retired = generations.retired(connection, name)
        self._switch([retired], 0, switch=True)
        with self.database.read() as connection:
            return next(generation for generation in generations.live(connection) if generation.name == name)
