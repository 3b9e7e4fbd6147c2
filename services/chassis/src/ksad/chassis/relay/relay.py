"""The relay's loop.

It continues after the newest event of this service in the log. At the start, after any error, with every new connection
and regularly when idle, it looks that event up in the store again. A failed publish that was stored nevertheless, a
second relay, an emptied stream and a restored store are therefore all handled in the same way.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

import orjson
import structlog

from ksad.chassis.broker import (
    BATCH_MAX,
    LOG_SUBJECTS,
    MESSAGE_ID,
    STRUCTURED,
    GuardError,
    Outgoing,
    RefusedError,
    UnstoredError,
    pause,
    waking,
)
from ksad.chassis.relay.refill import ContradictionError, Refill, events_of, fetched_from, locate
from ksad.chassis.store import StoreBehindError
from ksad.contracts.positions import POSITION_HEADER, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    import sqlalchemy as sa
    from eventsourcing.persistence import Notification

    from ksad.chassis.broker import Broker, Received, Stored
    from ksad.chassis.store import EventStore
    from ksad.contracts.envelope import Envelope

POLL_SECONDS = 0.25
COMPARE_SECONDS = 5.0
"""How long an idle relay assumes that the log is unchanged."""
BATCH_BYTES_MAX = 4_000_000
LINGER_SECONDS = 0.02
LINGER_COMMITS_MAX = 3
"""Between two batches at least `LINGER_SECONDS` pass per commit of the first, for at most this many commits.

