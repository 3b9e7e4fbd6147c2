"""Composes the registry: its store, its relay, and the routes over its use cases."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
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
from ksad.contracts.access.registry import TABLE
from ksad.registry.api import cooperations, operations, reference
from ksad.registry.application import Registry
from ksad.registry.parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from ksad.chassis.service import Application
    from ksad.contracts.positions import Position
    from ksad.registry.settings import RegistrySettings

SERVICE = "registry"


def build(settings: RegistrySettings) -> Application:
    """The app; nothing is opened before it runs."""
    routers = (cooperations.router(), reference.router(), reference.documents(), operations.router())
    return create_app(settings, SERVICE, "KSAD: register kerja sama", TABLE, routers, partial(_opened, settings))


@asynccontextmanager
async def _opened(settings: RegistrySettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database.from_settings(settings)) as database:
        clock, documents = clock_from(settings), Documents(settings.documents_dir)
        store = EventStore(database, clock)
        registry = Registry(store, documents, clock, settings.source(SERVICE))
        arrivals = Arrivals(partial(_reached, store), app.health)
        store.listen(arrivals.wake)
        broker = Broker(settings.nats_url, SERVICE, settings.nats_nkey_seed_file)
        async with broker, Background(app.health) as background:
            relay = Relay(store, broker, SERVICE)
            watch(app, background, relay, broker)
            background.run("relay", relay.run)
            yield Parts(store, documents, registry, relay, arrivals)


def _reached(store: EventStore, wanted: Collection[Position]) -> list[Position]:
    """Those positions that are recorded here. Of other services nothing is read here, so nothing of theirs can lack."""
    head = store.head()
    return [one for one in wanted if one.service != SERVICE or one.notification <= head]
