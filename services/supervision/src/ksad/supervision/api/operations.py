"""What operators ask of supervision: its status, what is parked, and to try that again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ksad.chassis.access import require
from ksad.chassis.status import FollowingStatus
from ksad.supervision.parts import Running
from ksad.supervision.queries import Queries


class FailedDay(BaseModel):
    """A cooperation whose last day could not be handled, and why."""

    cooperation_id: UUID
    reason: str


class SupervisionStatus(FollowingStatus):
    """How far supervision is; ``faults`` are the cooperations whose last day failed."""

    faults: list[FailedDay]


def router() -> APIRouter:
    """Routes for operators."""
    routes = APIRouter(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(parts: Running) -> SupervisionStatus:
        """Head, positions, lag, what is parked, and cooperations whose last day failed."""
        relay, follower = parts.relay.status(), parts.follower.status()
        head = parts.store.head()
        lag = max(0, head - relay.position)
        with parts.database.read() as connection:
            faults = [FailedDay.model_validate(one) for one in Queries(connection).faults()]
        return SupervisionStatus(
            service="supervision",
            head=head,
            relayed=relay.position,
            sent=relay.stream_sequence,
            followed=follower.position,
            lag_events=lag + follower.lag_events,
            lag_seconds=round(max(relay.lag_seconds, follower.lag_seconds), 3),
            settled=lag == 0 and follower.lag_events == 0 and follower.error is None,
            behind=relay.behind,
            role=follower.role,
            parked=follower.parked,
            quarantined=follower.quarantined,
            faults=faults,
        )

    @routes.get("/parked")
    def get_parked(parts: Running) -> dict[str, Any]:
        """What the follower has set aside, with reasons."""
        with parts.database.read() as connection:
            return {"items": parts.follower.parking.items(connection)}

    @routes.post("/parked/retry")
    async def retry_parked(parts: Running) -> dict[str, int]:
        """Try parked events again, in order."""
        return await parts.follower.retry_parked()

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(parts: Running) -> dict[str, int]:
        """Count the quarantined messages no more: an operator has looked at them; they stay in the stream."""
        return {"dismissed": await parts.follower.dismiss_quarantined()}

    return routes
