"""Publishes the feeds over NATS: the exact bytes, dense index in the header, one durable consumer per province.

Like the relay it keeps no position: it asks the stream for a province's newest message and goes on from there, so a
wiped stream refills. A province that is slow, or away, slows nobody: the stream keeps what it has not fetched.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from chassis.broker import GuardError, Outgoing, UnavailableError
from contracts.asyncapi import FEEDS_STREAM
from contracts.envelope import MEDIA_TYPE
from reporting.feeds.appender import feed_log
from reporting.journal import frontiers
from reporting.transparency.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from chassis.broker import Broker
    from reporting.feeds.appender import Feeds

SUBJECTS = "ksad.feed.>"
INDEX = "Ksad-Feed-Index"
LEAF_HASH = "Ksad-Leaf-Hash"
BATCH = 200
POLL_SECONDS = 0.25
BACKOFF_SECONDS = 0.5
LOOK_SECONDS = 2.0
"""How often the publisher looks whether the stream is still the one that it filled."""
log = structlog.get_logger(__name__)


class Publisher:
    """Brings every feed into the stream."""

    def __init__(self, feeds: Feeds, broker: Broker, origin: Callable[[str], str]) -> None:
        """:param origin: the name that a feed's checkpoints bear."""
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
        while not stop.is_set():
            try:
                known = await self._stream()
                self._sent = {}
                looked = time.monotonic()
                while not stop.is_set():
                    self._wake.clear()
                    if time.monotonic() > looked + LOOK_SECONDS:
                        if await self._stream() != known:
                            break
                        looked = time.monotonic()
                    if not await self._round():
                        with suppress(TimeoutError):
                            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
            except (UnavailableError, GuardError, sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                log.info("feeds_back_off", error=repr(error))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), BACKOFF_SECONDS)

    async def _stream(self) -> str:
        """Which incarnation of the stream there is now: another one, or one made anew, has to be refilled."""
        return (await self._broker.open_stream(FEEDS_STREAM, SUBJECTS)).incarnation

    def _sizes(self) -> dict[str, int]:
        with self._feeds.database.read() as connection:
            query = sa.select(frontiers.c.log, frontiers.c.size).where(frontiers.c.log.like("feed/%"))
            return {name.removeprefix("feed/"): size for name, size in connection.execute(query)}

    async def _round(self) -> int:
        """One batch for every province that is behind; how many messages went out."""
        sent = 0
        for province, size in sorted((await asyncio.to_thread(self._sizes)).items()):
            if province not in self._sent:
                await self._look(province)
            index, sequence = self._sent[province]
            if index < size:
                messages = await asyncio.to_thread(self._messages, province, index)
                sequence = await self._broker.publish_batch(messages, f"ksad.feed.{province}.>", sequence)
                self._sent[province] = (index + len(messages), sequence)
                sent += len(messages)
        return sent

    async def _look(self, province: str) -> None:
        """Where the stream stands for a province, and the consumer that it may use."""
        subjects = f"ksad.feed.{province}.events"
        await self._broker.open_consumer(FEEDS_STREAM, f"prov_{province}", subjects)
        newest = await self._broker.last_of(f"ksad.feed.{province}.>", FEEDS_STREAM)
        self._sent[province] = (0, 0) if newest is None else (int(newest.headers[INDEX]) + 1, newest.sequence)

    def _messages(self, province: str, index: int) -> list[Outgoing]:
        name = self._origin(feed_log(province))
        with self._feeds.database.read() as connection:
            rows = self._feeds.read(connection, province, index, BATCH)
        return [
            Outgoing(
                f"ksad.feed.{province}.events",
                raw,
                {
                    "Nats-Msg-Id": f"{name}:{position}",
                    INDEX: str(position),
                    LEAF_HASH: leaf_hash(raw).hex(),
                    "Ksad-Origin": name,
                    "Content-Type": MEDIA_TYPE,
                },
            )
            for position, raw in rows
        ]
