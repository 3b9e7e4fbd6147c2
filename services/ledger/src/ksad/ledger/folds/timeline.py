"""The timeline of each cooperation: the indexes of its journal entries, and which event an entry corrects.

The entries' content is read from the journal when it is shown, so the timeline cannot differ from the log.
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
    """Lists the entries of cooperations, their supervision and their tasks."""

    name = "timeline"
    version = 1
    tables = (TIMELINE,)
    prefixes = ("ksad.cooperation.", "ksad.supervision.", "ksad.task.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Adds an event to the timeline of its cooperation; events of none are skipped."""
        data = event["data"]
        subject = event["subject"]
        cooperation_id = subject[12:] if subject.startswith("cooperation/") else data.get("cooperation_id")
        if cooperation_id is not None:
            rows.add("timeline", (cooperation_id, index, data.get("corrects")))
