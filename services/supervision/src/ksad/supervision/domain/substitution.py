"""Corrections carried out: a stream as it reads with the corrected values in place of the first ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.envelope import Envelope


def substituted(history: Iterable[Envelope]) -> list[Envelope]:
    """The events of one stream, each with its corrected fields; later corrections win, the corrections stay."""
    events = list(history)
    fields: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.type.endswith(".corrected.v1"):
            fields.setdefault(str(event.data["corrects"]), {}).update(event.data["fields"])
    return [
        event.model_copy(update={"data": event.data | fields[str(event.id)]}) if str(event.id) in fields else event
        for event in events
    ]
