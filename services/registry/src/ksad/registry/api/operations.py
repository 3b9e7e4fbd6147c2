"""Routes for operators."""

from __future__ import annotations

from fastapi import Depends

from ksad.chassis.access import require
from ksad.chassis.leadership import leaders_of
from ksad.chassis.requests import Router
from ksad.chassis.status import ServiceStatus
from ksad.registry.parts import Running


def router() -> Router:
    """The routes for operators."""
    routes = Router(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(parts: Running) -> ServiceStatus:
        """The store's head, how much of it is relayed to the log, and whether the store is behind the log."""
        relay = parts.relay.status()
        head = parts.store.head()
        lag = max(0, head - relay.position)
        return ServiceStatus(
            service="registry",
            head=head,
            relayed=relay.position,
            sent=relay.stream_sequence,
            followed=0,
            lag_events=lag,
            lag_seconds=relay.lag_seconds,
            settled=lag == 0,
            behind=relay.behind,
            leaders=leaders_of(parts.store.database),
        )

    return routes
