"""Composes the reporting service: journal, projections, feeds, signed checkpoints and the routes."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from ksad.chassis.broker import Broker
from ksad.chassis.clock import clock_from, today
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.follower import Follower
from ksad.chassis.health import HealthCheck, ProgressCheck, Remedy
from ksad.chassis.places import DRILL
from ksad.chassis.relay import Relay
from ksad.chassis.service import Background, create_app
from ksad.chassis.store import EventStore
from ksad.chassis.waiting import Arrivals
from ksad.chassis.watching import recording, watch, watch_following
from ksad.contracts.access.reporting import TABLE
from ksad.contracts.regions import RegionTable, load_text
from ksad.reporting.api import (
    cooperations,
    dashboard,
    feed_rule,
    feeds,
    listing,
    log,
    operations,
    printed,
    reminders,
    reports,
    transparency,
    verification,
)
from ksad.reporting.checkpoints import HEADS, Anchors, Announcer, BrokerMemory, Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.growth import Growth
from ksad.reporting.feeds.publisher import FEEDS, Publisher
from ksad.reporting.feeds.rule import FeedRule
from ksad.reporting.journal import Journal, JournalReferences
from ksad.reporting.parts import Parts
from ksad.reporting.pipeline import Pipeline
from ksad.reporting.projections import generations
from ksad.reporting.projections.runner import Runner
from ksad.reporting.reactions import admit_into
from ksad.reporting.reports.application import Reporting
from ksad.reporting.reports.compiling import Compiler
from ksad.reporting.reports.passes import CompilationWorker
from ksad.reporting.reports.queue import CompilationQueue
from ksad.reporting.reports.signed_copies import SignedCopies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from pathlib import Path

    from ksad.chassis.clock import Clock
    from ksad.chassis.service import Application
    from ksad.contracts.positions import Position
    from ksad.reporting.settings import ReportingSettings

SERVICE = "reporting"


def build(settings: ReportingSettings) -> Application:
    """The application. Databases and connections are opened when it starts, not here."""
    routers = (
        cooperations.router(),
        dashboard.router(),
        verification.router(),
        reports.router(),
        reminders.router(),
        listing.router(),
        printed.router(),
        transparency.router(),
        feeds.router(),
        feed_rule.router(),
        log.router(),
        operations.router(),
    )
    return create_app(settings, SERVICE, "KSAD: pelaporan", TABLE, routers, partial(_opened, settings))


@asynccontextmanager
async def _opened(settings: ReportingSettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database.from_settings(settings)) as database:
        clock, documents = clock_from(settings), Documents.from_settings(settings, SERVICE)
        store = EventStore(database, clock)
        journal, source = Journal(database), settings.source(SERVICE)
        runner, appended, growth = Runner(database, journal), Feeds(database, journal), Growth()
        app.health.when_draining(growth.wake)
        reporting = Reporting(store, Compiler(journal, documents, settings.platform), clock, source)
        arrivals = Arrivals(partial(_reached, journal), app.health)
        broker = Broker.from_settings(settings, SERVICE)
        outside = Broker.from_settings(settings, "feeds", settings.feeds_nkey_seed_file)
        keys, announcer = Keyring(settings.keys_dir, settings.platform), Announcer(outside)
        memory, seconds = BrokerMemory(broker), settings.checkpoint_seconds
        with closing(
            Checkpoints(
                journal,
                keys,
                settings.published_dir,
                seconds=seconds,
                signed=announcer.announce,
                memories=[memory],
            )
        ) as checkpoints:
            async with broker, outside, Background(app.health) as background:
                relay = Relay(store, broker, SERVICE)
                publisher = Publisher(appended, outside, keys.origin, _provinces(clock))
                anchors = Anchors(store, appended, clock, source, keys.origin)
                queue = CompilationQueue(database)
                compiling = CompilationWorker(queue, reporting, partial(getattr, app.health, "draining"))
                pipeline = Pipeline(appended, growth, runner, arrivals, publisher, anchors, checkpoints, compiling)
                follower = Follower(SERVICE, broker, database, admit_into(journal), committed=pipeline.admitted)
                folders = [settings.keys_dir, settings.published_dir]
                watch(app, background, relay, broker, folders, [(broker, HEADS), (outside, FEEDS)])
                watch_following(app, follower, partial(_parked, database))
                _watch(app, journal, checkpoints, publisher)
                _watch_compilations(app, queue)
                _watch_drills(app, settings.keys_dir.parent / DRILL)
                background.run("relay", relay.run)
                background.run("follower", follower.run)
                for name, stage in pipeline.stages.items():
                    background.run(name, stage)
                yield Parts(
                    health=app.health,
                    database=database,
                    store=store,
                    documents=documents,
                    readable=settings.readable_documents(),
                    journal=journal,
                    references=JournalReferences(),
                    clock=clock,
                    feeds=appended,
                    feed_rule=FeedRule(store, appended, clock, source),
                    growth=growth,
                    checkpoints=checkpoints,
                    anchors=anchors,
                    reporting=reporting,
                    signed_copies=SignedCopies(database),
                    compilations=queue,
                    compilations_added=pipeline.ordered,
                    relay=relay,
                    follower=follower,
                    arrivals=arrivals,
                )


def _reached(journal: Journal, wanted: Collection[Position]) -> list[Position]:
    """The positions whose events are in the journal and folded by every live generation, by whichever process."""
    with journal.database.read() as connection:
        folded = min(one.position for one in generations.live(connection))
        places = {one: journal.index_of(connection, *one) for one in wanted}
    return [one for one, index in places.items() if index is not None and index < folded]


def _provinces(clock: Clock) -> list[str]:
    """The codes of the provinces that exist today."""
    return [region.code for region in RegionTable.from_csv(load_text()).provinces(today(clock))]


def _parked(database: Database) -> int:
    """The number of streams that projections have parked."""
    with database.read() as connection:
        return len(generations.parked_list(connection))


def _watch_compilations(app: Application, queue: CompilationQueue) -> None:
    """Adds the check and the gauge of reports that could not be compiled."""

    def compiling() -> HealthCheck:
        count = queue.parked_count()
        return HealthCheck(ok=True, detail=f"{count} reports could not be compiled", care=count > 0)

    app.health.add("compilations", compiling)
    app.metrics.gauge("compilations_parked", "Reports that could not be compiled", queue.parked_count)


def _watch_drills(app: Application, record: Path) -> None:
    """Adds gauges of the newest restore drill that went well, as `ksad restore-drill` has recorded it."""

    def newest() -> dict[str, Any]:
        try:
            found: dict[str, Any] | None = orjson.loads(record.read_bytes())["newest_well"]
        except FileNotFoundError:
            found = None
        return found or {"at": "1970-01-01T00:00:00+00:00", "seconds": 0, "age_seconds": 0}

    def moment() -> float:
        return datetime.fromisoformat(newest()["at"]).timestamp()

    gauge = app.metrics.gauge
    gauge("restore_drill_timestamp_seconds", "When a restore drill last went well; 0 if none did", moment)
    gauge("restore_drill_duration_seconds", "How long it took", lambda: newest()["seconds"])
    gauge("restore_drill_backup_age_seconds", "How old the backup was", lambda: newest()["age_seconds"])


def _watch(app: Application, journal: Journal, checkpoints: Checkpoints, publisher: Publisher) -> None:
    """Adds health checks and gauges of the journal, the projections and the signed checkpoints."""

    def projected() -> tuple[int, int]:
        with journal.database.read() as connection:
            size = journal.size(connection)
            position = min(one.position for one in generations.live(connection))
        return position, size - position

    def trusted() -> HealthCheck:
        with journal.database.read() as connection:
            count = journal.conflict_count(connection)
        return HealthCheck(count == 0, f"{count} events contradict admitted ones")

    def signing() -> HealthCheck:
        refused, waiting = checkpoints.refused, checkpoints.waiting
        signed = f"{checkpoints.signed_size()} entries are signed" + (f"; {waiting}" if waiting else "")
        remedy = Remedy.OPERATOR if checkpoints.lasts else None
        return HealthCheck(refused is None, refused or signed, care=waiting is not None, remedy=remedy)

    def publishing() -> HealthCheck:
        refused = publisher.refused
        if refused is not None:
            return HealthCheck(ok=False, detail=refused, remedy=Remedy.BROKER)
        return HealthCheck(ok=True, detail="they go out")

    app.health.add("feeds", publishing)
    app.health.add("checkpoints", signing)
    app.health.add("projections", ProgressCheck(projected, recording(app).stuck_seconds))
    app.health.add("journal", trusted)
    app.metrics.gauge("signed_size", "Entries under a signed head", checkpoints.signed_size)
    app.metrics.gauge("journal_size", "Entries of the journal", lambda: sum(projected()))
    app.metrics.gauge("projection_lag_events", "Entries not projected", lambda: projected()[1])
