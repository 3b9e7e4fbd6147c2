"""The components of the running service that its routes use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from ksad.chassis.clock import Clock
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
from ksad.reporting.feeds.rule import FeedRule
from ksad.reporting.journal import Journal, JournalReferences
from ksad.reporting.reports.application import Reporting
from ksad.reporting.reports.queue import CompilationQueue
from ksad.reporting.reports.signed_copies import SignedCopies


class Parts(NamedTuple):
    """The components that :func:`ksad.reporting.app.build` opens and closes."""

    health: Health
    database: Database
    store: EventStore
    documents: Documents
    readable: tuple[Documents, ...]
    journal: Journal
    references: JournalReferences
    clock: Clock
    feeds: Feeds
    feed_rule: FeedRule
    growth: Growth
    checkpoints: Checkpoints
    anchors: Anchors
    reporting: Reporting
    signed_copies: SignedCopies
    compilations: CompilationQueue
    compilations_added: Callable[[], None]
    relay: Relay
    follower: Follower
    arrivals: Arrivals


async def parts(request: Request) -> Parts:
    """The components of the service that received a request (a FastAPI dependency)."""
    found: Parts = request.app.parts
    return found


Running = Annotated[Parts, Depends(parts)]
"""The type of a route's parameter that receives the components."""
