"""The event store: the library's mapper and recorder, with the bytes of one CloudEvent as ``state``.

The recorder writes inside the caller's SQL transaction, so that events, the record of their command, a follower's
position and local tables commit together or not at all, with the same code on SQLite and PostgreSQL. Order of ids is
order of commits: writers queue (``BEGIN IMMEDIATE``, ``LOCK TABLE … IN EXCLUSIVE MODE``). Triggers forbid update and
delete, so an id is never issued twice.
"""

from __future__ import annotations

from threading import Event, Lock
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import sqlalchemy as sa
from eventsourcing.persistence import (
    ApplicationRecorder,
    JSONTranscoder,
    Mapper,
    Notification,
    StoredEvent,
    Subscription,
)

from contracts.envelope import Envelope
from contracts.identifiers import stream_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from chassis.database import Database

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

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("command_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("first_notification", sa.BigInteger, nullable=False),
    sa.Column("last_notification", sa.BigInteger, nullable=False),
)

FORBID = {
    "sqlite": [
        f"""CREATE TRIGGER IF NOT EXISTS stored_events_no_{verb} BEFORE {verb} ON stored_events
        BEGIN SELECT RAISE(ABORT, 'events are never changed'); END"""
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """CREATE OR REPLACE FUNCTION stored_events_forbid() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'events are never changed'; END $$""",
        """CREATE OR REPLACE TRIGGER stored_events_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
        FOR EACH STATEMENT EXECUTE FUNCTION stored_events_forbid()""",
    ],
}


class ConflictError(Exception):
    """Another command was faster: the stream's version, or the command id, is taken. Load again and retry."""


class CommandReusedError(Exception):
    """The same idempotency key came with another request."""


class StoreBehindError(Exception):
    """The log has events of this service that its store lacks: writes wait until it is refilled."""


class CommandRecord(NamedTuple):
    """A command that was carried out, and the events it made."""

    command_id: UUID
    digest: str
    envelopes: tuple[Envelope, ...]
    position: int


class EnvelopeMapper(Mapper["UUID"]):
    """Maps an envelope to a stored event whose state is the envelope's canonical bytes, and back."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: Any) -> StoredEvent:  # noqa: ANN401 - the library's protocol is wider
        """Validates and encodes: raises EnvelopeError for what cannot be an event."""
        envelope = cast("Envelope", domain_event)
        return StoredEvent(stream_id(envelope.subject), envelope.streamversion, envelope.type, envelope.to_bytes())

    def to_domain_event(self, stored_event: StoredEvent) -> Any:  # noqa: ANN401
        """The envelope; its data is validated when it is read as a fact."""
        return Envelope.from_store(stored_event.state)


class PollingSubscription(Subscription["Recorder"]):
    """Catches up and then polls: a lost wake-up costs one interval, never an event."""

    INTERVAL_SECONDS = 0.05

    def __init__(self, recorder: Recorder, gt: int | None, topics: Sequence[str]) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._position = gt or 0
        self._wanted = topics
        self._page: list[Notification] = []
        self._stopped = Event()

    def stop(self) -> None:
        """End the iteration."""
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
    """The library's recorder interface on SQLAlchemy, for both databases."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        **kwargs: Any,  # noqa: ANN401
    ) -> Sequence[int]:
        """Insert into the transaction given as ``connection``, or into one of its own.

        :raises ConflictError: a version of a stream is taken.
        """
        connection: sa.Connection | None = kwargs.get("connection")
        ids: Sequence[int] | None = kwargs.get("ids")
        if connection is None:
            with self._database.write() as own:
                return self.insert_events(stored_events, connection=own, ids=ids)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE stored_events IN EXCLUSIVE MODE")
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
        insert = sa.insert(events_table).returning(events_table.c.notification_id, sort_by_parameter_order=True)
        try:
            inserted = list(connection.execute(insert, rows).scalars())
            if ids is not None and connection.dialect.name == "postgresql":
                sequence = "pg_get_serial_sequence('stored_events', 'notification_id')"
                connection.exec_driver_sql(f"SELECT setval({sequence}, {max(inserted)})")
        except sa.exc.IntegrityError as error:
            raise ConflictError(str(error.orig)) from error
        return inserted

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
        """The events of one stream in version order."""
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
        """A page of all events in commit order."""
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
        """The id of the newest event, or None."""
        with self._database.read() as reader:
            return reader.execute(sa.select(sa.func.max(events_table.c.notification_id))).scalar()

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> PollingSubscription:
        """All events after ``gt``, then the new ones as they are committed, on either database."""
        return PollingSubscription(self, gt, topics)


