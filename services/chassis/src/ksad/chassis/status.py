"""The response of ``/status``: progress of a service's events, and what an operator must examine."""

from __future__ import annotations

from pydantic import BaseModel


class ServiceStatus(BaseModel):
    """The progress of a service.

    ``head`` and ``relayed`` are notification ids in its own store: of the newest event, and of the newest one in the
    stream. ``sent`` and ``followed`` are sequences of the stream: of its newest message, and of the newest message
    applied (0 if the service follows nothing). ``lag_events`` counts events not relayed, applied or projected yet;
    ``settled`` says that there are none. ``behind`` is the reason for which writes are refused; null if they are
    accepted.
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
    """The progress of a service that follows the log.

    ``role`` is active, standby or stopped. ``parked`` counts events that wait for an operator, ``quarantined`` messages
    that are not events.
    """

    role: str
    parked: int
    quarantined: int
