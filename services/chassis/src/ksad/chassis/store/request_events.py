"""What one request has recorded, for the line that is logged of it: which request made a fact can then be told."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope


class RequestEvents:
    """The events of the command that a request carried; those of the first time, where it came before."""

    def __init__(self) -> None:
        self.events: Sequence[Envelope] = ()
        self.repeated = False


_REQUEST: ContextVar[RequestEvents | None] = ContextVar("ksad_request_events", default=None)


def begin() -> RequestEvents:
    """Note from now on, in this task and in all threads and tasks that it starts."""
    events_of_request = RequestEvents()
    _REQUEST.set(events_of_request)
    return events_of_request


def note(events: Sequence[Envelope], *, repeated: bool) -> None:
    """The command of the present request, if there is one, made these events; what is rolled back is noted anew."""
    events_of_request = _REQUEST.get()
    if events_of_request is not None:
        events_of_request.events, events_of_request.repeated = events, repeated
