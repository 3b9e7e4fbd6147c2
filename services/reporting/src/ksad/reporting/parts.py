"""The parts of the running reporting that its routes work with."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.health import Health
from ksad.chassis.relay import Relay
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.reporting.checkpoints import Anchors, Checkpoints
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.growth import Growth
from ksad.reporting.journal import Journal
from ksad.reporting.reports.application import Reporting


class Parts(NamedTuple):
    """What :func:`ksad.reporting.app.build` opens and closes."""

    health: Health
    database: Database
    store: EventStore
    documents: Documents
    journal: Journal
    feeds: Feeds
    growth: Growth
    checkpoints: Checkpoints
    anchors: Anchors
    reporting: Reporting
    relay: Relay
    follower: Follower
    arrivals: Arrivals


async def parts(request: Request) -> Parts:
    """The parts of the service that a request came to."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""What a route asks for to get the parts."""
