"""Applies journal entries to projections in order, and reports entries that cannot be folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ksad.ledger.folds.decoding import decode
from ksad.ledger.folds.poison import PoisonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Rows
    from ksad.ledger.log.entries import Entry


class Fold:
    """A projection, its rows, and its parked streams, whose events are skipped."""

    def __init__(self, projection: Projection, rows: Rows) -> None:
        self.projection = projection
        self.rows = rows
        self.parked: set[str] = set()


def fold(folds: Sequence[Fold], entries: Sequence[Entry]) -> None:
    """Applies entries to all given folds, in order.

    :raises PoisonError: an entry cannot be folded. The rows are then partly changed and must be discarded.
    """
    # By event type, the folds that take it. The prefixes are compared once per type instead of once per event.
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
            # What a fold raises when data lack a field or have another shape than it expects.
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                raise PoisonError(one.projection.name, entry, event, f"{type(error).__name__}: {error}") from error
