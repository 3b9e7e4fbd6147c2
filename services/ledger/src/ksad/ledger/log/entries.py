"""Log entries."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One entry of the log: its leaf index, from 0, and its exact bytes, which are an event in canonical form."""

    number: int
    raw: bytes
