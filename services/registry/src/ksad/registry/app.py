"""Composes the registry: its store, its relay, and the routes over its use cases."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.chassis.watching import watch
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
    state.database = Database.from_settings(settings)
    state.store = EventStore(state.database)
    state.documents = Documents(settings.documents_dir)
    state.registry = Registry(state.store, state.documents, state.clock, settings.source(SERVICE), POLICY)
    broker = Broker(settings.nats_url, SERVICE, settings.nats_nkey_seed_file)
    await broker.start()
    state.relay = Relay(state.store, broker, SERVICE)

    state.arrivals = Arrivals(partial(_reached, state.store), state.health)
    state.store.listen(state.arrivals.wake)
    background = Background(state.health)
    watch(background, state.metrics, state.relay, broker, settings)
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
