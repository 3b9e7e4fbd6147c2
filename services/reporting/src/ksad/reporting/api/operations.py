"""What operators ask of reporting: its status, what is parked, and to try that again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from ksad.chassis.access import require
from ksad.reporting.projections import generations


def router() -> APIRouter:
    """Routes for operators."""
    routes = APIRouter(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(request: Request) -> dict[str, Any]:
        """Head, positions, lag, what is held, parked or contradictory."""
        return status(request.app.state)

    @routes.get("/parked")
    def get_parked(request: Request) -> dict[str, Any]:
        """What followers and projections have set aside, with reasons."""
        with request.app.state.database.read() as connection:
            rows = request.app.state.follower.parking.items(connection) + [
                {
                    "follower": f"{row['name']} g{row['number']}",
                    "event_id": f"entry {row['entry']}",
                    "stream": row["stream"],
                    "reason": row["reason"],
                    "code_version": str(row["code_version"]),
                }
                for row in generations.parked_list(connection)
            ]
        return {"items": rows}

    @routes.post("/parked/retry")
    async def retry_parked(request: Request) -> dict[str, int]:
        """Try parked events again, in order; a projection drains by a rebuild."""
        drained: dict[str, int] = await request.app.state.follower.retry_parked()
        return drained

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(request: Request) -> dict[str, int]:
        """Count the quarantined messages no more: an operator has looked at them; they stay in the stream."""
        return {"dismissed": await request.app.state.follower.dismiss_quarantined()}

    return routes


def status(state: Any) -> dict[str, Any]:  # noqa: ANN401 - Starlette's state
    """The status of reporting in one object.

    What a day makes due is looked at after the follower, and the head after that: nothing on its way is overlooked.
    """
    relay, follower = state.relay.status(), state.follower.status()
    due = state.anchors.pending()
    head = state.store.head()
    unsent = max(0, head - relay.position)
    with state.database.read() as connection:
        journal = state.journal.frontier(connection)
        every = generations.every(connection)
        numbers = {
            "held": state.journal.held_count(connection),
            "parked": follower.parked + len(generations.parked_list(connection)),
            "quarantined": follower.quarantined,
            "contradictions": state.journal.conflict_count(connection),
        }
    projections = [
        {
            "projection": one.name,
            "generation": one.number,
            "status": one.status,
            "position": one.position,
            "lag_events": journal.size - one.position,
        }
        for one in every
    ]
    lag = max((one["lag_events"] for one in projections if one["status"] == "live"), default=0)
    return {
        "service": "reporting",
        "head": head,
        "relayed": relay.position,
        "sent": relay.stream_sequence,
        "followed": follower.position,
        "lag_events": unsent + follower.lag_events + lag,
        "lag_seconds": round(max(relay.lag_seconds, follower.lag_seconds), 3),
        "settled": not due and unsent == 0 and follower.lag_events == 0 and lag == 0,
        "behind": relay.behind,
        "role": follower.role,
        "journal": {"size": journal.size, "root": journal.root().hex()},
        "signed": {"size": state.checkpoints.signed_size(), "refused": state.checkpoints.refused},
        "projections": projections,
        **numbers,
    }
