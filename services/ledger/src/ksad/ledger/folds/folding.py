"""Folding: journal entries into the rows of projections, in order, and what happens to one that cannot be folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ksad.ledger.folds.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Event, Rows
    from ksad.ledger.log.entries import Entry


class PoisonError(Exception):
    """An entry that a projection cannot fold: its stream is parked, or the rebuild stops."""

    def __init__(self, projection: str, entry: Entry, event: Event, reason: str) -> None:
        super().__init__(f"{projection}: entry {entry.number} ({event['type']}) of {event['subject']}: {reason}")
        self.projection = projection
        self.entry = entry
        self.kind = event["type"]
        self.stream = event["subject"]
        self.reason = reason


class Fold:
    """One projection with the rows it folds into, and the streams that it waits with."""

    def __init__(self, projection: Projection, rows: Rows) -> None:
        self.projection = projection
        self.rows = rows
        self.parked: set[str] = set()


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
