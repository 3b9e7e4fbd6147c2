"""The health checks and gauges of every service with a store, for ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from ksad.chassis.bucket import Bucket
from ksad.chassis.health import HealthCheck, ProgressCheck, Remedy, contact_check, set_aside
from ksad.chassis.replicas import Replicas
from ksad.chassis.settings import Settings
from ksad.chassis.shared_documents import SharedDocuments
from ksad.chassis.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ksad.chassis.broker import Broker, StreamPlan
    from ksad.chassis.follower import Follower
    from ksad.chassis.relay import Relay
    from ksad.chassis.service import Application, Background


def recording(app: Application) -> Settings:
    """The settings of a service that records facts; only such a service has a relay, a broker and documents."""
    assert isinstance(app.settings, Settings)  # noqa: S101 - what else has no relay to be watched
    return app.settings


def watch(
    app: Application,
    background: Background,
    relay: Relay,
    broker: Broker,
    folders: Sequence[Path] = (),
    streams: Sequence[tuple[Broker, StreamPlan]] = (),
) -> None:
    """Adds checks and gauges of storage, clock, relay and broker.

    :param folders: where the service keeps files besides its documents.
    :param streams: the streams that the service needs besides the log, each with who opens it.
    """
    settings = recording(app)
    store, stuck = relay.store, settings.stuck_seconds
    storage = Storage(store, [settings.documents_dir, *folders])
    background.run("storage", storage.run)
    app.health.add("storage", storage.check)
    access = settings.bucket()
    if access is not None:
        shared = SharedDocuments(Bucket(access, relay.service))
        background.run("documents", shared.run)
        app.health.add("documents", shared.check)
    app.health.add("store", lambda: _store(relay))
    app.health.add("clock", lambda: HealthCheck(store.times.refused is None, store.times.refused or "goes forward"))
    app.health.add("relay", ProgressCheck(lambda: relay.status().progress, stuck))
    replicas = Replicas(broker, settings.nats_monitors(), others=streams, tls=settings.nats_tls())
    background.run("replicas", replicas.run)
    app.health.add("log", replicas.check)
    app.health.add("broker", contact_check(lambda: broker.last_contact, stuck, lambda: relay.refused))
    app.metrics.gauge("log_head", "Newest own event", store.head)
    app.metrics.gauge("relay_lag_events", "Own events not in the stream", lambda: relay.status().lag_events)
    app.metrics.gauge("times_clamped_total", "Events given the time of the one before", lambda: store.times.clamped)
    app.metrics.gauge("storage_free_bytes", "Free bytes of the fullest disk that is written to", storage.room)
    app.metrics.gauge("storage_size_bytes", "Size of the disk that storage_free_bytes is about", storage.size)
    app.metrics.gauge("log_missing_messages", "Messages that the worst server has lost", replicas.missing)
    servers = settings.nats_monitors()
    up = {one: partial(replicas.up, one) for one in servers}
    app.metrics.labelled("broker_server_up", "1 while a server of the broker tells what it has", "server", up)
    lost = {one: partial(replicas.missing_on, one) for one in servers}
    app.metrics.labelled("broker_server_missing_messages", "Messages of the log that it has lost", "server", lost)
    app.metrics.gauge("broker_silent_seconds", "Since a sign of life", lambda: time.monotonic() - broker.last_contact)


def _store(relay: Relay) -> HealthCheck:
    behind = relay.store.behind
    remedy = Remedy.OPERATOR if behind is not None and relay.contradicted else None
    return HealthCheck(behind is None, behind or "complete", remedy=remedy)


def watch_leading(app: Application, roles: Mapping[str, Callable[[], bool]]) -> None:
    """Adds the gauge of roles that one process at a time has: 1 in the process that leads now.

    The sum over all processes of a service must be 1: with 0 nobody leads, with more several do.
    """
    app.metrics.labelled("leader", "1 in the process that leads the role", "role", roles)


def watch_following(app: Application, follower: Follower, also_parked: Callable[[], int] = lambda: 0) -> None:
    """Adds checks and gauges of the follower and of what it has parked.

    :param also_parked: returns the number of streams that the service has parked apart from the follower.
    """

    def parking() -> HealthCheck:
        found = follower.status()
        return set_aside(found.parked + also_parked(), found.quarantined)

    watch_leading(app, {"follower": lambda: follower.status().role == "active"})
    app.health.add("follower", ProgressCheck(lambda: follower.status().progress, recording(app).stuck_seconds))
    app.health.add("parking", parking)
    app.metrics.gauge("follower_lag_events", "Messages not applied", lambda: follower.status().lag_events)
    app.metrics.gauge("parked_total", "Events that are parked", lambda: follower.status().parked)
    app.metrics.gauge("quarantined_total", "Messages that are no events", lambda: follower.status().quarantined)
