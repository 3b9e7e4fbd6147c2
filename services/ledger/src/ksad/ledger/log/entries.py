"""An entry of the log: a leaf with its index."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One entry of the log: its number, which is its leaf index, and its exact bytes."""

    number: int
    raw: bytes
