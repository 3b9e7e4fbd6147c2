"""Applies corrections: replaces values of earlier events in a stream by those of later corrections.

A correction does not edit the event it corrects. It is an event of its own, which names an earlier event of the same
stream (``corrects``) and new values for some of that event's fields (``fields``). Every fold of a stream goes through
:func:`substituted` first, so that all services and the auditor read a corrected stream alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from ksad.contracts.envelope import Envelope

EventT = TypeVar("EventT", Envelope, dict[str, Any])
"""An event as an envelope, or decoded from JSON."""

NAME = ".corrected"
"""The names of all corrections end like this, whether of a cooperation, a task or a report; no other name does."""


def is_correction(event_type: str) -> bool:
    """Whether an event of this ``type`` corrects another."""
    return event_type.rpartition(".v")[0].endswith(NAME)


def substituted(history: Iterable[EventT], proposed: Mapping[UUID, Mapping[str, Any]] | None = None) -> list[EventT]:
    """The events of one stream with corrected values in place; where two corrections set a field, the later applies.

    The corrections themselves remain in the list.

    :param history: the stream as recorded, in the order of its versions and before upcasting.
    :param proposed: new values by event id, applied after all others. Used to test a correction before recording it.
    """
    # Before upcasting, because a correction was recorded with the field names of the version that it corrects.
    events = list(history)
    fields: dict[str, dict[str, Any]] = {}
    for event in events:
        kind, data = _read(event)
        if is_correction(kind):
            fields.setdefault(str(data["corrects"]), {}).update(data["fields"])
    for identity, values in (proposed or {}).items():
        fields.setdefault(str(identity), {}).update(values)
    return [_with(event, fields) for event in events] if fields else events


def _read(event: Envelope | dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return (event["type"], event["data"]) if isinstance(event, dict) else (event.type, event.data)


def _with(event: EventT, fields: Mapping[str, Mapping[str, Any]]) -> EventT:
    if isinstance(event, dict):
        changed = fields.get(event["id"])
        return event if changed is None else {**event, "data": {**event["data"], **changed}}
    changed = fields.get(str(event.id))
    return event if changed is None else event.model_copy(update={"data": {**event.data, **changed}})
