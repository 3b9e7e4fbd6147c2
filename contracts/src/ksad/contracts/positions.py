"""Positions: where an event stands in the store of the service that decided it.

A position is written ``<service>:<notification id>``: in answers, in headers of HTTP and of the log, in archives. It is
no part of the event, because a restored store may number its events anew.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from ksad.contracts.catalogue import Service

POSITION_HEADER = "Ksad-Position"
"""Of a message in the log: its event's position. Of an answer: that of the last event that the command made."""

AFTER_HEADER = "Ksad-After"
"""Of a reading request: positions that were answered; the reading must not be older."""

PATTERN = rf"({'|'.join(Service)}):([1-9][0-9]{{0,14}})"
"""Fifteen digits, so that every reader of JSON can keep the number as it is."""
_PATTERN = re.compile(PATTERN)


class PositionError(ValueError):
    """A text that is no position."""


class Position(NamedTuple):
    """A service, and the id (from 1) that its store gave the event."""

    service: str
    notification: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``<service>:<notification id>``.

        :raises PositionError: the text is written otherwise, or names no service that decides facts.
        """
        found = _PATTERN.fullmatch(text)
        if found is None:
            raise PositionError(f"{text[:60]!r} is no position")
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.service}:{self.notification}"
