"""The event store of a service: appends in the caller's transaction, reads streams, and recalls commands."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from eventsourcing.persistence import Notification

from ksad.chassis.store import request_events
from ksad.chassis.store.closed import StoreBehindError
from ksad.chassis.store.recorder import ConflictError, EnvelopeMapper, Recorder, events_table, metadata
from ksad.chassis.store.times import Times
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import stream_id
from ksad.contracts.positions import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from eventsourcing.persistence import StoredEvent

    from ksad.chassis.clock import ServiceClock
    from ksad.chassis.database import Database

commands = sa.Table(
    "commands",
    metadata,
    sa.Column("command_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("first_notification", sa.BigInteger, nullable=False),
    sa.Column("last_notification", sa.BigInteger, nullable=False),
)

# Statements are built once: SQLAlchemy takes as long to build one as to execute it.
STREAM = (
    sa.select(events_table.c.state)
    .where(
        events_table.c.originator_id == sa.bindparam("stream"),
        events_table.c.originator_version > sa.bindparam("after"),
    )
    .order_by(events_table.c.originator_version)
)
PAGE = (
    sa.select(
        events_table.c.originator_id,
        events_table.c.originator_version,
        events_table.c.topic,
        events_table.c.state,
        events_table.c.notification_id,
    )
    .where(events_table.c.notification_id > sa.bindparam("after"))
    .order_by(events_table.c.notification_id)
    .limit(sa.bindparam("most"))
)
RECALL = sa.select(commands).where(commands.c.command_id.in_(sa.bindparam("commands", expanding=True)))
HEADS = (
    sa.select(events_table.c.originator_id, sa.func.max(events_table.c.originator_version))
    .where(events_table.c.originator_id.in_(sa.bindparam("streams", expanding=True)))
    .group_by(events_table.c.originator_id)
)
RECORDED = (
    sa.select(events_table.c.state)
    .where(events_table.c.notification_id.between(sa.bindparam("first"), sa.bindparam("last")))
    .order_by(events_table.c.notification_id)
)
REMEMBER = sa.insert(commands)


class CommandReusedError(Exception):
    """An idempotency key was used again with another request."""


class CommandRecord(NamedTuple):
    """The record of a command: its events (at least one), and the notification id of the last."""

    command_id: UUID
    digest: str
    envelopes: tuple[Envelope, ...]
    notification: int

    @property
    def events(self) -> list[UUID]:
        """The ids of its events."""
        return [envelope.id for envelope in self.envelopes]

    @property
    def position(self) -> Position:
        """The position of its last event."""
        return Position(self.envelopes[-1].service, self.notification)

    def version(self, subject: str) -> int:
        """The version of a stream right after the command, which must have recorded events of it."""
        return max(envelope.streamversion for envelope in self.envelopes if envelope.subject == subject)


class EventStore:
    """The events recorded by a service."""

    def __init__(self, database: Database, clock: ServiceClock | None = None) -> None:
        """:param clock: the clock of the events' times; ``None`` if times are given and not to be checked."""
        self.database = database
        self.times = Times(clock)
        self.recorder = Recorder(database)
        self.mapper = EnvelopeMapper()
        self.behind: str | None = None
        self._listeners: list[Callable[[], None]] = []
        self._lock = Lock()

    def stream(self, subject: str, connection: sa.Connection | None = None, after: int = 0) -> list[Envelope]:
        """The events of a stream with versions above ``after``, in order."""
        with self.database.reading(connection) as reader:
            states = reader.execute(STREAM, {"stream": stream_id(subject), "after": after}).scalars()
            return [Envelope.from_store(bytes(state)) for state in states]

    def version(self, subject: str, connection: sa.Connection) -> int:
        """The version of a stream's newest event; 0 if there is none."""
        query = sa.select(sa.func.max(events_table.c.originator_version)).where(
            events_table.c.originator_id == stream_id(subject)
        )
        return connection.execute(query).scalar() or 0

    def append(self, connection: sa.Connection, envelopes: Sequence[Envelope]) -> int:
        """As :meth:`record`; returns only the last notification id."""
        return self.record(connection, envelopes)[1][-1]

    def record(
        self, connection: sa.Connection, envelopes: Sequence[Envelope]
    ) -> tuple[tuple[Envelope, ...], Sequence[int]]:
        """Appends events, and the records of their commands, in the caller's transaction.

        Recorded times never go back: an event with an earlier time than the newest one gets the time of the newest one.

        :return: the events as recorded, and their notification ids.
        :raises ConflictError: a version of a stream, or the command id, is taken.
        :raises StoreClosedError: the log has events that the store lacks, or the clock is too far off.
        """
        if self.behind is not None:
            raise StoreBehindError(self.behind)
        self.recorder.lock(connection)
        made = self.times.ordered(envelopes, self.recorder.newest(connection))
        stored = [self.mapper.to_stored_event(envelope) for envelope in made]
        return made, self.refill(connection, stored, made)

    def heads(self, subjects: Iterable[str], connection: sa.Connection) -> dict[str, int]:
        """The versions of the newest events of streams; 0 for a stream without events."""
        by_id = {stream_id(subject): subject for subject in subjects}
        found = dict.fromkeys(by_id.values(), 0)
        if by_id:
            for identity, version in connection.execute(HEADS, {"streams": list(by_id)}):
                found[by_id[identity]] = version
        return found

    def rehearse(self) -> None:
        """Takes and releases the lock that an append needs. After a failed write, also tests writing to disk.

        :raises sqlalchemy.exc.SQLAlchemyError: nothing can be appended at present.
        """
        with self.database.write() as connection:
            self.recorder.lock(connection)
            if self.database.refused is not None:
                self.database.touch(connection)

    def refill(
        self,
        connection: sa.Connection,
        stored: Sequence[StoredEvent],
        envelopes: Sequence[Envelope],
        ids: Sequence[int] | None = None,
    ) -> Sequence[int]:
        """Appends events that are in the log already, byte for byte; returns their notification ids here.

        :param ids: the notification ids to use; ``None`` assigns new ones.
        """
        ids = self.recorder.insert_events(stored, connection=connection, ids=ids)
        made: dict[UUID, tuple[str, list[int]]] = {}
        for envelope, notification_id in zip(envelopes, ids, strict=True):
            if envelope.commandid is not None:
                made.setdefault(envelope.commandid, (envelope.commanddigest or "", []))[1].append(notification_id)
        rows = [
            {"command_id": command_id, "digest": digest, "first_notification": own[0], "last_notification": own[-1]}
            for command_id, (digest, own) in made.items()
        ]
        try:
            if rows:
                connection.execute(REMEMBER, rows)
        except sa.exc.IntegrityError as error:
            raise ConflictError(str(error.orig)) from error
        return ids

    def recall(self, command_id: UUID, digest: str, connection: sa.Connection | None = None) -> CommandRecord | None:
        """The record of a command that was carried out before; ``None`` if there is none.

        :raises CommandReusedError: the command id was used with another request.
        """
        with self.database.reading(connection) as reader:
            found = self.recalled([command_id], reader).get(command_id)
        if found is None:
            return None
        if found.digest != digest:
            raise CommandReusedError(str(command_id))
        request_events.note(found.envelopes, repeated=True)
        return found

    def recalled(self, command_ids: Sequence[UUID], connection: sa.Connection) -> dict[UUID, CommandRecord]:
        """The records of those commands that were carried out before."""
        found = {}
        for row in connection.execute(RECALL, {"commands": command_ids}).all():
            between = {"first": row.first_notification, "last": row.last_notification}
            envelopes = [Envelope.from_store(bytes(state)) for state in connection.execute(RECORDED, between).scalars()]
            mine = tuple(envelope for envelope in envelopes if envelope.commandid == row.command_id)
            found[row.command_id] = CommandRecord(row.command_id, row.digest, mine, row.last_notification)
        return found

    def notifications(self, after: int, limit: int) -> Sequence[Notification]:
        """At most ``limit`` events after a notification id, in the order of commits."""
        with self.database.read() as reader:
            rows = reader.execute(PAGE, {"after": after, "most": limit})
            return [Notification(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows]

    def head(self) -> int:
        """The notification id of the newest event; 0 if there is none."""
        return self.recorder.max_notification_id() or 0

    def listen(self, callback: Callable[[], None]) -> None:
        """Registers a function that is called after each commit, in the committing thread; it must return at once."""
        with self._lock:
            self._listeners.append(callback)

    def wake(self) -> None:
        """Calls the listeners, after a transaction with events was committed."""
        for callback in self._listeners:
            callback()
