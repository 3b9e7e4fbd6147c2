"""Publishes the feeds over NATS: the exact bytes, dense index in the header, one durable consumer per province.

Like the relay it keeps no position: it asks the stream for a province's newest message and goes on from there, so a
wiped stream refills. A province that is slow, or away, slows nobody: the stream keeps what it has not fetched.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.chassis.broker import GuardError, Outgoing, UnavailableError, pause, waking
from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.contracts.envelope import MEDIA_TYPE
from ksad.ledger.feeds.headers import INDEX, LEAF_HASH, ORIGIN
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.feeds.appender import feed_log
from ksad.reporting.journal import frontiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.chassis.broker import Broker
    from ksad.reporting.feeds.appender import Feeds

SUBJECTS = "ksad.feed.>"
BATCH = 200
ROUND = 2_000
"""The most messages that are in memory at once; provinces that are behind share them."""
POLL_SECONDS = 0.25
BACKOFF_SECONDS = 0.5
LOOK_SECONDS = 2.0
"""How often the publisher looks whether the stream is still the one that it filled."""
log = structlog.get_logger(__name__)


class Publisher:
    """Brings every feed into the stream."""

    def __init__(
        self, feeds: Feeds, broker: Broker, origin: Callable[[str], str], provinces: Iterable[str] = ()
    ) -> None:
        """:param origin: the name that a feed's checkpoints bear.

        :param provinces: who has a consumer before there is anything to take; others get one with their first fact.
        """
        self._provinces = tuple(provinces)
        self._feeds = feeds
        self._broker = broker
        self._origin = origin
        self._sent: dict[str, tuple[int, int]] = {}
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """There may be something to publish; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until stopped; faults of broker and database back off, and all starts from what the stream has."""
        with waking(stop, self._wake):
            while not stop.is_set():
                try:
                    known = await self._stream()
                    self._sent = {}
                    for province in self._provinces:
                        await self._look(province)
                    looked = time.monotonic()
                    while not stop.is_set():
                        self._wake.clear()
                        if time.monotonic() > looked + LOOK_SECONDS:
                            if await self._stream() != known:
                                break
                            looked = time.monotonic()
                        if not await self._round():
                            await pause(self._wake, POLL_SECONDS)
                except (UnavailableError, GuardError, sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                    log.info("feeds_back_off", error=repr(error))
                    await pause(stop, BACKOFF_SECONDS)

    async def _stream(self) -> str:
        """Which incarnation of the stream there is now: another one, or one made anew, has to be refilled."""
        return (await self._broker.open_stream(FEEDS_STREAM, SUBJECTS)).incarnation

    async def _round(self) -> int:
        """A batch for every province that is behind, all at once; how many messages went out."""
        pending = await asyncio.to_thread(self._pending)
        for province in pending.keys() - self._sent.keys():
            await self._look(province)
        sending = [self._send(province, messages) for province, messages in pending.items() if messages]
        ended = await asyncio.gather(*sending, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        return len(pending)

    async def _send(self, province: str, messages: list[Outgoing]) -> None:
        index, sequence = self._sent[province]
        sequence = await self._broker.publish_batch(messages, f"ksad.feed.{province}.>", sequence)
        self._sent[province] = (index + len(messages), sequence)

    def _pending(self) -> dict[str, list[Outgoing]]:
        """What goes out next, by province: as much as there is, but together no more than a round may hold."""
        with self._feeds.database.read() as connection:
            query = sa.select(frontiers.c.log, frontiers.c.size).where(frontiers.c.log.like(feed_log("%")))
            sizes = {name.removeprefix(feed_log("")): size for name, size in connection.execute(query)}
            behind = [one for one, size in sizes.items() if one not in self._sent or self._sent[one][0] < size]
            share = min(BATCH, max(1, ROUND // max(1, len(behind))))
            return {one: self._messages(connection, one, share) for one in sorted(behind)}

    async def _look(self, province: str) -> None:
        """Where the stream stands for a province, and the consumer that it may use."""
        subjects = f"ksad.feed.{province}.events"
        await self._broker.open_consumer(FEEDS_STREAM, f"prov_{province}", subjects)
        newest = await self._broker.last_of(f"ksad.feed.{province}.>", FEEDS_STREAM)
        self._sent[province] = (0, 0) if newest is None else (int(newest.headers[INDEX]) + 1, newest.sequence)

    def _messages(self, connection: sa.Connection, province: str, limit: int) -> list[Outgoing]:
        if province not in self._sent:
            return []
        name, index = self._origin(feed_log(province)), self._sent[province][0]
        return [
            Outgoing(
                f"ksad.feed.{province}.events",
                raw,
                {
                    "Nats-Msg-Id": f"{name}:{position}",
                    INDEX: str(position),
                    LEAF_HASH: leaf_hash(raw).hex(),
                    ORIGIN: name,
                    "Content-Type": MEDIA_TYPE,
                },
            )
            for position, raw in enumerate(self._feeds.leaves(connection, province, index, limit), index)
        ]
