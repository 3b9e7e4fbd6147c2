"""What one request has recorded, for the line that is logged of it: which request made a fact can then be told."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.envelope import Envelope


class Noted:
    """The events of the command that a request carried; those of the first time, where it came before."""

    def __init__(self) -> None:
        self.events: Sequence[Envelope] = ()
        self.repeated = False


_REQUEST: ContextVar[Noted | None] = ContextVar("ksad_noted", default=None)


def begin() -> Noted:
    """Note from now on, in this task and in all threads and tasks that it starts."""
    noted = Noted()
    _REQUEST.set(noted)
    return noted


def note(events: Sequence[Envelope], *, repeated: bool) -> None:
    """The command of the present request, if there is one, made these events; what is rolled back is noted anew."""
    noted = _REQUEST.get()
    if noted is not None:
        noted.events, noted.repeated = events, repeated
