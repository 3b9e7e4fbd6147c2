"""Which fields of the register an office may see."""

from __future__ import annotations

from typing import Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS
from ksad.contracts.verification import EntryStatus

FOR_PARTIES = {"signings", "problems", "disputes", "notice", "items_added", "proofs", "settlements", "entries"} | {
    "open_problems",
    "open_disputes",
}
"""Fields that come from facts with the audience ``parties``."""


def narrowed(item: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A row of the register; without the fields for parties if the caller belongs to a smaller audience.

    The day on which it ends is then that of its terms: a notice of an earlier end is for the parties.
    """
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return item
    public = {name: value for name, value in item.items() if name not in FOR_PARTIES}
    return public | {"ends_on": item["term_ends_on"]}


def mark(item: dict[str, Any], event: str, seen: Audience) -> EntryStatus | None:
    """Whether a fact of a cooperation was examined; ``None``: it is not one to examine.

    That one was sent back is for parties: others see that it is not verified.
    """
    entry = item["entries"].get(event)
    if entry is None:
        return None
    status = EntryStatus(entry.get("status", EntryStatus.UNVERIFIED))
    hidden = status is EntryStatus.RETURNED and WIDTHS[seen] < WIDTHS[Audience.PARTIES]
    return EntryStatus.UNVERIFIED if hidden else status
