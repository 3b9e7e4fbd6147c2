"""The components of the running service that its routes use."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from ksad.chassis.clock import Clock
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.supervision.application import Supervision
from ksad.supervision.reference_cache import ReferenceCache


class Parts(NamedTuple):
    """The components that :func:`ksad.supervision.app.build` opens and closes."""

    clock: Clock
    database: Database
    store: EventStore
    documents: Documents
    reference_cache: ReferenceCache
    supervision: Supervision
    relay: Relay
    follower: Follower
    arrivals: Arrivals


async def parts(request: Request) -> Parts:
    """The components of the service that received a request (a FastAPI dependency)."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""The type of a route's parameter that receives the components."""
