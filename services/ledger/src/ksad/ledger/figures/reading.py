"""Reads a stream as it is known at a size of the log, and folds what of it had happened by a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.contracts.corrections import is_correction, substituted
from ksad.contracts.envelope import newest
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.ledger.figures.source import Recorded

Event = dict[str, Any]
Row = dict[str, Any]
# What a fold raises when data lack a field or have another shape than it expects.
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)


class KnownStream(NamedTuple):
    """A stream with all corrections that are known applied, each event in its newest version, with its index."""

    entries: tuple[tuple[int, Event], ...]

    def by(self, day: str) -> list[Event]:
        """What of it had happened by the end of a day."""
        return [event for _, event in self.entries if event["occurredon"] <= day]

    def behind(self, day: str) -> list[int]:
        """The indexes of what had happened by a day, and of the corrections, whenever they were made."""
        return [at for at, event in self.entries if event["occurredon"] <= day or is_correction(event["type"])]


def known(recorded: Sequence[Recorded]) -> KnownStream:
    """A stream as all its entries make it.

    :raises PoisonError: an entry is of a type or version that this release does not know.
    """
    try:
        events = substituted([one.event for one in recorded])
    except UNREADABLE as error:
        raise _poison(recorded, error) from error
    return KnownStream(tuple(zip((one.entry for one in recorded), events, strict=True)))


def _poison(recorded: Sequence[Recorded], error: Exception) -> PoisonError:
    for one in recorded:
        try:
            newest(one.event)
        except UNREADABLE as found:
            return _error(one.entry, one.event, found)
    return _error(recorded[-1].entry, recorded[-1].event, error)


def _error(at: int, event: Event, error: Exception) -> PoisonError:
    return PoisonError("reports", Entry(at, orjson.dumps(event)), event, f"{type(error).__name__}: {error}")


def row_on(stream: KnownStream, day: str, fold: Callable[[list[Event]], Row]) -> Row:
    """The row that a fold makes of what had happened by a day.

    :raises PoisonError: the fold cannot read an event.
    """
    chosen = stream.by(day)
    try:
        return fold(chosen)
    except UNREADABLE as error:
        at, event = stream.entries[-1]
        raise _error(at, event, error) from error
