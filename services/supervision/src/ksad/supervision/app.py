"""Composes supervision: its store and tables, the follower that reacts, its relay, and the routes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.health import HealthCheck, ProgressCheck, set_aside
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.chassis.watching import watch
from ksad.supervision.api import cooperations, documents, operations, tasks
from ksad.supervision.api.access import POLICY
from ksad.supervision.application import Supervision
from ksad.supervision.queries import Queries
from ksad.supervision.reactions import Reactions
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from fastapi import FastAPI

    from ksad.contracts.positions import Position
    from ksad.supervision.settings import SupervisionSettings

SERVICE = "supervision"
FOLLOWED = ("ksad.log.registry.>", "ksad.log.reporting.>")


def build(settings: SupervisionSettings) -> FastAPI:
    """The app; nothing is opened before its lifespan begins."""
    routers = (tasks.router(), cooperations.router(), documents.router(), operations.router())
    return create_app(settings, SERVICE, "KSAD: pembinaan dan pengawasan", POLICY, routers, _lifespan)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: SupervisionSettings = app.state.settings
    state = app.state
    state.clock = clock_from(settings)
    state.database = Database.from_settings(settings)
    state.store = EventStore(state.database)
    state.database.create(metadata)
    state.documents = Documents(settings.documents_dir)
    state.reference_cache = ReferenceCache()
    source = settings.source(SERVICE)
    reactions = Reactions(state.store, state.reference_cache, state.documents, state.clock, source)
    state.supervision = Supervision(state.store, state.reference_cache, state.documents, state.clock, source)
    broker = Broker(settings.nats_url, SERVICE, settings.nats_nkey_seed_file)
    await broker.start()
    state.relay = Relay(state.store, broker, SERVICE, restored=reactions.restored)
    state.follower = Follower(
        SERVICE, broker, state.database, reactions.apply, subjects=FOLLOWED, committed=state.store.wake
    )
    state.arrivals = Arrivals(partial(_reached, state.store, state.follower), state.health)
    state.store.listen(state.arrivals.wake)
    _watch(app)
    background = Background(state.health)
    watch(background, state.metrics, state.relay, broker, settings)
    background.run("relay", state.relay.run)
    background.run("follower", state.follower.run)
    try:
        yield
    finally:
        await background.end()
        await broker.stop()
        state.database.close()


def _reached(store: EventStore, follower: Follower, wanted: Collection[Position]) -> list[Position]:
    """Those positions that this service has recorded itself, or taken in."""
    heads = {one.service: follower.reached(one.service) for one in wanted if one.service != SERVICE}
    heads[SERVICE] = store.head()
    return [one for one in wanted if heads[one.service] >= one.notification]


def _watch(app: FastAPI) -> None:
    """Health checks and gauges: each says how far, and whether it moves."""
    state = app.state

    def parking() -> HealthCheck:
        found = state.follower.status()
        return set_aside(found.parked, found.quarantined)

    def unfailed() -> HealthCheck:
        with state.database.read() as connection:
            count = len(Queries(connection).faults())
        return HealthCheck(count == 0, f"{count} cooperations whose last day failed")

    stuck = state.settings.stuck_seconds
    state.health.add("follower", ProgressCheck(lambda: state.follower.status().progress, stuck))
    state.health.add("parking", parking)
    state.health.add("cases", unfailed)
    metrics = state.metrics
    metrics.gauge("follower_lag_events", "Messages not applied", lambda: state.follower.status().lag_events)
    metrics.gauge("parked_total", "Events that are parked", lambda: state.follower.status().parked)
    metrics.gauge("quarantined_total", "Messages that are no events", lambda: state.follower.status().quarantined)
