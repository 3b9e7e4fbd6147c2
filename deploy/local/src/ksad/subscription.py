"""A province's feed over NATS: its own consumer, acknowledged once stored; what is missing there comes over HTTP."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from nats.aio.client import Client
from nats.errors import Error

from reporting.feeds.follower import FeedBrokenError
from reporting.feeds.publisher import INDEX, LEAF_HASH
from reporting.transparency.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nats.aio.msg import Msg
    from nats.js.client import JetStreamContext

    from reporting.feeds.follower import Head, HttpFeed

BATCH = 500
LOOK_SECONDS = 0.5
RETRY_SECONDS = 5.0
CONNECT_SECONDS = 2


class NatsFeed:
    """The consumer that the platform made for a province.

    A gap in the index, a broker that does not answer and a rewind are filled over HTTP, so that a cut or a wiped stream
    only changes the road. Messages that are stored already are acknowledged and dropped.
    """

    def __init__(
        self, credentials: dict[str, Any], province: str, http: HttpFeed, open_note: Callable[[bytes], Head]
    ) -> None:
        self._credentials = credentials
        self._heads = f"ksad.checkpoint.{province}"
        self._http = http
        self._open = open_note
        self._runner = asyncio.Runner()
        self._client: Client | None = None
        self._pulling: JetStreamContext.PullSubscription | None = None
        self._taken: list[Msg] = []
        self._note: bytes | None = None
        self._again = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()
        self._runner.close()

    def read(self, after: int, wait: float) -> list[bytes]:
        """The next leaves from index ``after`` on.

        :raises FeedBrokenError: a message's bytes are not those of the leaf hash that it bears.
        """
        if time.monotonic() < self._again:
            return self._http.read(after, min(wait, RETRY_SECONDS))
        try:
            messages = self._runner.run(self._fetch(max(wait, LOOK_SECONDS)))
        except (Error, OSError):
            self._drop()
            self._again = time.monotonic() + RETRY_SECONDS
            return self._http.read(after, 0)
        return self._ordered(messages, after)

    def stored(self) -> None:
        """Acknowledge what was read. An ack that is lost only brings the message again."""
        taken, self._taken = self._taken, []
        with suppress(Error, OSError):
            self._runner.run(_acknowledge(taken))

    def head(self) -> Head | None:
        """The newest signed head that was told over NATS, or else that of HTTP."""
        note, self._note = self._note, None
        return self._http.head() if note is None else self._open(note)

    def hashes(self, start: int, end: int) -> list[bytes]:
        """What the ministry says it signed, hash by hash."""
        return self._http.hashes(start, end)

    def _ordered(self, messages: Sequence[Msg], after: int) -> list[bytes]:
        """The leaves from ``after`` on without a gap."""
        leaves: list[bytes] = []
        self._taken = list(messages)
        for message in messages:
            headers = message.headers or {}
            index = int(headers.get(INDEX, "-1"))
            if leaf_hash(message.data).hex() != headers.get(LEAF_HASH):
                raise FeedBrokenError(f"index {index} was altered: its bytes are not those of the leaf hash with it")
            while index > after + len(leaves):
                missing = self._http.read(after + len(leaves), 0)[: index - after - len(leaves)]
                if not missing:
                    raise FeedBrokenError(
                        f"index {after + len(leaves)} was omitted: neither NATS nor HTTP gives it out"
                    )
                leaves += missing
            if index == after + len(leaves):
                leaves.append(message.data)
        return leaves

    async def _fetch(self, wait: float) -> list[Msg]:
        if self._client is None or not self._client.is_connected:
            await self._connect()
        assert self._pulling is not None  # noqa: S101 - connecting made it
        try:
            return await self._pulling.fetch(BATCH, timeout=wait)
        except TimeoutError:
            return []

    async def _connect(self) -> None:
        known = self._credentials
        self._client = Client()
        await self._client.connect(
            known["url"],
            nkeys_seed_str=known["nkey_seed"],
            inbox_prefix=known["inbox_prefix"].encode(),
            connect_timeout=CONNECT_SECONDS,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            error_cb=_ignored,
        )
        await self._client.subscribe(self._heads, cb=self._heard)
        jetstream = self._client.jetstream(prefix=known["api_prefix"])
        self._pulling = await jetstream.pull_subscribe_bind(known["consumer"], stream=known["stream"])

    async def _heard(self, message: Msg) -> None:
        self._note = message.data

    def _drop(self) -> None:
        client, self._client, self._pulling = self._client, None, None
        if client is not None:
            with suppress(Error, OSError):
                self._runner.run(client.close())


async def _acknowledge(messages: Sequence[Msg]) -> None:
    for message in messages:
        await message.ack()


async def _ignored(_: Exception) -> None:
    """What is wrong shows where something is asked for; the client would write it to stderr."""
