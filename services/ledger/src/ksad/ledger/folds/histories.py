"""Keeps the events of corrected streams while a log is read in order, because a correction folds its stream again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ksad.ledger.folds.rows import Event
    from ksad.ledger.log.entries import Entry

CORRECTED = b"corrected.v"


class Histories:
    """The histories of streams with corrections, as bytes; an instance is the ``history`` of `rows.Rows`."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """:param leaves: the whole log, read once to find the streams that have corrections."""
        corrected = {orjson.loads(raw)["subject"] for raw in leaves if CORRECTED in raw}
        self._events: dict[str, list[tuple[int, bytes]]] = {stream: [] for stream in corrected}

    def noting(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Passes entries through, and keeps those of corrected streams."""
        for entry in entries:
            if self._events:
                kept = self._events.get(orjson.loads(entry.raw)["subject"])
                if kept is not None:
                    kept.append((entry.number, entry.raw))
            yield entry

    def __call__(self, stream: str, until: int) -> list[Event]:
        """The events of a stream up to and including entry ``until``, which must have been passed through.

        :raises KeyError: the log has no correction in this stream.
        """
        return [orjson.loads(raw) for number, raw in self._events[stream] if number <= until]
