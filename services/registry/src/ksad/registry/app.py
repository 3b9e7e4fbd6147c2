"""Composes the registry: its store, its relay, and the routes over its use cases."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.health import HealthCheck, ProgressCheck
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.registry.api import cooperations, operations, reference
from ksad.registry.api.access import POLICY
from ksad.registry.application import Registry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from fastapi import FastAPI

    from ksad.contracts.positions import Position
    from ksad.registry.settings import RegistrySettings

SERVICE = "registry"


def build(settings: RegistrySettings) -> FastAPI:
    """The app; nothing is opened before its lifespan begins."""
    routers = (cooperations.router(), reference.router(), reference.documents(), operations.router())
    return create_app(settings, SERVICE, "KSAD: register kerja sama", POLICY, routers, _lifespan)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: RegistrySettings = app.state.settings
    state = app.state
    state.clock = clock_from(settings)
    state.database = Database(settings.database_url, settings.database_pool_size)
    state.store = EventStore(state.database)
    state.documents = Documents(settings.documents_dir)
    state.registry = Registry(state.store, state.documents, state.clock, settings.source(SERVICE))
    broker = Broker(settings.nats_url, SERVICE, settings.nats_nkey_seed_file)
    await broker.start()
    state.relay = Relay(state.store, broker, SERVICE)

    state.arrivals = Arrivals(partial(_reached, state.store), state.health)
    state.store.listen(state.arrivals.wake)
    state.health.add("relay", ProgressCheck(lambda: state.relay.status().progress, settings.stuck_seconds))
    state.health.add("store", lambda: HealthCheck(state.store.behind is None, state.store.behind or "complete"))
    state.metrics.gauge("log_head", "Newest own event", state.store.head)
    state.metrics.gauge("relay_lag_events", "Own events not in the stream", lambda: state.relay.status().lag_events)
    background = Background(state.health)
    background.run("relay", state.relay.run)
    try:
        yield
    finally:
        await background.end()
        await broker.stop()
        state.database.close()


def _reached(store: EventStore, wanted: Collection[Position]) -> list[Position]:
    """Those positions that are recorded here. Of other services nothing is read here, so nothing of theirs can lack."""
    head = store.head()
    return [one for one in wanted if one.service != SERVICE or one.notification <= head]
