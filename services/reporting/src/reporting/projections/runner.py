"""The runner: folds the journal into the projections' tables, in batches, exactly once, and rebuilds them.

Rows, position and version commit in one transaction. A rebuild makes a new generation beside the live one, can be
cancelled and resumed, and is switched in when it has caught up; the old generation stays for the way back.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from contracts.catalogue import DECLARATIONS, UPCASTERS, declaration_of
from reporting.projections import PROJECTIONS, Projection
from reporting.projections import generations as books
from reporting.projections.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event as Signal

    from chassis.database import Database
    from reporting.journal import Entry, Journal
    from reporting.projections.generations import Generation
    from reporting.projections.rows import Event

LIVE_BATCH = 500
REBUILD_BATCH = 20_000


class PoisonError(Exception):
    """An entry that a projection cannot fold: its stream is parked, or the rebuild stops."""

    def __init__(self, projection: str, entry: Entry, event: Event, reason: str) -> None:
        super().__init__(f"{projection}: entry {entry.number} ({event['type']}) of {event['subject']}: {reason}")
        self.projection = projection
        self.entry = entry
        self.stream = event["subject"]
        self.reason = reason


class Rebuilt(NamedTuple):
    """What a rebuild did: how many entries it folded, and whether its rows equal the ones it replaces."""

    events: int
    identical: bool
    differing: dict[str, int]
    switched: bool


class Fold:
    """One projection at one generation, with the rows it folds into."""

    def __init__(self, projection: Projection, generation: Generation) -> None:
        self.projection = projection
        self.generation = generation
        self.rows = Rows(projection.tables, generation.number, fresh=generation.position == 0)
        self.parked: set[str] = set()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the cycle collector out of a fold, which makes many rows and no cycles: it took a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def decode(raw: bytes) -> Event:
    """The event in a journal entry, its data upcast to the newest version of its type.

    :raises LookupError: the type is unknown, or newer than this code.
    """
    event: dict[str, Any] = orjson.loads(raw)
    kind = event["type"]
    if kind not in DECLARATIONS:
        declaration_of(kind)
    while kind in UPCASTERS:
        event["data"] = UPCASTERS[kind](event["data"])
        declaration = DECLARATIONS[kind]
        kind = event["type"] = f"{declaration.name}.v{declaration.version + 1}"
    return event


def fold(folds: Sequence[Fold], entries: Sequence[Entry]) -> None:
    """Fold entries into the rows of some projections.

    :raises PoisonError: an entry cannot be folded; the rows are then to be forgotten.
    """
    wanted: dict[str, list[tuple[Any, Rows, Fold]]] = {}
    for entry in entries:
        try:
            event = decode(entry.raw)
        except LookupError as error:
            event = orjson.loads(entry.raw)
            if all(event["subject"] in one.parked for one in folds):
                continue
            name = next(one.projection.name for one in folds if event["subject"] not in one.parked)
            raise PoisonError(name, entry, event, f"{type(error).__name__}: {error}") from error
        kind = event["type"]
        targets = wanted.get(kind)
        if targets is None:
            targets = wanted[kind] = [
                (one.projection.apply, one.rows, one) for one in folds if kind.startswith(one.projection.prefixes)
            ]
        for apply, rows, one in targets:
            if one.parked and event["subject"] in one.parked:
                continue
            try:
                apply(rows, entry.number, event)
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise PoisonError(one.projection.name, entry, event, f"{type(error).__name__}: {error}") from error


class Runner:
    """Keeps the live generations at the journal's head; rebuilds on demand."""

    def __init__(self, database: Database, journal: Journal, projections: Sequence[Projection] = PROJECTIONS) -> None:
        self.database = database
        self.journal = journal
        self.projections = {projection.name: projection for projection in projections}
        self._live: list[Fold] = []
        books.create(database)
        for projection in projections:
            books.ensure_live(database, projection)

    def _load(self, connection: sa.Connection, generation: Generation) -> Fold:
        one = Fold(self.projections[generation.name], generation)
        one.parked = books.parked_streams(connection, generation)
        one.rows.history = lambda stream, until: self.journal.history(one.rows.connection, stream, until)
        return one

    def step(self, limit: int = LIVE_BATCH) -> int:
        """Fold the next batch into every live generation that is behind; the number of entries folded."""
        with self.database.read() as connection:
            size = self.journal.size(connection)
            live = books.live(connection)
        behind = [generation for generation in live if generation.position < size and generation.follows(self)]
        if not behind:
            return 0
        position = min(generation.position for generation in behind)
        group = [generation for generation in behind if generation.position == position]
        try:
            return self._advance(self._folds(group), limit)
        except books.MovedError:
            self._live = []
            return 0

    def _folds(self, group: Sequence[Generation]) -> list[Fold]:
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

    def _advance(self, folds: Sequence[Fold], limit: int, *, park: bool = True) -> int:
        try:
            with self.database.write() as connection:
                position = folds[0].generation.position
                entries = self.journal.entries(connection, position, limit)
                if not entries:
                    return 0
                # The position first: another runner's transaction on these generations ends before this one goes on.
                moved = [books.move(connection, one.generation, position + len(entries)) for one in folds]
                for one in folds:
                    one.rows.bind(connection)
                fold(folds, entries)
                for one in folds:
                    one.rows.flush()
        except PoisonError as poison:
            self._forget(folds)
            if not park:
                raise
            guilty = next(one for one in folds if one.projection.name == poison.projection)
            with self.database.write() as connection:
                books.park(connection, guilty.generation, poison.stream, poison.entry.number, poison.reason)
            self._live = [one for one in self._live if one is not guilty]
            return 1
        except BaseException:
            self._forget(folds)
            raise
        for one, generation in zip(folds, moved, strict=True):
            one.generation = generation
        return len(entries)

    def _forget(self, folds: Sequence[Fold]) -> None:
        for one in folds:
            one.rows.forget()

    def catch_up(self, limit: int = LIVE_BATCH) -> int:
        """Fold until every live generation is at the journal's head; the number of entries folded."""
        total = 0
        with _no_collection():
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
        building = [books.begin(self.database, self.projections[name]) for name in chosen]
        with self.database.read() as connection:
            folds = [self._load(connection, generation) for generation in building]
        events = 0
        while True:
            if cancel is not None and cancel.is_set():
                return None
            least = min(one.generation.position for one in folds)
            group = [one for one in folds if one.generation.position == least]
            with _no_collection():
                count = self._advance(group, batch, park=False)
            events += count
            if count == 0:
                break
            if progress is not None:
                progress(group[0].generation.position, self.journal.head().size)
        with self.database.write() as connection:
            for one in folds:
                books.index(connection, one.projection, one.generation)
        return self._switch([one.generation for one in folds], events, switch=switch, compare=compare)

    def _switch(self, building: Sequence[Generation], events: int, *, switch: bool, compare: bool = True) -> Rebuilt:
        """Bring both sides to one position, compare their rows in one snapshot, and switch."""
        folds = self._folds(building)
        differing: dict[str, int] | None = None if compare else {}
        while True:
            while self._advance(folds, LIVE_BATCH, park=False):
                pass
            self.catch_up()
            if differing is None:
                differing = self._compare([one.generation for one in folds])
            with self.database.write() as connection:
                books.lock(connection)
                live = {generation.name: generation for generation in books.live(connection)}
                ready = [one.generation for one in folds]
                if differing is None or any(one.position < live[one.name].position for one in ready):
                    continue
                for one in ready:
                    if switch:
                        books.switch(connection, live[one.name], one)
                    else:
                        books.drop(connection, self.projections[one.name], one)
            self._live = []
            for one in ready:
                books.drop_retired(self.database, self.projections[one.name])
            return Rebuilt(events, not differing, differing, switch)

    def _compare(self, building: Sequence[Generation]) -> dict[str, int] | None:
        """How many rows differ, by projection; None while the two sides are not at one position."""
        differing: dict[str, int] = {}
        with self.database.read() as connection:
            live = {generation.name: generation for generation in books.live(connection)}
            for one in building:
                old = live[one.name]
                if old.follows(self) and old.position != one.position:
                    return None
                rows = books.differing_rows(connection, self.projections[one.name], old, one)
                if rows and old.follows(self):
                    differing[one.name] = rows
        return differing

    def switch_back(self, name: str) -> Generation:
        """Bring the retired generation of a projection up to the head and make it live again.

        :raises LookupError: there is none.
        """
        with self.database.read() as connection:
            retired = books.retired(connection, name)
        self._switch([retired], 0, switch=True)
        with self.database.read() as connection:
            return next(generation for generation in books.live(connection) if generation.name == name)
