"""The one adapter around nats-py: the log's stream, guarded atomic batches, and ordered reading.

Nothing outside this package touches the client library, whose known faults are designed around here: no futures of
``publish_async``, no key-value watcher, no push consumer, and no reconnecting client that keeps what it could not send.
"""

from ksad.chassis.broker.connection import RefusedError, UnavailableError, pause, waking
from ksad.chassis.broker.log import BATCH_MAX, LOG_STREAM, LOG_SUBJECTS, Broker, GuardError, Outgoing, StreamState
from ksad.chassis.broker.messages import MESSAGE_ID, STRUCTURED, MalformedError, Received, Stored, received
from ksad.chassis.broker.reader import StreamReader

__all__ = [
    "BATCH_MAX",
    "LOG_STREAM",
    "LOG_SUBJECTS",
    "MESSAGE_ID",
    "STRUCTURED",
    "Broker",
    "GuardError",
    "MalformedError",
    "Outgoing",
    "Received",
    "RefusedError",
    "Stored",
    "StreamReader",
    "StreamState",
    "UnavailableError",
    "pause",
    "received",
    "waking",
]
