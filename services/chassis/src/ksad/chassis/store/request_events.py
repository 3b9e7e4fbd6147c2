"""The events recorded by the present request, for its log line."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope


class RequestEvents:
    """The events of a request's command; for a repeated command, those of the first time."""

    def __init__(self) -> None:
        self.events: Sequence[Envelope] = ()
        self.repeated = False


_REQUEST: ContextVar[RequestEvents | None] = ContextVar("ksad_request_events", default=None)


def begin() -> RequestEvents:
    """Starts collecting in this task and in all threads and tasks that it starts."""
    events_of_request = RequestEvents()
    _REQUEST.set(events_of_request)
    return events_of_request


def note(events: Sequence[Envelope], *, repeated: bool) -> None:
    """Records the events of the present request's command, if there is a request; a later attempt replaces them."""
    events_of_request = _REQUEST.get()
    if events_of_request is not None:
        events_of_request.events, events_of_request.repeated = events, repeated
