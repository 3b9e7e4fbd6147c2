"""Decoding: the bytes of an entry into an event, with its data as the newest version of its type has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts import catalogue
from ksad.contracts.catalogue import DECLARATIONS, UPCASTERS

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event


def decode(raw: bytes) -> Event:
    """The event in a journal entry, its data upcast to the newest version of its type.

    :raises LookupError: the type is unknown, or newer than this code.
    """
    event: dict[str, Any] = orjson.loads(raw)
    return upcast(event)


def upcast(event: Event) -> Event:
    """A decoded event with its data as the newest version of its type has them.

    :raises LookupError: the type is unknown, or newer than this code.
    """
    kind = event["type"]
    if kind in DECLARATIONS and kind not in UPCASTERS:
        return event
    declaration, data = catalogue.upcast(kind, event["data"])
    return {**event, "type": declaration.type, "data": data}
