"""Which fields of the register an office may see."""

from __future__ import annotations

from typing import Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS
from ksad.contracts.umbrella import Agreement, Umbrella
from ksad.contracts.verification import EntryStatus

FOR_PARTIES = {"signings", "problems", "disputes", "notice", "items_added", "proofs", "settlements", "entries"}
"""Fields that come from facts with the audience ``parties``."""


def narrowed(item: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A row of the register; without the fields for parties if the caller belongs to a smaller audience."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return item
    public = {name: value for name, value in item.items() if name not in FOR_PARTIES}
    return public | {"ends_on": _end_of_terms(item["agreements"])}


def _end_of_terms(agreements: dict[str, dict[str, Any]]) -> str | None:
    """The day on which the cooperation is to end by its terms alone: a notice of an earlier end is for the parties."""
    known = {
        key: Agreement.model_validate({name: value for name, value in one.items() if name != "state"}, strict=False)
        for key, one in agreements.items()
    }
    end = Umbrella(agreements=known).next_end
    return None if end is None else end.isoformat()


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
