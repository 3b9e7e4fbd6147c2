"""The error for an entry that a fold does not know or cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event
    from ksad.ledger.log.entries import Entry


class PoisonError(Exception):
    """A projection cannot fold an entry. The live service then parks the entry's stream; a rebuild or replay stops."""

    def __init__(self, projection: str, entry: Entry, event: Event, reason: str) -> None:
        super().__init__(f"{projection}: entry {entry.number} ({event['type']}) of {event['subject']}: {reason}")
        self.projection = projection
        self.entry = entry
        self.kind = event["type"]
        self.stream = event["subject"]
        self.reason = reason
