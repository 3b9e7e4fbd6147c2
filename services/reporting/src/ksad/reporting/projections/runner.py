"""Rebuilds projections: fills a new generation beside the live one, compares them, and replaces the live one.

A rebuild can be cancelled and resumed. The old generation is kept to return to. Most of the journal is folded by
pieces, in several processes; what was recorded meanwhile is folded in its order, as the live generations are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.collection import without_collection
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.reporting.projections import generations
from ksad.reporting.projections.comparing import differing_rows
from ksad.reporting.projections.live import LIVE_BATCH, LiveRunner
from ksad.reporting.projections.piecewise import PiecewiseBuild
from ksad.reporting.projections.sweeping import index, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from threading import Event as Signal

    from ksad.chassis.database import Database
    from ksad.ledger.folds.listed import Projection
    from ksad.reporting.journal import Journal
    from ksad.reporting.projections.generations import Generation

REBUILD_BATCH = 10_000
"""Larger than those of live generations, because each row is written once per batch, however many events change it."""


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


class Runner(LiveRunner):
    """Keeps the live generations up to date with the journal, and rebuilds projections on demand."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        projections: Sequence[Projection] = PROJECTIONS,
        workers: int | None = None,
    ) -> None:
        """:param workers: the processes of a rebuild, as for :class:`PiecewiseBuild`."""
        super().__init__(database, journal, projections)
        self._pieces = PiecewiseBuild(database, journal, self.projections, workers)
        self._renewed = False

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
        index(self.database, self.projections, built.generations)
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
        begun = self._pieces.build(building, cancel, progress)
        if begun is None:
            return None
        events, building = begun
        with self.database.read() as connection:
            folds = [self._load(connection, generation) for generation in building]
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
                        generations.discard(connection, one)
            with self._alone:
                self._live = []
            with self.database.write() as connection:
                for one in ready:
                    generations.discard_retired(connection, one.name)
            sweep(self.database, self.projections)
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
