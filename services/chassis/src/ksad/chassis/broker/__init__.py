"""The adapter around nats-py: the log's stream, guarded atomic batches, and ordered reading.

No other package uses the client library. Its known faults are avoided here: no futures of ``publish_async``, no
key-value watcher, no push consumer, and no reconnecting client, which would keep messages that it could not send.
"""

from ksad.chassis.broker.connection import DamagedError, RefusedError, UnavailableError, UnstoredError, pause, waking
from ksad.chassis.broker.log import (
    BATCH_MAX,
    LOG_STREAM,
    LOG_SUBJECTS,
    Broker,
    GuardError,
    Outgoing,
)
from ksad.chassis.broker.messages import (
    MESSAGE_ID,
    STRUCTURED,
    MalformedError,
    Received,
    Stored,
    StreamState,
    received,
    stream_state,
)
from ksad.chassis.broker.reader import StreamReader
from ksad.chassis.broker.streams import StreamPlan, UnprovisionedError

__all__ = [
    "BATCH_MAX",
    "LOG_STREAM",
    "LOG_SUBJECTS",
    "MESSAGE_ID",
    "STRUCTURED",
    "Broker",
    "DamagedError",
    "GuardError",
    "MalformedError",
    "Outgoing",
    "Received",
    "RefusedError",
    "Stored",
    "StreamPlan",
    "StreamReader",
    "StreamState",
    "UnavailableError",
    "UnprovisionedError",
    "UnstoredError",
    "pause",
    "received",
    "stream_state",
    "waking",
]
