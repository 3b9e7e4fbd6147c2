"""Composes the supervision service: its store and tables, the follower and its reactions, the relay, and the routes."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.health import HealthCheck
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.chassis.watching import watch, watch_following
from ksad.contracts.access.supervision import TABLE
from ksad.supervision.api import board, cooperations, documents, follow_ups, operations, tasks
from ksad.supervision.application import Supervision
from ksad.supervision.parts import Parts
from ksad.supervision.queries import Queries
from ksad.supervision.reactions import Reactions
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.selecting import fill

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from ksad.chassis.service import Application
    from ksad.contracts.positions import Position
    from ksad.supervision.settings import SupervisionSettings

SERVICE = "supervision"
# Not its own subject: own events are folded in the transaction that records them.
FOLLOWED = ("ksad.log.registry.>", "ksad.log.reporting.>")


def build(settings: SupervisionSettings) -> Application:
    """The application. Databases and connections are opened when it starts, not here."""
    nouns = (board, tasks, follow_ups, cooperations, documents, operations)
    routers = [one.router() for one in nouns]
    return create_app(settings, SERVICE, "KSAD: pembinaan dan pengawasan", TABLE, routers, partial(_opened, settings))


@asynccontextmanager
async def _opened(settings: SupervisionSettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database.from_settings(settings)) as database:
        clock, papers = clock_from(settings), Documents.from_settings(settings, SERVICE, settings.others())
        store = EventStore(database, clock)
        cache, source = ReferenceCache(), settings.source(SERVICE)
        with database.write() as connection:
            fill(connection, cache.reference(connection))
        reactions = Reactions(store, cache, papers, clock, source)
        supervision = Supervision(store, cache, papers, clock, source)
        broker = Broker.from_settings(settings, SERVICE)
        async with broker, Background(app.health) as background:
            relay = Relay(store, broker, SERVICE, restored=reactions.restored)
            follower = Follower(SERVICE, broker, database, reactions.apply, subjects=FOLLOWED, committed=store.wake)
            arrivals = Arrivals(partial(_reached, store, follower), app.health)
            store.listen(arrivals.wake)
            watch(app, background, relay, broker)
            watch_following(app, follower)
            app.health.add("cases", partial(_unfailed, database))
            background.run("relay", relay.run)
            background.run("follower", follower.run)
            yield Parts(clock, database, store, papers, cache, supervision, relay, follower, arrivals)


def _reached(store: EventStore, follower: Follower, wanted: Collection[Position]) -> list[Position]:
    """The positions of events that this service has recorded itself or has processed."""
    heads = {one.service: follower.reached(one.service) for one in wanted if one.service != SERVICE}
    heads[SERVICE] = store.head()
    return [one for one in wanted if heads[one.service] >= one.notification]


def _unfailed(database: Database) -> HealthCheck:
    with database.read() as connection:
        count = len(Queries(connection).faults())
    return HealthCheck(count == 0, f"{count} cooperations whose last day failed")
