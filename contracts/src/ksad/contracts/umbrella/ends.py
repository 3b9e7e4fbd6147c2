"""Folds the end of an agreement, an accord or a whole cooperation, and what becomes of the settlement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from ksad.contracts.umbrella.parts import Agreement, Ending, Settled
from ksad.contracts.umbrella.state import Umbrella

Data = Mapping[str, Any]
Changes = dict[str, Any]


class Occurred(NamedTuple):
    """What an event says beside its data: its id, the day it happened, whether it is of before the platform."""

    event: UUID
    on: date
    legacy: bool


def day_of(value: date | str | None) -> date | None:
    """A day, whether the fact is typed or decoded from JSON."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def ended(umbrella: Umbrella, data: Data, occurred: Occurred) -> Changes:
    """What an end changes: of one agreement or accord, or of all that the cooperation has."""
    ending = Ending(on=occurred.on, ground=data["ground"], rests_on=day_of(data["rests_on"]))
    of, named = str(data["of"]), data["key"]
    changes: Changes = {}
    if of != "agreement":
        changes["accords"] = {
            key: one.model_copy(update={"endings": (*one.endings, ending)})
            if of == "cooperation" or key == named
            else one
            for key, one in umbrella.accords.items()
        }
    if of != "accord":
        changes["agreements"] = {
            key: one.model_copy(update=_end_of(umbrella, key, one, data, ending, occurred))
            if (of == "cooperation" and one.ended is None and not one.dropped) or key == named
            else one
            for key, one in umbrella.agreements.items()
        }
    if of == "cooperation":
        changes["ended"] = ending
    return changes


def _end_of(umbrella: Umbrella, key: str, one: Agreement, data: Data, ending: Ending, occurred: Occurred) -> Changes:
    """The agreement with an end; a draft is dropped with its cooperation."""
    if not one.stands:
        return {"dropped": True}
    # An end that names no clause was recorded before settlements were closed by a fact of their own.
    before = data["clause"] is None or occurred.legacy
    settled = None
    if before and not data["open_items"] and not umbrella.open_matters(key):
        settled = Settled.CLOSED
    elif occurred.legacy and not umbrella.open_matters(key):
        settled = Settled.NOT_EXAMINED
    return {"endings": (*one.endings, ending), "settled": settled}
