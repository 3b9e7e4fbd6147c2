"""The timeline of each cooperation: which journal entries belong to it, and which entry corrects which.

What a line says is read from the journal itself, so a timeline can never differ from the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Rows

TIMELINE = Table(
    "timeline",
    key=("cooperation_id", "entry"),
    columns=("corrects",),
    integers=("entry",),
    append_only=True,
)


class TimelineProjection:
    """Lists the entries of every stream that names a cooperation."""

    name = "timeline"
    version = 1
    tables = (TIMELINE,)
    prefixes = ("ksad.cooperation.", "ksad.supervision.", "ksad.task.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Enter one event into the timeline of its cooperation."""
        data = event["data"]
        subject = event["subject"]
        cooperation_id = subject[12:] if subject.startswith("cooperation/") else data.get("cooperation_id")
        if cooperation_id is not None:
            rows.add("timeline", (cooperation_id, index, data.get("corrects")))
