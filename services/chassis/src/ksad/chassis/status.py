"""What every service answers at ``/status``: how far its events have come, and what an operator must look at."""

from __future__ import annotations

from pydantic import BaseModel


class ServiceStatus(BaseModel):
    """How far a service is.

    ``head`` and ``relayed`` are positions in its own store: of its newest event, and of the newest one in the stream.
    ``sent`` and ``followed`` are sequences of the stream: of its newest message there, and of the newest message that
    it has taken in, 0 where it follows nothing. ``lag_events`` are not relayed, not taken in or not projected yet,
    ``settled`` says that there are none, and ``behind`` why no writes are taken, if they are not.
    """

    service: str
    head: int
    relayed: int
    sent: int
    followed: int
    lag_events: int
    lag_seconds: float
    settled: bool
    behind: str | None


class FollowingStatus(ServiceStatus):
    """How far a service is that follows the log.

    ``role`` is active, standby or stopped; ``parked`` events wait for an operator, ``quarantined`` messages are none.
    """

    role: str
    parked: int
    quarantined: int
