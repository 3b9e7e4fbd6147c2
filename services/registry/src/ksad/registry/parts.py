"""The components of the running service that its routes use."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from ksad.chassis.documents import Documents
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.registry.application import Registry


class Parts(NamedTuple):
    """The components that :func:`ksad.registry.app.build` opens and closes."""

    store: EventStore
    documents: Documents
    registry: Registry
    relay: Relay
    arrivals: Arrivals


async def parts(request: Request) -> Parts:
    """The components of the service that received a request (a FastAPI dependency)."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""The type of a route's parameter that receives the components."""
