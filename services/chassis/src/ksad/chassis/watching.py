"""The checks and gauges that every service with a store has, for ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ksad.chassis.health import HealthCheck, ProgressCheck, heard
from ksad.chassis.storage import Storage

if TYPE_CHECKING:
    from ksad.chassis.broker import Broker
    from ksad.chassis.metrics import Metrics
    from ksad.chassis.relay import Relay
    from ksad.chassis.service import Background
    from ksad.chassis.settings import Settings


def watch(background: Background, metrics: Metrics, relay: Relay, broker: Broker, settings: Settings) -> None:
    """Watch what a service keeps things in, the way into the log, and whether there still is somebody at its end."""
    health, store, stuck = background.health, relay.store, settings.stuck_seconds
    storage = Storage(store, [settings.documents_dir])
    background.run("storage", storage.run)
    health.add("storage", storage.check)
    health.add("store", lambda: HealthCheck(store.behind is None, store.behind or "complete"))
    health.add("relay", ProgressCheck(lambda: relay.status().progress, stuck))
    health.add("broker", heard(lambda: broker.heard, stuck))
    metrics.gauge("log_head", "Newest own event", store.head)
    metrics.gauge("relay_lag_events", "Own events not in the stream", lambda: relay.status().lag_events)
    metrics.gauge("storage_free_bytes", "Free bytes of the fullest disk that is written to", storage.room)
    metrics.gauge("broker_silent_seconds", "Since a sign of life", lambda: time.monotonic() - broker.heard)
