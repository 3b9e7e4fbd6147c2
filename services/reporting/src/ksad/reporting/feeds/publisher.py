"""Publishes the feeds over NATS: exact bytes, the index in a header, one durable consumer per province.

The publisher stores no position. It reads a province's newest message from the stream and continues from there, so an
emptied stream is refilled. A slow or absent province delays no other: the stream keeps what it has not fetched.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.chassis.broker import (
    GuardError,
    Outgoing,
    RefusedError,
    StreamPlan,
    UnavailableError,
    UnstoredError,
    pause,
    waking,
)
from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.contracts.envelope import MEDIA_TYPE
from ksad.ledger.feeds.headers import INDEX, LEAF_HASH, ORIGIN
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.feeds.appender import feed_log
from ksad.reporting.journal import frontiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.chassis.broker import Broker
    from ksad.reporting.feeds.appender import Feeds

FEEDS = StreamPlan(FEEDS_STREAM, "ksad.feed.>")
# The most messages of one province at a time.
BATCH = 200
ROUND = 2_000
"""The most messages in memory at a time, shared by the provinces that are behind."""
POLL_SECONDS = 0.25
BACKOFF_SECONDS = 0.5
LOOK_SECONDS = 2.0
"""How often to check that the stream is still the one that was filled."""
FAULTS = (UnavailableError, GuardError, sa.exc.DBAPIError, sa.exc.TimeoutError, OSError, TransparencyError)
"""Of broker, database, disk and keys: whatever it was, all starts again from what the stream has."""
log = structlog.get_logger(__name__)


class Publisher:
    """Publishes every feed to the stream."""

    def __init__(
        self, feeds: Feeds, broker: Broker, origin: Callable[[str], str], provinces: Iterable[str] = ()
    ) -> None:
        """:param origin: returns the origin of a feed's checkpoints, given the log's name.
        :param provinces: provinces that get a consumer at once; others get one with their first entry.
        """
        self.refused: str | None = None
        """What the broker refuses to do, although it answers; None where it does its work."""
        self._provinces = tuple(provinces)
        self._feeds = feeds
        self._broker = broker
        self._origin = origin
        self._sent: dict[str, tuple[int, int]] = {}
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def wake(self) -> None:
        """Announces, from any thread, that there may be entries to publish."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Publishes until stopped. After an error it waits and starts from the stream's state."""
        with waking(stop, self._wake):
            while not stop.is_set():
                try:
                    known = await self._stream()
                    self._sent = {}
                    for province in self._provinces:
                        await self._look(province)
                    looked = time.monotonic()
                    while not stop.is_set():
                        # Cleared before looking, so that what is announced meanwhile causes another round.
                        self._wake.clear()
                        if time.monotonic() > looked + LOOK_SECONDS:
                            if await self._stream() != known:
                                break
                            looked = time.monotonic()
                        count = await self._round()
                        self.refused = None
                        if not count:
                            await pause(self._wake, POLL_SECONDS)
                except FAULTS as error:
                    self.refused = str(error) if isinstance(error, RefusedError | UnstoredError) else None
                    log.info("feeds_back_off", error=repr(error))
                    await pause(stop, BACKOFF_SECONDS)

    async def _stream(self) -> str:
        """The identity of the stream. A different one, or one created again, has to be refilled."""
        return (await self._broker.open_stream(FEEDS.name, FEEDS.subjects)).incarnation

    async def _round(self) -> int:
        """Publishes a batch for every province that is behind, concurrently; returns the number of provinces."""
        pending = await asyncio.to_thread(self._pending)
        for province in pending.keys() - self._sent.keys():
            await self._look(province)
        sending = [self._send(province, messages) for province, messages in pending.items() if messages]
        # All results first: an error of one province must not leave the others' sends unfinished in the background.
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
        """The next messages by province, together at most `ROUND`."""
        with self._feeds.database.read() as connection:
            feeds = frontiers.c.log.startswith(feed_log(""), autoescape=True)
            query = sa.select(frontiers.c.log, frontiers.c.size).where(feeds)
            sizes = {name.removeprefix(feed_log("")): size for name, size in connection.execute(query)}
            behind = [one for one, size in sizes.items() if one not in self._sent or self._sent[one][0] < size]
            # Equal shares, so that a province that is far behind does not delay the others.
            share = min(BATCH, max(1, ROUND // max(1, len(behind))))
            return {one: self._messages(connection, one, share) for one in sorted(behind)}

    async def _look(self, province: str) -> None:
        """Reads the stream's position for a province, and makes sure that the province's consumer exists."""
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
