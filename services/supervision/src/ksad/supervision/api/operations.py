"""What operators ask of supervision: its status, what is parked, and to try that again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from ksad.chassis.access import require
from ksad.supervision.queries import Queries


def router() -> APIRouter:
    """Routes for operators."""
    routes = APIRouter(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(request: Request) -> dict[str, Any]:
        """Head, positions, lag, what is parked, and cooperations whose last day failed."""
        state = request.app.state
        relay, follower = state.relay.status(), state.follower.status()
        head = state.store.head()
        lag = max(0, head - relay.position)
        with state.database.read() as connection:
            faults = Queries(connection).faults()
        return {
            "service": "supervision",
            "head": head,
            "relayed": relay.position,
            "sent": relay.stream_sequence,
            "followed": follower.position,
            "lag_events": lag + follower.lag_events,
            "lag_seconds": round(max(relay.lag_seconds, follower.lag_seconds), 3),
            "settled": lag == 0 and follower.lag_events == 0 and follower.error is None,
            "behind": relay.behind,
            "role": follower.role,
            "parked": follower.parked,
            "quarantined": follower.quarantined,
            "faults": faults,
        }

    @routes.get("/parked")
    def get_parked(request: Request) -> dict[str, Any]:
        """What the follower has set aside, with reasons."""
        with request.app.state.database.read() as connection:
            return {"items": request.app.state.follower.parking.items(connection)}

    @routes.post("/parked/retry")
    async def retry_parked(request: Request) -> dict[str, int]:
        """Try parked events again, in order."""
        found: dict[str, int] = await request.app.state.follower.retry_parked()
        return found

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(request: Request) -> dict[str, int]:
        """Count the quarantined messages no more: an operator has looked at them; they stay in the stream."""
        return {"dismissed": await request.app.state.follower.dismiss_quarantined()}

    return routes
