"""The parts of the running registry that its routes work with."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from ksad.chassis.documents import Documents
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.registry.application import Registry


class Parts(NamedTuple):
    """What :func:`ksad.registry.app.build` opens and closes."""

    store: EventStore
    documents: Documents
    registry: Registry
    relay: Relay
    arrivals: Arrivals


async def parts(request: Request) -> Parts:
    """The parts of the service that a request came to."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""What a route asks for to get the parts."""
