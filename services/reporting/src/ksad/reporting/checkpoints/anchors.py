"""Anchors: once a day the heads of feeds that grew are recorded in the national log, whose root then covers them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.chassis.store import ConflictError, StoreClosedError
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.reporting import FeedHead, FeedsAnchored
from ksad.ledger.log.tree import Frontier
from ksad.reporting.journal import frontiers, journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.clock import Clock
    from ksad.chassis.store import EventStore
    from ksad.reporting.feeds.appender import Feeds

STREAM = "anchor/feeds"
DAYS = "calendar/days"


class Passed(NamedTuple):
    """The newest day that passed: the journal index and id of its event, and the day."""

    entry: int
    event_id: UUID
    day: date


class Anchors:
    """Records ``feeds_anchored`` for the newest day that passed, once the feeds include all entries up to it."""

    def __init__(
        self, store: EventStore, feeds: Feeds, clock: Clock, source: str, origin: Callable[[str], str]
    ) -> None:
        """:param origin: returns the origin of a feed's checkpoints, given the log's name."""
        self._store = store
        self._feeds = feeds
        self._clock = clock
        self._source = source
        self._origin = origin
        self._done: date | None = None

    def _newest(self, connection: sa.Connection) -> Passed | None:
        query = (
            sa.select(journal.c.entry, journal.c.event_id, journal.c.raw)
            .where(journal.c.stream == DAYS)
            .order_by(journal.c.version.desc())
            .limit(1)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        day = orjson.loads(bytes(row.raw))["data"].get("day")
        return Passed(row.entry, row.event_id, date.fromisoformat(day)) if day else None

    def _last(self, connection: sa.Connection) -> tuple[int, date | None, dict[str, int]]:
        """The version of the stream, the last anchored day, and each feed's size in its last anchor."""
        version, day, sizes = 0, None, {}
        for envelope in self._store.stream(STREAM, connection):
            version, day = envelope.streamversion, date.fromisoformat(envelope.data["day"])
            sizes.update({head["province"]: head["size"] for head in envelope.data["heads"]})
        return version, day, sizes

    def pending(self) -> bool:
        """Whether a day has passed that this process has not anchored yet."""
        with self._feeds.database.read() as connection:
            passed = self._newest(connection)
        return passed is not None and passed.day != self._done

    def step(self) -> int:
        """Records the anchor of the newest day if it is due; returns the number of events recorded, 0 or 1."""
        with self._feeds.database.read() as connection:
            passed = self._newest(connection)
        # The feeds must have examined the day's own entry, or the anchor would lack entries of that day.
        if passed is None or passed.day == self._done or self._feeds.position() <= passed.entry:
            return 0
        try:
            with self._store.database.write() as connection:
                version, day, sizes = self._last(connection)
                heads = self._grown(connection, sizes)
                recorded = heads and (day is None or day < passed.day)
                if recorded:
                    fact = FeedsAnchored(day=passed.day, heads=heads)
                    self._store.append(connection, [seal(fact, STREAM, version + 1, self._made(passed))])
        # Another process was first, or the store accepts nothing now: the next step looks again.
        except (ConflictError, StoreClosedError):
            return 0
        self._done = passed.day
        if not recorded:
            return 0
        self._store.wake()
        return 1

    def _grown(self, connection: sa.Connection, sizes: dict[str, int]) -> list[FeedHead]:
        """The heads of feeds that grew since their last anchor.

        Size and root come from one row, because on PostgreSQL a feed may grow between two statements.
        """
        query = sa.select(frontiers.c.log, frontiers.c.frontier).where(frontiers.c.log.like("feed/%"))
        heads = []
        for log, stored in sorted(map(tuple, connection.execute(query))):
            province, tree = log.removeprefix("feed/"), Frontier.from_bytes(bytes(stored))
            if tree.size > sizes.get(province, 0):
                head = {"province": province, "origin": self._origin(log), "size": tree.size, "root": tree.root().hex()}
                heads.append(FeedHead.model_validate(head))
        return heads

    def _made(self, passed: Passed) -> Origin:
        return Origin(
            source=self._source,
            time=self._clock.now(),
            occurred_on=passed.day,
            date_precision="day",
            actor_office="platform",
            actor_id="reporting",
            command_id=None,
            command_digest=None,
            correlation_id=passed.event_id,
            causation_id=passed.event_id,
        )
