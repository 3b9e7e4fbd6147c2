"""Composes reporting: journal, projections, feeds and the routes over them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from, today
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.health import HealthCheck, ProgressCheck, set_aside
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.chassis.watching import watch
from ksad.contracts.regions import RegionTable, load_text
from ksad.reporting.api import cooperations, feeds, log, operations, reports, transparency
from ksad.reporting.api.access import POLICY
from ksad.reporting.application import Reporting
from ksad.reporting.checkpoints import Anchors, Announcer, Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.growth import Growth
from ksad.reporting.feeds.publisher import Publisher
from ksad.reporting.journal import Journal
from ksad.reporting.pipeline import Pipeline
from ksad.reporting.projections import generations
from ksad.reporting.projections.runner import Runner
from ksad.reporting.reactions import admit_into

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from fastapi import FastAPI

    from ksad.chassis.clock import Clock
    from ksad.contracts.positions import Position
    from ksad.reporting.settings import ReportingSettings

SERVICE = "reporting"


def build(settings: ReportingSettings) -> FastAPI:
    """The app; nothing is opened before its lifespan begins."""
    routers = (
        cooperations.router(),
        reports.router(),
        transparency.router(),
        feeds.router(),
        log.router(),
        operations.router(),
    )
    return create_app(settings, SERVICE, "KSAD: pelaporan", POLICY, routers, _lifespan)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: ReportingSettings = app.state.settings
    state = app.state
    state.clock = clock_from(settings)
    state.database = Database.from_settings(settings)
    state.store = EventStore(state.database)
    state.documents = Documents(settings.documents_dir)
    state.journal = Journal(state.database)
    state.runner = Runner(state.database, state.journal)
    state.feeds = Feeds(state.database, state.journal)
    state.growth = Growth()
    source = settings.source(SERVICE)
    state.reporting = Reporting(state.store, state.journal, state.documents, state.clock, source, settings.platform)
    state.arrivals = Arrivals(partial(_reached, state.journal), state.health)
    broker = Broker(settings.nats_url, SERVICE, settings.nats_nkey_seed_file)
    outside = Broker(settings.nats_url, "feeds", settings.feeds_nkey_seed_file or settings.nats_nkey_seed_file)
    await broker.start()
    await outside.start()
    state.relay = Relay(state.store, broker, SERVICE)
    keys = Keyring(settings.keys_dir, settings.platform)
    state.checkpoints = Checkpoints(
        state.journal,
        keys,
        settings.published_dir,
        seconds=settings.checkpoint_seconds,
        signed=Announcer(outside).announce,
    )
    state.publisher = Publisher(state.feeds, outside, keys.origin, _provinces(state.clock))
    state.anchors = Anchors(state.store, state.feeds, state.clock, source, keys.origin)
    pipeline = Pipeline(
        state.feeds, state.growth, state.runner, state.arrivals, state.publisher, state.anchors, state.checkpoints
    )
    state.follower = Follower(SERVICE, broker, state.database, admit_into(state.journal), committed=pipeline.admitted)
    background = Background(state.health)
    _watch(app, background, broker)
    background.run("relay", state.relay.run)
    background.run("follower", state.follower.run)
    for name, stage in pipeline.stages.items():
        background.run(name, stage)
    try:
        yield
    finally:
        await background.end()
        state.checkpoints.close()
        await outside.stop()
        await broker.stop()
        state.database.close()


def _reached(journal: Journal, wanted: Collection[Position]) -> list[Position]:
    """Those positions that are admitted to the journal and folded by every live generation, by whatever process."""
    with journal.database.read() as connection:
        folded = min(one.position for one in generations.live(connection))
        places = {one: journal.index_of(connection, *one) for one in wanted}
    return [one for one, index in places.items() if index is not None and index < folded]


def _provinces(clock: Clock) -> list[str]:
    """Today's provinces."""
    return [region.code for region in RegionTable.from_csv(load_text()).provinces(today(clock))]


def _watch(app: FastAPI, background: Background, broker: Broker) -> None:
    """Health checks and gauges: each says how far, and whether it moves."""
    state = app.state
    watch(background, state.metrics, state.relay, broker, state.settings)

    def projected() -> tuple[int, int]:
        with state.database.read() as connection:
            size = state.journal.size(connection)
            position = min(one.position for one in generations.live(connection))
        return position, size - position

    def trusted() -> HealthCheck:
        with state.database.read() as connection:
            count = state.journal.conflict_count(connection)
        return HealthCheck(count == 0, f"{count} events contradict admitted ones")

    def signing() -> HealthCheck:
        refused = state.checkpoints.refused
        return HealthCheck(refused is None, refused or f"{state.checkpoints.signed_size()} entries are signed")

    def parking() -> HealthCheck:
        found = state.follower.status()
        with state.database.read() as connection:
            return set_aside(found.parked + len(generations.parked_list(connection)), found.quarantined)

    stuck = state.settings.stuck_seconds
    state.health.add("checkpoints", signing)
    state.health.add("follower", ProgressCheck(lambda: state.follower.status().progress, stuck))
    state.health.add("projections", ProgressCheck(projected, stuck))
    state.health.add("parking", parking)
    state.health.add("journal", trusted)
    metrics = state.metrics
    metrics.gauge("signed_size", "Entries under a signed head", state.checkpoints.signed_size)
    metrics.gauge("journal_size", "Entries of the journal", lambda: sum(projected()))
    metrics.gauge("projection_lag_events", "Entries not projected", lambda: projected()[1])
    metrics.gauge("follower_lag_events", "Messages not applied", lambda: state.follower.status().lag_events)
    metrics.gauge("parked_total", "Events that are parked", lambda: state.follower.status().parked)
    metrics.gauge("quarantined_total", "Messages that are no events", lambda: state.follower.status().quarantined)
