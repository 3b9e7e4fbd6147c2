"""The checks and gauges that every service with a store has, for ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ksad.chassis.health import HealthCheck, ProgressCheck, contact_check, set_aside
from ksad.chassis.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.broker import Broker
    from ksad.chassis.follower import Follower
    from ksad.chassis.relay import Relay
    from ksad.chassis.service import Application, Background


def watch(app: Application, background: Background, relay: Relay, broker: Broker) -> None:
    """Watch what a service keeps things in, the way into the log, and whether there still is somebody at its end."""
    store, stuck = relay.store, app.settings.stuck_seconds
    storage = Storage(store, [app.settings.documents_dir])
    background.run("storage", storage.run)
    app.health.add("storage", storage.check)
    app.health.add("store", lambda: HealthCheck(store.behind is None, store.behind or "complete"))
    app.health.add("clock", lambda: HealthCheck(store.times.refused is None, store.times.refused or "goes forward"))
    app.health.add("relay", ProgressCheck(lambda: relay.status().progress, stuck))
    app.health.add("broker", contact_check(lambda: broker.last_contact, stuck))
    app.metrics.gauge("log_head", "Newest own event", store.head)
    app.metrics.gauge("relay_lag_events", "Own events not in the stream", lambda: relay.status().lag_events)
    app.metrics.gauge("times_clamped_total", "Events given the time of the one before", lambda: store.times.clamped)
    app.metrics.gauge("storage_free_bytes", "Free bytes of the fullest disk that is written to", storage.room)
    app.metrics.gauge("broker_silent_seconds", "Since a sign of life", lambda: time.monotonic() - broker.last_contact)


def watch_following(app: Application, follower: Follower, also_parked: Callable[[], int] = lambda: 0) -> None:
    """Watch the way out of the log: how far the follower is, and what it has set aside.

    :param also_parked: how many streams the service has set aside besides those of its follower.
    """

    def parking() -> HealthCheck:
        found = follower.status()
        return set_aside(found.parked + also_parked(), found.quarantined)

    app.health.add("follower", ProgressCheck(lambda: follower.status().progress, app.settings.stuck_seconds))
    app.health.add("parking", parking)
    app.metrics.gauge("follower_lag_events", "Messages not applied", lambda: follower.status().lag_events)
    app.metrics.gauge("parked_total", "Events that are parked", lambda: follower.status().parked)
    app.metrics.gauge("quarantined_total", "Messages that are no events", lambda: follower.status().quarantined)
