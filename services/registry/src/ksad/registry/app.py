"""Composes the registry service: its store, its relay and its routes."""

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
from ksad.chassis.watching import watch, watch_leading
from ksad.contracts.access.registry import TABLE
from ksad.registry.api import affordances, cooperations, law, offices, operations, reference, texts
from ksad.registry.application import Registry
from ksad.registry.calendar import ROLE, Calendar
from ksad.registry.parts import Parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from ksad.chassis.service import Application
    from ksad.contracts.positions import Position
    from ksad.registry.settings import RegistrySettings

SERVICE = "registry"


def build(settings: RegistrySettings) -> Application:
    """The application. Databases and connections are opened when it starts, not here."""
    routers = (
        cooperations.router(),
        affordances.router(),
        offices.router(),
        law.router(),
        texts.router(),
        reference.router(),
        reference.documents(),
        operations.router(),
    )
    return create_app(settings, SERVICE, "KSAD: register kerja sama", TABLE, routers, partial(_opened, settings))


@asynccontextmanager
async def _opened(settings: RegistrySettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database.from_settings(settings)) as database:
        clock, documents = clock_from(settings), Documents.from_settings(settings, SERVICE, settings.others())
        store = EventStore(database, clock)
        registry = Registry(store, documents, clock, settings.source(SERVICE))
        arrivals = Arrivals(partial(_reached, store), app.health)
        store.listen(arrivals.wake)
        broker = Broker.from_settings(settings, SERVICE)
        async with broker, Background(app.health) as background:
            relay = Relay(store, broker, SERVICE)
            watch(app, background, relay, broker)
            background.run("relay", relay.run)
            if settings.passes_days:
                calendar = Calendar(registry, clock)
                background.run("calendar", calendar.run)
                watch_leading(app, {ROLE: lambda: calendar.lease.leads})
            yield Parts(store, documents, registry, relay, arrivals)


def _reached(store: EventStore, wanted: Collection[Position]) -> list[Position]:
    """The positions that need no waiting: those recorded here, and those of other services, which are not read here."""
    head = store.head()
    return [one for one in wanted if one.service != SERVICE or one.notification <= head]
