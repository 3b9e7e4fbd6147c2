"""The event store: mapper and recorder of the library ``eventsourcing``, with a CloudEvent's bytes as ``state``."""

from ksad.chassis.store.batch import Outcome, PendingCommand, StoreView
from ksad.chassis.store.closed import ClockError, StoreBehindError, StoreClosedError
from ksad.chassis.store.recorder import (
    ConflictError,
    EnvelopeMapper,
    PollingSubscription,
    Recorder,
    events_table,
    metadata,
)
from ksad.chassis.store.recording import CommandRecorder
from ksad.chassis.store.store import CommandRecord, CommandReusedError, EventStore, commands

__all__ = [
    "ClockError",
    "CommandRecord",
    "CommandRecorder",
    "CommandReusedError",
    "ConflictError",
    "EnvelopeMapper",
    "EventStore",
    "Outcome",
    "PendingCommand",
    "PollingSubscription",
    "Recorder",
    "StoreBehindError",
    "StoreClosedError",
    "StoreView",
    "commands",
    "events_table",
    "metadata",
]