class EventStore:
    """A service's own history: append in the caller's transaction, read streams, page through all events."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.recorder = Recorder(database)
        self.mapper = EnvelopeMapper()
        self.behind: str | None = None
        self._listeners: list[Callable[[], None]] = []
        self._lock = Lock()
        database.create(metadata)
        with database.write() as connection:
            if database.dialect == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(230509)"))
            for statement in FORBID[database.dialect]:
                connection.exec_driver_sql(statement)

    def stream(self, subject: str, connection: sa.Connection | None = None, after: int = 0) -> list[Envelope]:
        """The events of a stream with versions above ``after``, in order."""
        events = self.recorder.select_events(stream_id(subject), gt=after or None, connection=connection)
        return [Envelope.from_store(event.state) for event in events]

    def version(self, subject: str, connection: sa.Connection) -> int:
        """The version of a stream's newest event, 0 where there is none."""
        query = sa.select(sa.func.max(events_table.c.originator_version)).where(
            events_table.c.originator_id == stream_id(subject)
        )
        return connection.execute(query).scalar() or 0

    def append(self, connection: sa.Connection, envelopes: Sequence[Envelope]) -> int:
        """Append decided facts, and the record of their command, to the caller's transaction; the last id.

        :raises ConflictError: a stream's version, or the command id, is taken.
        :raises StoreBehindError: the log knows more of this service than its store does.
        """
        if self.behind is not None:
            raise StoreBehindError(self.behind)
        return self.refill(connection, [self.mapper.to_stored_event(envelope) for envelope in envelopes], envelopes)

    def refill(
        self,
        connection: sa.Connection,
        stored: Sequence[StoredEvent],
        envelopes: Sequence[Envelope],
        ids: Sequence[int] | None = None,
    ) -> int:
        """Append events that the log already has, byte for byte and under their old ids."""
        ids = self.recorder.insert_events(stored, connection=connection, ids=ids)
        made: dict[UUID, tuple[str, list[int]]] = {}
        for envelope, notification_id in zip(envelopes, ids, strict=True):
            if envelope.commandid is not None:
                made.setdefault(envelope.commandid, (envelope.commanddigest or "", []))[1].append(notification_id)
        for command_id, (digest, notification_ids) in made.items():
            self._remember(connection, command_id, digest, notification_ids)
        return ids[-1]

    def _remember(self, connection: sa.Connection, command_id: UUID, digest: str, ids: list[int]) -> None:
        row = {"command_id": command_id, "digest": digest, "first_notification": ids[0], "last_notification": ids[-1]}
        try:
            connection.execute(sa.insert(commands), row)
        except sa.exc.IntegrityError as error:
            raise ConflictError(str(error.orig)) from error

    def recall(self, command_id: UUID, digest: str, connection: sa.Connection | None = None) -> CommandRecord | None:
        """What a command did the first time it came, or None.

        :raises CommandReusedError: it came with another request.
        """
        with self.database.reading(connection) as reader:
            row = reader.execute(sa.select(commands).where(commands.c.command_id == command_id)).one_or_none()
            if row is None:
                return None
            if row.digest != digest:
                raise CommandReusedError(str(command_id))
            query = (
                sa.select(events_table.c.state)
                .where(events_table.c.notification_id.between(row.first_notification, row.last_notification))
                .order_by(events_table.c.notification_id)
            )
            envelopes = [Envelope.from_store(bytes(state)) for state in reader.execute(query).scalars()]
        mine = tuple(envelope for envelope in envelopes if envelope.commandid == command_id)
        return CommandRecord(command_id, digest, mine, row.last_notification)

    def notifications(self, after: int, limit: int) -> Sequence[Notification]:
        """At most ``limit`` events after an id, in commit order."""
        return self.recorder.select_notifications(after, limit, inclusive_of_start=False)

    def head(self) -> int:
        """The id of the newest event, 0 where there is none."""
        return self.recorder.max_notification_id() or 0

    def listen(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called after each commit, in the committing thread; it must return at once."""
        with self._lock:
            self._listeners.append(callback)

    def wake(self) -> None:
        """Tell the listeners that a transaction with events was committed."""
        for callback in self._listeners:
            callback()
