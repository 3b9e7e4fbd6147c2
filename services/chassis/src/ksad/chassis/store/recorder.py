"""Mapper and recorder of the event store, with the bytes of a CloudEvent as ``state``.

The recorder writes in the caller's SQL transaction. Events, the record of their command, a follower's position and
local tables are therefore committed together, with the same code on SQLite and PostgreSQL. The order of ids is the
order of commits, because writers queue (``BEGIN IMMEDIATE``, ``LOCK TABLE … IN EXCLUSIVE MODE``). Triggers forbid
updates and deletes, so an id is never used twice.
"""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from eventsourcing.persistence import (
    ApplicationRecorder,
    JSONTranscoder,
    Mapper,
    Notification,
    StoredEvent,
    Subscription,
)

from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import stream_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from ksad.chassis.database import Database

metadata = sa.MetaData()

events_table = sa.Table(
    "stored_events",
    metadata,
    sa.Column("notification_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("originator_id", sa.Uuid, nullable=False),
    sa.Column("originator_version", sa.Integer, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("originator_id", "originator_version", name="stored_events_stream"),
    sqlite_autoincrement=True,
)

INSERT = sa.insert(events_table).returning(events_table.c.notification_id, sort_by_parameter_order=True)
NEWEST = sa.select(events_table.c.state).order_by(events_table.c.notification_id.desc()).limit(1)


class ConflictError(Exception):
    """Another command was first: the stream's version or the command id is taken. Load again and retry."""


class EnvelopeMapper(Mapper["UUID"]):
    """Converts an envelope to a stored event, whose state is the canonical bytes, and back."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: Any) -> StoredEvent:  # noqa: ANN401 - the library's protocol is wider
        """Encodes an envelope.

        :raises EnvelopeError: it is not a valid event.
        """
        envelope = cast("Envelope", domain_event)
        return StoredEvent(stream_id(envelope.subject), envelope.streamversion, envelope.type, envelope.to_bytes())

    def to_domain_event(self, stored_event: StoredEvent) -> Any:  # noqa: ANN401 - the library's protocol is wider
        """The envelope. Its data are validated when they are read as a fact."""
        return Envelope.from_store(stored_event.state)


class PollingSubscription(Subscription["Recorder"]):
    """Reads existing events and then polls for new ones; no event depends on a notification that could be lost."""

    INTERVAL_SECONDS = 0.05

    def __init__(self, recorder: Recorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._position = gt or 0
        self._wanted = topics
        self._page: list[Notification] = []
        self._stopped = Event()

    def stop(self) -> None:
        """Ends the iteration."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        while not self._page:
            if self._stopped.is_set():
                raise StopIteration
            page = self._recorder.select_notifications(
                self._position, 500, topics=self._wanted, inclusive_of_start=False
            )
            self._page = list(page)
            if not self._page:
                self._stopped.wait(self.INTERVAL_SECONDS)
        notification = self._page.pop(0)
        self._position = notification.id
        return notification


class Recorder(ApplicationRecorder):
    """The library's recorder interface, implemented with SQLAlchemy for both databases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ANN401 - the library's signature
    ) -> Sequence[int]:
        """Inserts events in the transaction of ``connection``, or in one of its own.

        :param kwargs: ``connection``, and ``ids`` for events that keep their notification ids.
        :raises ConflictError: a version of a stream is taken.
        """
        connection: sa.Connection | None = kwargs.get("connection")
        ids: Sequence[int] | None = kwargs.get("ids")
        if connection is None:
            with self._database.write() as own:
                return self.insert_events(stored_events, connection=own, ids=ids)
        self.lock(connection)
        rows: list[dict[str, Any]] = [
            {
                "originator_id": event.originator_id,
                "originator_version": event.originator_version,
                "topic": event.topic,
                "state": event.state,
            }
            for event in stored_events
        ]
        if ids is not None:
            for row, notification_id in zip(rows, ids, strict=True):
                row["notification_id"] = notification_id
        try:
            inserted = list(connection.execute(INSERT, rows).scalars())
            if ids is not None and connection.dialect.name == "postgresql":
                # Given ids do not advance the sequence, which would assign them again.
                sequence = "pg_get_serial_sequence('stored_events', 'notification_id')"
                connection.exec_driver_sql(f"SELECT setval({sequence}, {max(inserted)})")
        except sa.exc.IntegrityError as error:
            raise ConflictError(str(error.orig)) from error
        return inserted

    def lock(self, connection: sa.Connection) -> None:
        """Excludes other writers until the transaction ends; an SQLite transaction does so from its first statement."""
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE stored_events IN EXCLUSIVE MODE")

    def newest(self, connection: sa.Connection) -> bytes | None:
        """The bytes of the newest event; ``None`` if there is none."""
        state = connection.execute(NEWEST).scalar()
        return None if state is None else bytes(state)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
        connection: sa.Connection | None = None,
    ) -> Sequence[StoredEvent]:
        """The events of one stream by version; ``gt`` and ``lte`` limit the versions."""
        table = events_table.c
        query = sa.select(table.originator_id, table.originator_version, table.topic, table.state).where(
            table.originator_id == originator_id
        )
        if gt is not None:
            query = query.where(table.originator_version > gt)
        if lte is not None:
            query = query.where(table.originator_version <= lte)
        query = query.order_by(table.originator_version.desc() if desc else table.originator_version).limit(limit)
        with self._database.reading(connection) as reader:
            return [StoredEvent(row[0], row[1], row[2], bytes(row[3])) for row in reader.execute(query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """At most ``limit`` events in the order of commits."""
        table = events_table.c
        query = sa.select(
            table.originator_id, table.originator_version, table.topic, table.state, table.notification_id
        )
        if start is not None:
            query = query.where(table.notification_id >= start if inclusive_of_start else table.notification_id > start)
        if stop is not None:
            query = query.where(table.notification_id <= stop)
        if topics:
            query = query.where(table.topic.in_(topics))
        with self._database.read() as reader:
            rows = reader.execute(query.order_by(table.notification_id).limit(limit))
            return [Notification(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows]

    def max_notification_id(self) -> int | None:
        """The notification id of the newest event; ``None`` if there is none."""
        with self._database.read() as reader:
            return reader.execute(sa.select(sa.func.max(events_table.c.notification_id))).scalar()

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> PollingSubscription:
        """A subscription to all events after ``gt``, including those committed later."""
        return PollingSubscription(self, gt, topics)
