"""One command of the demonstration, and the head of an illustrative cooperation."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple


class Act(NamedTuple):
    """A command on a cooperation that an office gives on a day."""

    day: date
    office: str
    key: str
    command: str
    fields: dict[str, Any]
    paper: str | None = None
    """The text of the document that proves it. An act of several parties is confirmed by all of them on that day."""
    refused_by: str | None = None
    """The region that refuses the act instead of confirming it."""


def head(key: str, title: str, parties: list[str], object_: str, affair: str) -> dict[str, Any]:
    """The fields by which the first party registers a cooperation; the title says that it is an illustration."""
    return {
        "key": key,
        "title": f"{title} (ilustrasi)",
        "object": object_,
        "affair": affair,
        "category": "voluntary",
        "parties": parties,
        "initiator": parties[0],
    }
