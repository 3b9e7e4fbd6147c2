"""The histories that corrections need, kept while a log is read in order: the events of the corrected streams only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ksad.ledger.folds.rows import Event
    from ksad.ledger.log.entries import Entry

CORRECTED = b".corrected.v"


class Histories:
    """Gives the events of a stream that has a correction in a log, as a projection's rows ask for them."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        """:param leaves: the whole log, read once to find the streams that are corrected."""
        corrected = {orjson.loads(raw)["subject"] for raw in leaves if CORRECTED in raw}
        self._events: dict[str, list[tuple[int, Event]]] = {stream: [] for stream in corrected}

    def noting(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries, each noted as it passes."""
        for entry in entries:
            if self._events:
                event = orjson.loads(entry.raw)
                if event["subject"] in self._events:
                    self._events[event["subject"]].append((entry.number, event))
            yield entry

    def __call__(self, stream: str, until: int) -> list[Event]:
        """The events of a corrected stream up to and including an entry that has passed."""
        return [event for number, event in self._events[stream] if number <= until]
