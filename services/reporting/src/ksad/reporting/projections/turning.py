"""Finds where the journal says that regions have other codes from some entry on, reading as little of it as will do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ksad.ledger.folds import recap
from ksad.ledger.folds.decoding import decode
from ksad.ledger.folds.regions import MIDNIGHT, MOVING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.ledger.folds.recap import RegionTurn
    from ksad.ledger.folds.rows import Event
    from ksad.ledger.log.entries import Entry
    from ksad.reporting.projections.pieces import PieceReader

REFERENCE = "reference/adopted"
TIME = b'"time":"'


def turns(reader: PieceReader, size: int) -> list[RegionTurn]:
    """The turns among the entries below ``size``.

    What may bring one is a fact about regions, or the first fact of a day on which a code changes.
    """
    found: list[RegionTurn] = []
    stops = [(one.number, event) for one in reader.stream(REFERENCE, size) for event in _moving(one)]
    start = 0
    for stop, event in [*stops, (size, None)]:
        _passed(reader, found, start, stop)
        if event is not None:
            _add(found, stop, event)
        start = stop + 1
    return found


def _moving(entry: Entry) -> Iterator[Event]:
    try:
        event = decode(entry.raw)
    except LookupError:
        return  # whoever folds it says so
    if event["type"] in MOVING:
        yield event


def _passed(reader: PieceReader, found: list[RegionTurn], start: int, stop: int) -> None:
    """Adds the turns of days that pass in an interval."""
    while (day := _next_day(found)) is not None:
        # As text: an envelope's time is in UTC and in the form of ISO 8601.
        first = f"{(day - timedelta(days=1)).isoformat()}{MIDNIGHT}".encode()
        for entry in reader.between(start, stop):
            # The last member of this name is the envelope's: only its type comes after it.
            at = entry.raw.rfind(TIME) + len(TIME)
            if entry.raw[at : at + len(first)] < first:
                continue
            event = next(_counted(entry), None)
            if event is not None and _add(found, entry.number, event):
                start = entry.number + 1
                break
        else:
            return


def _counted(entry: Entry) -> Iterator[Event]:
    try:
        event = decode(entry.raw)
    except LookupError:
        return  # whoever folds it says so
    if event["type"].startswith(recap.RecapProjection.prefixes):
        yield event


def _next_day(found: list[RegionTurn]) -> date | None:
    if not found:
        return None
    homes = found[-1].homes
    return homes.regions.table.next_change(homes.day)


def _add(found: list[RegionTurn], index: int, event: Event) -> bool:
    turn = recap.turn_after(found[-1] if found else None, index, event)
    if turn is None:
        return False
    found.append(turn)
    return True
