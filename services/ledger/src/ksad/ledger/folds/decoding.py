"""Decodes entries of the log into events, with their data converted to the newest version of the type."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.envelope import newest

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event


def decode(raw: bytes) -> Event:
    """Decodes the bytes of an entry; the data are converted to the newest version of the event's type.


    :raises LookupError: the type is unknown, or newer than this code.
    """
    event: dict[str, Any] = orjson.loads(raw)
    return newest(event)


@lru_cache(maxsize=256)
def name_of(kind: str) -> str:
    """The name of a type of event without its version."""
    return kind.rpartition(".v")[0]
