"""Which fields of the register an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.regions import office_name, region_name
from ksad.contracts.sight import WIDTHS
from ksad.contracts.verification import EntryStatus
from ksad.reporting.domain.permissions import sight_of
from ksad.reporting.domain.waiting import waiting

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.law import Affairs
    from ksad.contracts.regions import RegionTable

FOR_PARTIES = {"signings", "problems", "disputes", "notice", "items_added", "proofs", "settlements", "entries"} | {
    "open_problems",
    "open_disputes",
}
"""Fields that come from facts with the audience ``parties``."""


INNER = {"term_ends_on", "mark"}
"""What a row has for narrowing and for paging only."""


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


def register_row(row: dict[str, Any], office: str, regions: RegionTable, day: date, affairs: Affairs) -> dict[str, Any]:
    """A row of the register with what an office may see of it, with names of a day and what waits for confirmation."""
    seen = sight_of(office, row, regions, day)
    every = WIDTHS[seen] >= WIDTHS[Audience.PARTIES]
    pending = waiting(row["pending"], office, regions, day, every=every)
    body, codes = row["supervising_body"], [regions.code_on(code, day) for code in row["parties"]]
    named = {
        "affair_name": affairs.name(row["affair"]),
        "party_names": [{"code": code, "name": region_name(code, regions, day)} for code in codes],
        "supervisor_name": None if body is None else office_name(body, regions, day),
    }
    shown = narrowed(row | named, seen) | {"pending": pending}
    return {name: value for name, value in shown.items() if name not in INNER}
