"""The event store: the library's mapper and recorder, with the bytes of one CloudEvent as ``state``."""

from ksad.chassis.store.recorder import (
    FORBID,
    ConflictError,
    EnvelopeMapper,
    PollingSubscription,
    Recorder,
    events_table,
    metadata,
)
from ksad.chassis.store.store import CommandRecord, CommandReusedError, EventStore, StoreBehindError, commands

__all__ = [
    "FORBID",
    "CommandRecord",
    "CommandReusedError",
    "ConflictError",
    "EnvelopeMapper",
    "EventStore",
    "PollingSubscription",
    "Recorder",
    "StoreBehindError",
    "commands",
    "events_table",
    "metadata",
]
