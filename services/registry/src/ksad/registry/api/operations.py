"""What operators ask of the registry."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from ksad.chassis.access import require


def router() -> APIRouter:
    """Routes for operators."""
    routes = APIRouter(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(request: Request) -> dict[str, Any]:
        """Head, what is relayed, and whether the store is behind the log."""
        relay = request.app.state.relay.status()
        head = request.app.state.store.head()
        lag = max(0, head - relay.position)
        return {
            "service": "registry",
            "head": head,
            "relayed": relay.position,
            "sent": relay.stream_sequence,
            "followed": 0,
            "lag_events": lag,
            "lag_seconds": relay.lag_seconds,
            "settled": lag == 0,
            "behind": relay.behind,
        }

    return routes
