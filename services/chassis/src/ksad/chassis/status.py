"""The response of ``/status``: progress of a service's events, and what an operator must examine."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class LeaderStatus(BaseModel):
    """The newest leader of a role: the process (host, number, and something random), its term, and since when.

    It may have ended without a successor; who leads now is in the gauge ``ksad_leader``.
    """

    role: str
    holder: str
    term: int
    since: datetime


class ServiceStatus(BaseModel):
    """The progress of a service.

    ``head`` and ``relayed`` are notification ids in its own store: of the newest event, and of the newest one in the
    stream. ``sent`` and ``followed`` are sequences of the stream: of its newest message, and of the newest message
    applied (0 if the service follows nothing). ``lag_events`` counts events not relayed, applied or projected yet;
    ``settled`` says that there are none. ``behind`` is the reason for which writes are refused; null if they are
    accepted. ``leaders`` tells who leads each role that one process at a time has.
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
    leaders: list[LeaderStatus]


class FollowingStatus(ServiceStatus):
    """The progress of a service that follows the log.

    ``role`` is active, standby or stopped. ``parked`` counts events that wait for an operator, ``quarantined`` messages
    that are not events.
    """

    role: str
    parked: int
    quarantined: int
