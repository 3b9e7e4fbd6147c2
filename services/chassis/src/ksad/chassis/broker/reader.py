"""Reads a stream in order, through a pull consumer that lasts as long as its reader and needs no acknowledgement.

The caller keeps the position. The consumer counts its deliveries: a gap in the count, a lost connection or a missing
heartbeat ends the reader with an error, and the caller opens a new one at its own position. Both forms of the server's
reply subjects are supported (``js_ack_fc_v2`` on and off).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from contextlib import suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Self

from ksad.chassis.broker.connection import Connection, DamagedError, Session, UnavailableError
from ksad.chassis.broker.messages import Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

PREFETCH = 1500
"""The most messages requested or queued, which bounds memory for a slow caller."""
EXPIRES_SECONDS = 30
HEARTBEAT_SECONDS = 2
SILENCE_SECONDS = 3 * HEARTBEAT_SECONDS
# After so long without its reader, as when the process was killed, the server deletes the consumer.
INACTIVE_SECONDS = 60

_HEARTBEAT = "100"
_ENDED = {"404", "408"}
_NO_HEADERS: dict[str, str] = {}


class StreamReader:
    """The messages of a stream after a sequence, in order, each once; an asynchronous context manager."""

    def __init__(
        self, connection: Connection, stream: str, after: int, subjects: Sequence[str], *, whole: bool = False
    ) -> None:
        """:param whole: the subjects are all that the stream has, so each sequence follows on the one before."""
        self._connection = connection
        self._whole = whole
        self._newest = after
        self._stream = stream
        self._after = after
        self._subjects = list(subjects)
        self._consumer = f"read-{token_hex(8)}"
        self._queue: deque[Stored] = deque()
        self._arrival = asyncio.Event()
        self._failure: UnavailableError | None = None
        self._count = 0
        self._asked = 0
        self._behind = 0
        self._heard = time.monotonic()
        self._session: Session | None = None
        self._subscription: Subscription | None = None

    @property
    def pending(self) -> int:
        """The number of messages that :meth:`read` has not returned yet, as last reported by the server."""
        return self._behind + len(self._queue)

    @property
    def oldest(self) -> Stored | None:
        """The next message that :meth:`read` will return, if it has arrived."""
        return self._queue[0] if self._queue else None

    async def __aenter__(self) -> Self:
        self._session = self._connection.session
        config = {
            "name": self._consumer,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._after + 1,
            "ack_policy": "none",
            "replay_policy": "instant",
            "filter_subjects": self._subjects,
            # Its state need not outlast a server, because the caller keeps the position.
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": INACTIVE_SECONDS * 10**9,
        }
        body = {"stream_name": self._stream, "config": config, "action": "create"}
        last = (await self._connection.ask(f"STREAM.INFO.{self._stream}"))["state"]["last_seq"] if self._whole else 0
        info = await self._connection.ask(f"CONSUMER.CREATE.{self._stream}.{self._consumer}", body)
        self._behind = info["num_pending"]
        if self._after + self._behind < last:
            # A replica that has lost its end, or has yet to catch up, would look like the end of the log.
            await self._connection.ask(f"CONSUMER.DELETE.{self._stream}.{self._consumer}")
            raise UnavailableError(
                f"{self._stream}: the server that it is read from has {self._after + self._behind} of {last} messages"
            )
        inbox = self._session.client.new_inbox()
        self._subscription = await self._session.run(self._session.client.subscribe(inbox, cb=self._arrived))
        self._inbox = inbox
        await self._pull()
        return self

    async def __aexit__(self, *_: object) -> None:
        session = self._session
        if session is None or session.gone.is_set():
            return
        with suppress(UnavailableError):
            if self._subscription is not None:
                await session.run(self._subscription.unsubscribe())
            await self._connection.ask(f"CONSUMER.DELETE.{self._stream}.{self._consumer}")

    async def read(self, limit: int, seconds: float) -> list[Stored]:
        """Waits up to ``seconds`` for messages; returns at most ``limit``, or none.

        :raises DamagedError: the server has lost the next message.
        :raises UnavailableError: the reader has ended; open another.
        """
        if not self._queue:
            self._arrival.clear()
            await self._wait(seconds)
        if self._failure is None and self._session is not None and self._session.gone.is_set():
            self._failure = UnavailableError("the connection to the broker was lost")
        if self._failure is None and self._asked > 0 and time.monotonic() - self._heard > SILENCE_SECONDS:
            self._failure = UnavailableError(f"the broker was silent for {SILENCE_SECONDS} seconds")
        # What arrived before a failure is complete and in order, so it is returned first.
        taken = [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]
        if not taken and self._failure is not None:
            raise self._failure
        if self._failure is None:
            await self._pull()
        return taken

    def wake(self) -> None:
        """Ends the wait of :meth:`read`."""
        self._arrival.set()

    async def _wait(self, seconds: float) -> None:
        if self._failure is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arrival.wait(), seconds)

    async def _pull(self) -> None:
        """Requests more messages when at least half of the allowed number is free."""
        room = PREFETCH - self._asked - len(self._queue)
        if room < PREFETCH // 2 or self._session is None:
            return
        # Until now no request was open, so the server was silent rightly.
        if self._asked == 0:
            self._heard = time.monotonic()
        self._asked += room
        wish = {"batch": room, "expires": EXPIRES_SECONDS * 10**9, "idle_heartbeat": HEARTBEAT_SECONDS * 10**9}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await self._session.publish(subject, json.dumps(wish).encode(), None, self._inbox)

    async def _arrived(self, message: Msg) -> None:
        self._heard = time.monotonic()
        headers: dict[str, Any] = message.headers or _NO_HEADERS
        if message.reply.startswith("$JS.ACK."):
            self._keep(message, headers)
        else:
            self._told(headers)
        self._arrival.set()

    def _keep(self, message: Msg, headers: dict[str, str]) -> None:
        # $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<sequence>.<count>.<time>.<pending>[.<token>]
        if self._failure is not None:
            return
        parts = message.reply.split(".")
        at = 5 if len(parts) == 9 else 7  # noqa: PLR2004 - the two forms differ in their number of parts
        count = int(parts[at + 1])
        if count != self._count + 1:
            self._failure = UnavailableError(f"message {self._count + 1} of the consumer is missing")
            return
        sequence = int(parts[at])
        if self._whole and sequence != self._newest + 1:
            self._failure = DamagedError(
                f"{self._stream}: the server that it is read from has lost the messages {self._newest + 1} to "
                f"{sequence - 1} (docs/operating.md, a replica of the log is damaged)"
            )
            return
        self._newest = sequence
        self._count = count
        self._asked -= 1
        self._behind = int(parts[at + 3])
        self._queue.append(Stored(sequence, message.subject, message.data, headers, int(parts[at + 2])))

    def _told(self, headers: dict[str, str]) -> None:
        """Handles a status message: a heartbeat, the end of a request, or the end of the consumer."""
        status = headers.get("Status", "")
        if status == _HEARTBEAT:
            if int(headers.get("Nats-Last-Consumer", self._count)) > self._count:
                self._failure = UnavailableError("messages of the consumer were lost")
        # The rest of a request that the server serves no longer.
        elif status in _ENDED:
            self._asked -= int(headers.get("Nats-Pending-Messages", self._asked))
        else:
            ended = f"the consumer ended: {status} {headers.get('Description', '')}"
            self._failure = UnavailableError(ended.strip())
