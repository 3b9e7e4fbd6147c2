"""Routes for operators: status, parked events, retry and dismissal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel

from ksad.chassis.access import require
from ksad.chassis.leadership import leaders_of
from ksad.chassis.requests import Router
from ksad.chassis.status import FollowingStatus
from ksad.supervision.parts import Running
from ksad.supervision.queries import Queries


class FailedDay(BaseModel):
    """A cooperation for which the last day could not be processed, and the reason."""

    cooperation_id: UUID
    reason: str


class SupervisionStatus(FollowingStatus):
    """The progress of supervision.

    ``faults`` are cooperations for which the last day could not be processed. ``backfills`` counts the cooperations
    whose legacy facts nobody has declared complete; the supervising body has a task to do so.
    """

    faults: list[FailedDay]
    backfills: int


def router() -> Router:
    """The routes for operators."""
    routes = Router(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(parts: Running) -> SupervisionStatus:
        """Positions, lag, the number of parked events, and cooperations for which the last day failed."""
        relay, follower = parts.relay.status(), parts.follower.status()
        head = parts.store.head()
        lag = max(0, head - relay.position)
        with parts.database.read() as connection:
            faults = [FailedDay.model_validate(one) for one in Queries(connection).faults()]
            backfills = Queries(connection).open_backfills()
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
            leaders=leaders_of(parts.database),
            role=follower.role,
            parked=follower.parked,
            quarantined=follower.quarantined,
            faults=faults,
            backfills=backfills,
        )

    @routes.get("/parked")
    def get_parked(parts: Running) -> dict[str, Any]:
        """The events that the follower has parked, with reasons."""
        with parts.database.read() as connection:
            return {"items": parts.follower.parking.items(connection)}

    @routes.post("/parked/retry")
    async def retry_parked(parts: Running) -> dict[str, int]:
        """Try the follower's parked events again, in order."""
        return await parts.follower.retry_parked()

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(parts: Running) -> dict[str, int]:
        """Reset the count of quarantined messages after an operator has examined them; they remain in the stream."""
        return {"dismissed": await parts.follower.dismiss_quarantined()}

    return routes
