"""The stream of all events: creating it, publishing guarded batches, and reading its newest messages."""

from __future__ import annotations

import time
from secrets import token_hex
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ksad.chassis.broker.connection import (
    REQUEST_SECONDS,
    Connection,
    DamagedError,
    RefusedError,
    UnavailableError,
    UnstoredError,
    answer_of,
)
from ksad.chassis.broker.messages import Stored, StreamState, stored, stream_state
from ksad.chassis.broker.reader import StreamReader
from ksad.chassis.broker.streams import StreamPlan, check_server

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ksad.chassis.broker_settings import BrokerSettings
    from ksad.chassis.certificates import ClientTls

LOG_STREAM = "KSAD_LOG"
LOG_SUBJECTS = "ksad.log.>"
BATCH_MAX = 500
"""Messages per atomic batch; the server refuses more than 1,000."""
COMMIT_SECONDS = 10.0
ALIVE_SECONDS = 3.0
"""A broker that has given a sign of life within these is there; it is asked for one each second."""

# Error codes (``err_code``) of JetStream.
NO_MESSAGE = 10037
NO_STREAM = 10059
GUARDED = {
    10071: "wrong last sequence",
    10158: "a message with one of these ids is being stored",
    10163: "the guard cannot be checked now: the stream has a new leader",
    10164: "wrong last sequence",
    10176: "the batch is incomplete: the stream has a new leader",
    10201: "the batch holds a message id that is stored already",
}
"""Error codes by which a guarded batch is refused as a whole; all but the first and the last occur on clusters only."""


class GuardError(Exception):
    """No message of the batch was stored, because the guard did not hold. Read the stream again before retrying."""


class Outgoing(NamedTuple):
    """A message to publish."""

    subject: str
    raw: bytes
    headers: dict[str, str]


