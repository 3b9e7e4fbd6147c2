"""Corrections under rules 1: their values replace those of the event that they correct, as it was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.folds.rows import Event

CORRECTIONS = frozenset({"ksad.cooperation.corrected.v1", "ksad.task.corrected.v1", "ksad.report.corrected.v1"})


def substituted(history: Iterable[Event]) -> list[Event]:
    """The events of one stream with corrected values in place; where two corrections set a field, the later applies."""
    events = list(history)
    fields: dict[str, Event] = {}
    for event in events:
        if event["type"] in CORRECTIONS:
            fields.setdefault(event["data"]["corrects"], {}).update(event["data"]["fields"])
    return [
        event if event["id"] not in fields else {**event, "data": {**event["data"], **fields[event["id"]]}}
        for event in events
    ]
