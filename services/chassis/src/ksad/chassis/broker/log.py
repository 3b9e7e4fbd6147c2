"""The stream of all facts: made when it is missing, published to in guarded batches, asked for its newest message."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ksad.chassis.broker.connection import REQUEST_SECONDS, Connection, RefusedError, UnavailableError, answer_of
from ksad.chassis.broker.messages import Stored, stored
from ksad.chassis.broker.reader import StreamReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LOG_STREAM = "KSAD_LOG"
LOG_SUBJECTS = "ksad.log.>"
DUPLICATE_SECONDS = 120
BATCH_MAX = 500
"""Messages of one atomic batch; the server refuses more than 1,000."""
COMMIT_SECONDS = 10.0

NO_MESSAGE = 10037
NO_STREAM = 10059
GUARDED = {
    10071: "wrong last sequence",
    10201: "the batch holds a message id that is stored already",
}


class GuardError(Exception):
    """Nothing of the batch was stored: the subjects have newer messages than expected, or hold these already."""


class StreamState(NamedTuple):
    """A stream's identity and its sequences. A stream that was lost and made again is another incarnation."""

    incarnation: str
    first: int
    last: int


class Outgoing(NamedTuple):
    """A message to publish."""

    subject: str
    raw: bytes
    headers: dict[str, str]


class Broker:
    """The broker, as one service sees it. Make it inside the event loop."""

    def __init__(self, url: str, name: str, nkey_seed_file: Path | None = None, replicas: int = 1) -> None:
        self._connection = Connection(url, name, nkey_seed_file)
        self._replicas = replicas

    async def start(self) -> None:
        """Begin connecting, and stay connected until it is stopped; returns at once."""
        await self._connection.start()

    async def stop(self) -> None:
        """Close the connection."""
        await self._connection.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def connected(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._connection.connected

    @property
    def generation(self) -> int:
        """Grows with every new connection: whoever remembers anything of the broker compares it."""
        return self._connection.generation

    @property
    def last_contact(self) -> float:
        """When the broker gave its last sign of life, in seconds of the monotonic clock."""
        return self._connection.last_contact

    async def wait_connected(self, seconds: float = REQUEST_SECONDS) -> None:
        """Wait for a connection; raises UnavailableError when there is none within these seconds."""
        await self._connection.wait(seconds)

    async def open_stream(self, stream: str = LOG_STREAM, subjects: str = LOG_SUBJECTS) -> StreamState:
        """The stream's state; it is made when it is missing, on disk and without limits.

        :raises UnavailableError: no answer, or the stream cannot take atomic batches.
        """
        try:
            info = await self._connection.ask(f"STREAM.INFO.{stream}")
        except RefusedError as error:
            if error.code != NO_STREAM:
                raise
            info = await self._connection.ask(f"STREAM.CREATE.{stream}", self._config(stream, subjects))
        if not info["config"].get("allow_atomic"):
            raise UnavailableError(f"stream {stream} takes no atomic batches: set allow_atomic")
        return StreamState(info["created"], info["state"]["first_seq"], info["state"]["last_seq"])

    async def open_consumer(self, stream: str, name: str, subjects: str) -> None:
        """A durable pull consumer with explicit acks over some subjects of a stream; made where it is missing.

        :raises UnavailableError: no answer.
        """
        config = {
            "durable_name": name,
            "name": name,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": 30 * 10**9,
            "max_ack_pending": 1000,
            "filter_subject": subjects,
        }
        body = {"stream_name": stream, "config": config}
        await self._connection.ask(f"CONSUMER.CREATE.{stream}.{name}.{subjects}", body)

    async def notify(self, subject: str, payload: bytes) -> None:
        """Publish without a stream: whoever listens now hears it.

        :raises UnavailableError: there is no connection.
        """
        await self._connection.session.publish(subject, payload, None)

    async def last_of(self, subjects: str, stream: str = LOG_STREAM) -> Stored | None:
        """The newest message under subjects (wildcards allowed), or None; raises UnavailableError."""
        return await self._message(stream, {"last_by_subj": subjects})

    async def message(self, sequence: int, stream: str = LOG_STREAM) -> Stored | None:
        """The message at a sequence, or None; raises UnavailableError."""
        return await self._message(stream, {"seq": sequence})

    async def publish(self, message: Outgoing) -> int:
        """Store one message; the sequence it has got, which is that of the first when its id is a repeated one.

        :raises UnavailableError: no answer. It may have been stored or not.
        """
        return int((await self._store(message, {}))["seq"])

    async def publish_batch(self, messages: Sequence[Outgoing], subjects: str, expected_last: int) -> int:
        """Store all messages one after the other, or none of them; the sequence of the last one.

        All lie under ``subjects``, whose newest message must have the sequence ``expected_last`` (0: there is none).
        At most 500; each may carry its id in the header ``Nats-Msg-Id``.

        :raises GuardError: another message came first, or these are stored already. Nothing was stored.
        :raises UnavailableError: no answer. They may have been stored or not: look before trying again.
        """
        guard = {
            "Nats-Expected-Last-Subject-Sequence": str(expected_last),
            "Nats-Expected-Last-Subject-Sequence-Subject": subjects,
        }
        try:
            answer = await self._store_all(messages, guard)
        except RefusedError as error:
            if error.code in GUARDED:
                raise GuardError(GUARDED[error.code]) from error
            raise
        if answer.get("duplicate"):
            raise GuardError(f"message {answer['seq']} has this id already")
        return int(answer["seq"])

    def reader(self, after: int, subjects: Sequence[str], stream: str = LOG_STREAM) -> StreamReader:
        """Reads the messages after a sequence, in order; an asynchronous context manager."""
        return StreamReader(self._connection, stream, after, subjects)

    async def _store_all(self, messages: Sequence[Outgoing], guard: dict[str, str]) -> dict[str, Any]:
        if len(messages) == 1:
            # The server's bookkeeping of a batch costs two milliseconds, which a single message can spare.
            return await self._store(messages[0], guard)
        batch = token_hex(16)
        session = self._connection.session
        for number, message in enumerate(messages[:-1], start=1):
            headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number), **message.headers, **guard}
            guard = {}
            await session.publish(message.subject, message.raw, headers)
        commit = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(len(messages)), "Nats-Batch-Commit": "1"}
        return await self._store(messages[-1], commit)

    async def _store(self, message: Outgoing, headers: dict[str, str]) -> dict[str, Any]:
        every = {**message.headers, **headers}
        answer = await self._connection.request(message.subject, message.raw, every, COMMIT_SECONDS)
        return answer_of(answer.data)

    async def _message(self, stream: str, which: dict[str, Any]) -> Stored | None:
        try:
            answer = await self._connection.ask(f"STREAM.MSG.GET.{stream}", which)
        except RefusedError as error:
            if error.code == NO_MESSAGE:
                return None
            raise
        return stored(answer["message"])

    def _config(self, stream: str, subjects: str) -> dict[str, Any]:
        return {
            "name": stream,
            "subjects": [subjects],
            "storage": "file",
            "retention": "limits",
            "discard": "new",
            "num_replicas": self._replicas,
            "duplicate_window": DUPLICATE_SECONDS * 10**9,
            "allow_direct": True,
            "allow_atomic": True,
            "max_msgs": -1,
            "max_bytes": -1,
            "max_age": 0,
            "max_msgs_per_subject": -1,
            "max_msg_size": -1,
            "max_consumers": -1,
        }