At a high rate of commits, fewer and larger batches leave more of the machine to them. At 50 commits per second none
is delayed.
"""
RETRY_SECONDS = (0.1, 5.0)
BEHIND_SECONDS = 1.0
CONNECTION_SECONDS = 1.0
# How far back the newest event is first looked for; ten times further after each failure.
SEARCH_WINDOW = 1_000
UNCOMPARED = "Penyimpanan belum dibandingkan dengan catatan pusat; penulisan ditunda."

log = structlog.get_logger(__name__)


class RelayStatus(NamedTuple):
    """The progress of a relay in notification ids, and the seconds since it last sent or had nothing to send.

    ``stream_sequence`` is the sequence of the newest message under its subjects: a follower at this position has seen
    all.
    """

    position: int
    head: int
    lag_events: int
    lag_seconds: float
    behind: str | None
    error: str | None
    stream_sequence: int

    @property
    def progress(self) -> tuple[int, int]:
        """The position, and the number of events left; at least one while the log cannot be read."""
        return self.position, max(self.lag_events, int(self.error is not None))


class Relay:
    """Sends the events of one service. Must be created before the service accepts commands.

    ``store.behind`` refuses writes until the store has been compared with the log, and whenever it lacks events that
    the log has. Such a store is refilled automatically, unless ``refills`` is ``False``. ``restored`` is called in the
    refilling transactions, so that local tables can follow.
    """

    def __init__(
        self,
        store: EventStore,
        broker: Broker,
        service: str,
        *,
        refills: bool = True,
        restored: Callable[[sa.Connection, Sequence[Envelope]], None] | None = None,
    ) -> None:
        self.store = store
        self.broker = broker
        self.service = service
        self.subjects = f"ksad.log.{service}.>"
        self.position = 0
        self.error: str | None = None
        self.refused: str | None = None
        """What the broker refuses to do, although it answers; None where it does its work."""
        self.contradicted = False
        """Whether store and log hold different events in one place, which only an operator can mend."""
        self._refills = refills
        self._restored = restored
        self._head = 0
        self._commits = 1
        self._read_commits = 0
        self._expected = 0
        self._fetched: frozenset[int] = frozenset()
        self._generation = 0
        self._compared = 0.0
        self._level_at = time.monotonic()
        self._wake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        store.behind = UNCOMPARED
        store.listen(self._woken)

    def status(self) -> RelayStatus:
        """The status. A commit of this process counts at once, before the store is read again."""
        lag = max(int(self._read_commits != self._commits), self._head - self.position)
        seconds = time.monotonic() - self._level_at if lag or self.error else 0.0
        return RelayStatus(
            self.position,
            self.position + lag,
            lag,
            round(seconds, 3),
            self.store.behind,
            self.error,
            self._expected,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until ``stop`` is set. After an error it pauses and starts again from the state of the log."""
        wait = RETRY_SECONDS[0]
        with waking(stop, self._wake):
            while not stop.is_set():
                try:
                    await self._compare()
                    self.error = None
                    wait = RETRY_SECONDS[0]
                    while not stop.is_set() and not self._doubtful():
                        await self._send()
                except GuardError as error:
                    log.info("relay_looks_again", service=self.service, reason=str(error))
                    await pause(stop, wait)
                except StoreBehindError as error:
                    await self._behind(stop, error)
                except Exception as error:  # noqa: BLE001 - whatever failed, the answer is to look at the log again
                    log.warning("relay_failed", service=self.service, error=repr(error))
                    self.error = repr(error)
                    self.refused = str(error) if isinstance(error, RefusedError | UnstoredError) else None
                    await pause(stop, wait)
                    wait = min(wait * 2, RETRY_SECONDS[1])

    async def refill(self) -> int:
        """Appends to the store, byte for byte and in order, its own events that only the log has; returns their number.

        :raises ContradictionError: the store has other events in the places of some.
        :raises DamagedError: the log has lost messages.
        :raises UnavailableError: the broker went away; events appended so far remain.
        """
        state = await self.broker.open_log()
        refill = await asyncio.to_thread(Refill, self.store, state.incarnation, self._restored)
        # A missing message shows only to a reader of the whole log.
        async with self.broker.reader(0, [LOG_SUBJECTS]) as reader:
            while reader.pending:
                messages = await reader.read(BATCH_MAX, POLL_SECONDS)
                own = [message for message in messages if message.subject.startswith(self.subjects[:-1])]
                await asyncio.to_thread(refill.apply, own, last=not reader.pending)
        log.warning("store_refilled", service=self.service, events=refill.count)
        await self._compare()
        self.store.wake()
        return refill.count

    def _woken(self) -> None:
        self._commits += 1
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    def _doubtful(self) -> bool:
        """Whether the log may have changed since it was last examined."""
        return self.broker.generation != self._generation or time.monotonic() - self._compared > COMPARE_SECONDS

    async def _behind(self, stop: asyncio.Event, reason: StoreBehindError) -> None:
        if self.store.behind != str(reason):
            log.error("store_behind", service=self.service, contradiction=isinstance(reason, ContradictionError))
        self.store.behind = str(reason)
        self.contradicted = isinstance(reason, ContradictionError)
        if self._refills and not self.contradicted:
            try:
                await self.refill()
            except StoreBehindError as error:
                self.store.behind = str(error)
                self.contradicted = isinstance(error, ContradictionError)
            except Exception as error:  # noqa: BLE001 - the next round begins with a look at the log
                self.error = repr(error)
        if self.store.behind is not None:
            await pause(stop, BEHIND_SECONDS)

    async def _compare(self) -> None:
        """Finds the newest event of this service in the log, and its place in the store."""
        await self.broker.wait_connected(CONNECTION_SECONDS)
        generation = self.broker.generation
        state = await self.broker.open_log()
        last = await self.broker.last_of(self.subjects)
        self.position = await self._locate(last, state.incarnation) if last is not None else 0
        self._expected = last.sequence if last is not None else 0
        self._generation = generation
        self._compared = time.monotonic()
        if self.store.behind is not None:
            log.info("store_compared", service=self.service, position=self.position)
        self.store.behind = None
        self.contradicted = False

    async def _locate(self, last: Stored, incarnation: str) -> int:
        """The notification id up to which all events are in the log or were fetched from it."""
        newest = await self._newest_event(last, {})
        position = await asyncio.to_thread(locate, self.store, newest) if newest is not None else 0
        # Read after the newest event: what another process fetched meanwhile is recorded with the stored events.
        fetched = await asyncio.to_thread(fetched_from, self.store, incarnation)
        self._fetched = frozenset(fetched.values())
        if newest is None or newest.envelope.id not in fetched:
            return position
        sent = await self._newest_event(last, fetched)
        return await asyncio.to_thread(locate, self.store, sent) if sent is not None else 0

    async def _newest_event(self, last: Stored, fetched: Mapping[UUID, int]) -> Received | None:
        """The newest event of this service in the log that was not fetched; later messages may not be events."""

        def own(messages: Sequence[Stored]) -> list[Received]:
            return [event for event in events_of(messages) if event.envelope.id not in fetched]

        found = own([last])
        window = SEARCH_WINDOW
        start = last.sequence
        while not found and start > 0:
            start = max(0, last.sequence - window)
            async with self.broker.reader(start, [self.subjects]) as reader:
                while reader.pending:
                    found += own(await reader.read(BATCH_MAX, POLL_SECONDS))[-1:]
            window *= 10
        return found[-1] if found else None

    async def _send(self) -> None:
        self._wake.clear()
        began = time.monotonic()
        commits = self._commits
        messages, last = await asyncio.to_thread(self._page, self.position)
        linger = LINGER_SECONDS * min(commits - self._read_commits, LINGER_COMMITS_MAX)
        self._read_commits = commits
        if messages:
            self._expected = await self.broker.publish_batch(messages, self.subjects, self._expected)
            self._compared = time.monotonic()
            milliseconds = round((self._compared - began) * 1000, 2)
            log.info("batch_relayed", events=len(messages), position=last, milliseconds=milliseconds)
        self.position = last
        self.refused = None
        if self._head <= self.position:
            # A commit after the page was read has set the event again, so no event is missed by waiting.
            self._level_at = time.monotonic()
            await pause(self._wake, POLL_SECONDS)
            # A negative time returns at once.
            await asyncio.sleep(began + linger - time.monotonic())

    def _page(self, after: int) -> tuple[list[Outgoing], int]:
        """The next messages, as many as fit in a batch, and the notification id of the last."""
        notifications = self.store.notifications(after, BATCH_MAX)
        more = len(notifications) == BATCH_MAX
        self._head = self.store.head() if more else notifications[-1].id if notifications else after
        messages: list[Outgoing] = []
        size = 0
        last = after
        for notification in notifications:
            size += len(notification.state)
            # The first message is taken whatever its size, or the relay would stop before it forever.
            if messages and size > BATCH_BYTES_MAX:
                break
            if notification.id not in self._fetched:
                messages.append(self._message(notification))
            last = notification.id
        return messages, last

    def _message(self, notification: Notification) -> Outgoing:
        _, noun, name, _ = notification.topic.split(".")
        headers = {
            MESSAGE_ID: orjson.loads(notification.state)["id"],
            POSITION_HEADER: str(Position(self.service, notification.id)),
            **STRUCTURED,
        }
        return Outgoing(f"ksad.log.{self.service}.{noun}.{name}", notification.state, headers)
