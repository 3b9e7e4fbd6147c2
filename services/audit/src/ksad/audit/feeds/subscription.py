"""A province's feed over NATS, from a consumer of its own; entries that NATS does not have are read over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from nats.aio.client import Client
from nats.errors import Error
from nkeys import NkeysError

from ksad.audit.feeds.follower import DeniedError, FeedBrokenError
from ksad.ledger.feeds.headers import INDEX, LEAF_HASH
from ksad.ledger.log.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats.aio.msg import Msg
    from nats.js.client import JetStreamContext

    from ksad.audit.feeds.follower import HttpFeed, VerifiedHead

BATCH = 500
LOOK_SECONDS = 0.5
IDLE_SECONDS = 5.0
"""How long to wait for an idle consumer before HTTP is asked: the connection may be dead, or the stream emptied."""
# The least time between two requests for the checkpoint over HTTP, and how long only HTTP is used after NATS failed.
LOOK_AROUND_SECONDS = IDLE_SECONDS + 1
LOOKS = 2
"""In how many looks in a row another process has to be seen."""
HEAD_SECONDS = 1.0
RETRY_SECONDS = 5.0
CONNECT_SECONDS = 2


class NatsFeed:
    """Reads the durable consumer that the platform made for a province.

    HTTP fills gaps in the index and replaces a broker that does not answer or whose stream was emptied. Messages that
    are stored already are acknowledged and dropped.
    """

    def __init__(
        self,
        credentials: dict[str, Any],
        province: str,
        http: HttpFeed,
        open_note: Callable[[bytes], VerifiedHead],
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """:param tell: called with the reason, once each time that the broker stops answering."""
        self._tell = tell
        self._away = False
        self._credentials = credentials
        self._heads = f"ksad.checkpoint.{province}"
        self._http = http
        self._open = open_note
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._pulling: JetStreamContext.PullSubscription | None = None
        self._waiting: deque[Msg] = deque()
        self._taken: list[Msg] = []
        self._note: bytes | None = None
        self._head: VerifiedHead | None = None
        self._asked = -HEAD_SECONDS
        self._again = 0.0
        self._looked = -LOOK_AROUND_SECONDS
        self._others = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()
        self._runner.close()

    def read(self, after: int, wait: float) -> list[bytes]:
        """The next leaves from index ``after`` on, from NATS or, where it does not have them, over HTTP.

        :raises FeedBrokenError: a message does not fit the leaf hash in its header, or an entry cannot be had either
            way.
        """
        if time.monotonic() < self._again:
            return self._http.read(after, min(wait, RETRY_SECONDS))
        try:
            if not self._waiting:
                self._waiting.extend(self._runner.run(self._fetch(min(max(wait, LOOK_SECONDS), IDLE_SECONDS))))
        except (Error, OSError) as error:
            self._drop()
            if not self._away:
                reason = str(error) or type(error).__name__
                self._tell(f"{self._credentials['url']} does not answer ({reason}): taken over HTTP meanwhile")
            self._away = True
            self._again = time.monotonic() + RETRY_SECONDS
            return self._http.read(after, 0)
        self._away = False
        return self._ordered(after) or self._http.read(after, 0)

    def stored(self) -> None:
        """Acknowledges what was read. If an acknowledgement is lost, the message comes again and is dropped."""
        taken, self._taken = self._taken, []
        with suppress(Error, OSError):
            self._runner.run(_acknowledge(taken))

    def head(self) -> VerifiedHead | None:
        """The newest signed checkpoint, from NATS or otherwise, at most once a second, over HTTP."""
        note, self._note = self._note, None
        if note is not None:
            self._head = self._open(note)
        elif time.monotonic() > self._asked + HEAD_SECONDS:
            self._head = self._http.head()
            self._asked = time.monotonic()
        return self._head

    def hashes(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes that the service states for [start, end)."""
        return self._http.hashes(start, end)

    def _ordered(self, after: int) -> list[bytes]:
        """The leaves from ``after`` on that have come, up to the first gap."""
        leaves: list[bytes] = []
        while self._waiting:
            message = self._waiting[0]
            headers = message.headers or {}
            told = headers.get(INDEX, "")
            if not (told.isascii() and told.isdecimal()):
                raise FeedBrokenError(f"a message says no index: {told[:40]!r}")
            index = int(told)
            if leaf_hash(message.data).hex() != headers.get(LEAF_HASH):
                raise FeedBrokenError(f"index {index} was altered: its bytes are not those of the leaf hash with it")
            if index > after + len(leaves):
                return leaves or self._missing(after, index)
            self._taken.append(self._waiting.popleft())
            if index == after + len(leaves):
                leaves.append(message.data)
        return leaves

    def _missing(self, after: int, index: int) -> list[bytes]:
        """Entries missing before the next message, read over HTTP."""
        missing = self._http.read(after, 0)[: index - after]
        if not missing:
            raise FeedBrokenError(f"index {after} was omitted: neither NATS nor HTTP gives it out")
        return missing

    async def _fetch(self, wait: float) -> list[Msg]:
        if self._client is None or not self._client.is_connected:
            await self._connect()
        assert self._pulling is not None  # noqa: S101 - connecting made it
        await self._look_around()
        try:
            return await self._pulling.fetch(BATCH, timeout=wait)
        except TimeoutError:
            return []

    async def _look_around(self) -> None:
        """Tells, once, that another process waits at the same consumer: the server deals the messages out to both.

        Between two requests of its own this one waits for nothing. A request that a killed process left ends before the
        second look.
        """
        now = time.monotonic()
        if self._client is None or now < self._looked + LOOK_AROUND_SECONDS:
            return
        self._looked = now
        known = self._credentials
        jetstream = self._client.jetstream(prefix=known["api_prefix"])
        waiting = (await jetstream.consumer_info(known["stream"], known["consumer"])).num_waiting
        self._others = self._others + 1 if waiting else 0
        if self._others == LOOKS:
            self._tell(
                f"another process takes messages of {known['consumer']} with the same credentials: each gets a part of "
                "them, and takes the rest over HTTP"
            )

    async def _connect(self) -> None:
        known, client = self._credentials, Client()
        try:
            await client.connect(
                known["url"],
                nkeys_seed_str=known["nkey_seed"],
                inbox_prefix=known["inbox_prefix"].encode(),
                connect_timeout=CONNECT_SECONDS,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                error_cb=_ignored,
            )
        except (NkeysError, ValueError) as error:
            raise DeniedError(
                f"url and nkey_seed of the credentials open no broker ({error}): get them anew"
            ) from error
        except (Error, OSError):
            await client.close()
            raise
        self._client = client
        await self._client.subscribe(self._heads, cb=self._heard)
        jetstream = self._client.jetstream(prefix=known["api_prefix"])
        self._pulling = await jetstream.pull_subscribe_bind(known["consumer"], stream=known["stream"])

    async def _heard(self, message: Msg) -> None:
        self._note = message.data

    def _drop(self) -> None:
        client, self._client, self._pulling = self._client, None, None
        self._waiting.clear()
        self._taken.clear()
        if client is not None:
            with suppress(Error, OSError):
                self._runner.run(client.close())


async def _acknowledge(messages: Sequence[Msg]) -> None:
    for message in messages:
        await message.ack()


async def _ignored(_: Exception) -> None:
    """Suppresses the client's own error output; errors surface in the calls that fail."""
