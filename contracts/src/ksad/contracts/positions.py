"""Positions of events in the store of the service that recorded them.

A position is written ``<service>:<notification id>`` in responses, in HTTP and message headers, and in archives. It is
not part of the event, because a restored store may number its events differently.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Self

from ksad.contracts.catalogue import Service

POSITION_HEADER = "Ksad-Position"
"""In a message of the log, the position of its event. In a response, that of the last event that the command made."""

AFTER_HEADER = "Ksad-After"
"""In a reading request, positions from earlier responses. The answer must include the events at these positions."""

# At most fifteen digits: within 2^53, so that every JSON reader keeps the number exactly (RFC 8259, section 6).
PATTERN = rf"({'|'.join(Service)}):([1-9][0-9]{{0,14}})"
_PATTERN = re.compile(PATTERN)


class PositionError(ValueError):
    """A text is not a position."""


class Position(NamedTuple):
    """The name of a service, and the id (from 1) that its store gave an event."""

    service: str
    notification: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads ``<service>:<notification id>``.

        :raises PositionError: the text has another form, or its service does not record events.
        """
        found = _PATTERN.fullmatch(text)
        if found is None:
            raise PositionError(f"{text[:60]!r} is not a position")
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        return f"{self.service}:{self.notification}"
