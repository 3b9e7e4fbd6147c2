"""Corrections carried out: a stream as it reads with the corrected values in place of the first ones.

A correction never edits. It is an event that names an earlier one of its stream (``corrects``) and other values for
some of that event's fields (``fields``). Whoever folds a stream folds it with the substitution made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from ksad.contracts.envelope import Envelope

EventT = TypeVar("EventT", Envelope, dict[str, Any])
"""An event as an envelope, or decoded from JSON."""

NAME = ".corrected"
"""How the name of every correction ends, and no other event's: of a cooperation, a task, a report."""


def is_correction(event_type: str) -> bool:
    """Whether an event of this ``type`` corrects another."""
    return event_type.rpartition(".v")[0].endswith(NAME)


def substituted(history: Iterable[EventT], proposed: Mapping[UUID, Mapping[str, Any]] | None = None) -> list[EventT]:
    """The events of one stream, each with its corrected values. Of several corrections the later wins; they stay in it.

    :param history: the stream in the order of its versions, as it was recorded: substitute first, then upcast.
    :param proposed: further values, by the id of their event, as if they were corrected last.
    """
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
