"""The parts of the running supervision that its routes work with."""

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
    """What :func:`ksad.supervision.app.build` opens and closes."""

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
    """The parts of the service that a request came to."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""What a route asks for to get the parts."""