class Broker:
    """The broker for one service. Must be created inside the event loop."""

    def __init__(
        self,
        url: str,
        name: str,
        nkey_seed_file: Path | None = None,
        replicas: int = 1,
        tls: ClientTls | None = None,
    ) -> None:
        """:param replicas: the least number of replicas of every stream; with more than one, none is made here."""
        self._connection = Connection(url, name, nkey_seed_file, tls)
        self.replicas = replicas

    @classmethod
    def from_settings(cls, settings: BrokerSettings, name: str, nkey_seed_file: Path | None = None) -> Self:
        """The broker that settings name.

        :param nkey_seed_file: of another user than the service's own.
        """
        seed = nkey_seed_file or settings.nats_nkey_seed_file
        return cls(settings.nats_url, name, seed, settings.nats_replicas, settings.nats_tls())

    async def start(self) -> None:
        """Starts connecting, and stays connected until `stop`; returns at once."""
        await self._connection.start()

    async def stop(self) -> None:
        """Closes the connection."""
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
    def server_version(self) -> tuple[int, int, int]:
        """The release of the connected nats-server (`Connection.server_version`)."""
        return self._connection.server_version

    @property
    def generation(self) -> int:
        """The number of connections made so far. What is remembered of the broker's state holds for one of them."""
        return self._connection.generation

    @property
    def last_contact(self) -> float:
        """When the broker last answered a ping, in seconds of the monotonic clock."""
        return self._connection.last_contact

    async def wait_connected(self, seconds: float = REQUEST_SECONDS) -> None:
        """Waits for a connection.

        :raises UnavailableError: there was none within these seconds.
        """
        await self._connection.wait(seconds)

    async def open_stream(
        self, stream: str = LOG_STREAM, subjects: str = LOG_SUBJECTS, *, newest_only: bool = False
    ) -> StreamState:
        """Opens a stream. Where it is missing it is made, unless it must have several replicas: see `provision`.

        :param newest_only: if it is made, it keeps only the newest message of each subject.
        :raises UnprovisionedError: the stream or the server is not what the log needs, or the stream is missing.
        :raises UnavailableError: no answer.
        """
        plan = StreamPlan(stream, subjects, newest_only)
        if self.replicas > 1:
            check_server(self._connection.server_version)
        info = await self._info(stream)
        if info is None and self.replicas > 1:
            raise plan.missing()
        if info is None:
            info = await self._connection.ask(f"STREAM.CREATE.{stream}", plan.config(self.replicas))
        plan.check(info["config"], self.replicas)
        return stream_state(info)

    async def provision(self, plan: StreamPlan) -> list[str]:
        """Makes a stream as planned, or changes what it lacks; returns the names of the settings that were changed.

        :raises RefusedError: the server does not carry it out, as for a change of storage.
        :raises UnavailableError: no answer.
        """
        if self.replicas > 1:
            check_server(self._connection.server_version)
        info = await self._info(plan.name)
        if info is None:
            await self._connection.ask(f"STREAM.CREATE.{plan.name}", plan.config(self.replicas))
            return ["created"]
        changes = plan.changes(info["config"], self.replicas)
        if changes:
            await self._connection.ask(f"STREAM.UPDATE.{plan.name}", {**info["config"], **changes})
        return sorted(changes)

    async def _info(self, stream: str) -> dict[str, Any] | None:
        """The description of a stream; None if it is missing."""
        try:
            return await self._connection.ask(f"STREAM.INFO.{stream}")
        except RefusedError as error:
            if error.code != NO_STREAM:
                raise
            return None

    async def open_log(self) -> StreamState:
        """Opens the log's stream, and creates it if it is missing.

        :raises DamagedError: the server that leads the stream has lost messages.
        :raises UnavailableError: no answer.
        """
        state = await self.open_stream()
        if state.missing:
            raise DamagedError(
                f"the server that leads {LOG_STREAM} has {state.messages} of {state.last} messages: it has lost "
                f"{state.missing} (docs/operating.md, a replica of the log is damaged)"
            )
        return state

    async def open_consumer(self, stream: str, name: str, subjects: str) -> None:
        """Creates, if missing, a durable pull consumer with explicit acknowledgement over some subjects of a stream.

        :raises UnavailableError: no answer.
        """
        config = {
            "durable_name": name,
            "name": name,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": 30 * 10**9,
            # So many messages may be fetched before the first of them is acknowledged.
            "max_ack_pending": 1000,
            "filter_subject": subjects,
        }
        body = {"stream_name": stream, "config": config}
        await self._connection.ask(f"CONSUMER.CREATE.{stream}.{name}.{subjects}", body)

    async def notify(self, subject: str, payload: bytes) -> None:
        """Publishes outside any stream, to present subscribers only.

        :raises UnavailableError: there is no connection.
        """
        await self._connection.session.publish(subject, payload, None)

    async def last_of(self, subjects: str, stream: str = LOG_STREAM) -> Stored | None:
        """The newest message under subjects (wildcards allowed); ``None`` if there is none.

        :raises UnavailableError: no answer.
        """
        return await self._message(stream, {"last_by_subj": subjects})

    async def message(self, sequence: int, stream: str = LOG_STREAM) -> Stored | None:
        """The message with a sequence; ``None`` if there is none.

        :raises UnavailableError: no answer.
        """
        return await self._message(stream, {"seq": sequence})

    async def publish(self, message: Outgoing) -> int:
        """Stores one message; returns its sequence, for a repeated message id that of the first one.

        :raises UnavailableError: no answer. The message may or may not have been stored.
        """
        return int((await self._store(message, {}))["seq"])

    async def publish_batch(self, messages: Sequence[Outgoing], subjects: str, expected_last: int) -> int:
        """Stores all messages consecutively, or none; returns the sequence of the last.

        At most 500 messages, all under ``subjects``. The newest message under ``subjects`` must have the sequence
        ``expected_last`` (0 if there is none). A message may have its id in the header ``Nats-Msg-Id``.

        :raises GuardError: there is a newer message, or a message id is stored already. Nothing was stored.
        :raises UnavailableError: no answer. The messages may or may not have been stored; look before trying again.
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
        """A reader of the messages after a sequence, in order; an asynchronous context manager.

        A reader of the whole log ends with DamagedError at the first missing message.
        """
        whole = (stream, *subjects) == (LOG_STREAM, LOG_SUBJECTS)
        return StreamReader(self._connection, stream, after, subjects, whole=whole)

    async def _store_all(self, messages: Sequence[Outgoing], guard: dict[str, str]) -> dict[str, Any]:
        if len(messages) == 1:
            # The server takes two milliseconds for the bookkeeping of a batch, which a single message does not need.
            return await self._store(messages[0], guard)
        batch = token_hex(16)
        session = self._connection.session
        for number, message in enumerate(messages[:-1], start=1):
            headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number), **message.headers, **guard}
            # Only the first message has the guard; the batch is stored as a whole or not at all.
            guard = {}
            await session.publish(message.subject, message.raw, headers)
        commit = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(len(messages)), "Nats-Batch-Commit": "1"}
        return await self._store(messages[-1], commit)

    async def _store(self, message: Outgoing, headers: dict[str, str]) -> dict[str, Any]:
        every = {**message.headers, **headers}
        try:
            answer = await self._connection.request(message.subject, message.raw, every, COMMIT_SECONDS)
        except RefusedError:
            raise
        except UnavailableError as error:
            if time.monotonic() - self.last_contact < ALIVE_SECONDS:
                raise UnstoredError("the broker answers, and stores nothing") from error
            raise
        return answer_of(answer.data)

    async def _message(self, stream: str, which: dict[str, Any]) -> Stored | None:
        try:
            answer = await self._connection.ask(f"STREAM.MSG.GET.{stream}", which)
        except RefusedError as error:
            if error.code == NO_MESSAGE:
                return None
            raise
        return stored(answer["message"])
