"""Parking: an event that cannot be applied is stored with the reason, and later events of its stream wait behind it.

All other streams continue. A message that is not an event is quarantined instead: it belongs to no stream, so nothing
waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ksad.chassis.broker import Received, Stored
from ksad.chassis.database import upsert
from ksad.contracts.envelope import Envelope
from ksad.contracts.positions import Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

REASON_MAX = 500

metadata = sa.MetaData()
parked = sa.Table(
    "parked",
    metadata,
    sa.Column("follower", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("stream_sequence", sa.BigInteger, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("retry", sa.Boolean, nullable=False),
    sa.Index("parked_stream", "follower", "stream", "version"),
)
quarantine = sa.Table(
    "quarantined",
    metadata,
    sa.Column("follower", sa.Text, primary_key=True),
    sa.Column("incarnation", sa.Text, primary_key=True),
    sa.Column("stream_sequence", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("raw", sa.LargeBinary, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)


class Park(Exception):
    """Raised while applying events: this code cannot apply one event."""

    def __init__(self, event_id: UUID, reason: str) -> None:
        super().__init__(reason)
        self.event_id = event_id
        self.reason = reason


class Counts(NamedTuple):
    """The numbers of parked events and quarantined messages."""

    parked: int
    quarantined: int


class Parking:
    """The parked events and quarantined messages of one follower, in the service's database."""

    def __init__(self, follower: str, code_version: str) -> None:
        self.follower = follower
        self.code_version = code_version
        self._mine = parked.c.follower == follower
        self._streams = sa.select(parked.c.stream).where(self._mine).distinct()

    def split(
        self, connection: sa.Connection, events: Sequence[Received], poison: Mapping[UUID, str]
    ) -> tuple[list[Received], list[tuple[Received, str]]]:
        """Splits events into those to apply and, with reasons, those to park: unprocessable ones and their
        successors.
        """
        closed = self.streams(connection)
        flowing: list[Received] = []
        waiting: list[tuple[Received, str]] = []
        for event in events:
            envelope = event.envelope
            reason = poison.get(envelope.id)
            if reason is None and envelope.subject not in closed:
                flowing.append(event)
                continue
            waiting.append((event, reason or "waits behind a parked event of its stream"))
            closed.add(envelope.subject)
        return flowing, waiting

    def streams(self, connection: sa.Connection) -> set[str]:
        """The streams with parked events."""
        return set(connection.execute(self._streams).scalars())

    def park(self, connection: sa.Connection, events: Iterable[tuple[Received, str]]) -> None:
        """Parks events, in order, with their reasons."""
        rows = [
            {
                "follower": self.follower,
                "event_id": event.envelope.id,
                "stream": event.envelope.subject,
                "version": event.envelope.streamversion,
                "type": event.envelope.type,
                "stream_sequence": event.stream_sequence,
                "subject": event.subject,
                "position": str(event.position),
                "raw": event.raw,
                "reason": reason[:REASON_MAX],
                "code_version": self.code_version,
                "attempts": 1,
                "retry": False,
            }
            for event, reason in events
        ]
        if rows:
            connection.execute(sa.insert(parked), rows)

    def isolate(self, connection: sa.Connection, incarnation: str, messages: Iterable[tuple[Stored, str]]) -> None:
        """Quarantines messages that are not events, with the reasons."""
        rows = [
            {
                "follower": self.follower,
                "incarnation": incarnation,
                "stream_sequence": message.sequence,
                "subject": message.subject,
                "raw": message.raw,
                "reason": reason[:REASON_MAX],
            }
            for message, reason in messages
        ]
        upsert(connection, quarantine, rows)

    def waiting(self, connection: sa.Connection, stream: str) -> list[Received]:
        """The parked events of a stream in the order of their versions."""
        query = sa.select(parked).where(self._mine, parked.c.stream == stream).order_by(parked.c.version)
        return [
            Received(
                row.stream_sequence,
                row.subject,
                bytes(row.raw),
                Position.parse(row.position),
                *Envelope.from_newer(bytes(row.raw)),
            )
            for row in connection.execute(query)
        ]

    def release(self, connection: sa.Connection, events: Sequence[Received]) -> None:
        """Removes events that were applied."""
        for event in events:
            connection.execute(sa.delete(parked).where(self._mine, parked.c.event_id == event.envelope.id))

    def failed(self, connection: sa.Connection, event: Received, reason: str) -> None:
        """Records that a retry failed at this event, and ends the retry of its stream."""
        row = sa.update(parked).where(self._mine, parked.c.event_id == event.envelope.id)
        values = {"reason": reason[:REASON_MAX], "code_version": self.code_version}
        connection.execute(row.values(attempts=parked.c.attempts + 1, **values))
        stream = sa.update(parked).where(self._mine, parked.c.stream == event.envelope.subject)
        connection.execute(stream.values(retry=False))

    def request_retry(self, connection: sa.Connection, stream: str | None = None) -> int:
        """Requests the running follower to try a stream, or all, again; returns the number of events."""
        rows = sa.update(parked).where(self._mine)
        if stream is not None:
            rows = rows.where(parked.c.stream == stream)
        return connection.execute(rows.values(retry=True)).rowcount

    def requested(self, connection: sa.Connection) -> list[str]:
        """The streams for which a retry was requested."""
        query = sa.select(parked.c.stream).where(self._mine, parked.c.retry).distinct()
        return sorted(connection.execute(query).scalars())

    def dismiss(self, connection: sa.Connection) -> list[tuple[int, str, str]]:
        """Deletes the quarantined messages; returns their sequences, subjects and reasons."""
        mine = quarantine.c.follower == self.follower
        gone = sa.delete(quarantine).where(mine)
        columns = (quarantine.c.stream_sequence, quarantine.c.subject, quarantine.c.reason)
        return [tuple(row) for row in connection.execute(gone.returning(*columns))]

    def counts(self, connection: sa.Connection) -> Counts:
        """The numbers of parked events and quarantined messages."""
        mine = quarantine.c.follower == self.follower
        return Counts(
            connection.execute(sa.select(sa.func.count()).select_from(parked).where(self._mine)).scalar_one(),
            connection.execute(sa.select(sa.func.count()).select_from(quarantine).where(mine)).scalar_one(),
        )

    def items(self, connection: sa.Connection, limit: int = 500) -> list[dict[str, Any]]:
        """For operators: the parked events by stream and version, then the quarantined messages, with the same keys."""
        query = sa.select(parked).where(self._mine).order_by(parked.c.stream, parked.c.version).limit(limit)
        rows = [_item("parked", **row) for row in connection.execute(query).mappings()]
        mine = quarantine.c.follower == self.follower
        query = sa.select(quarantine).where(mine).order_by(quarantine.c.stream_sequence).limit(limit - len(rows))
        return rows + [_item("quarantined", **row) for row in connection.execute(query).mappings()]


def _item(kind: str, **row: Any) -> dict[str, Any]:  # noqa: ANN401 - columns of a row
    return {
        "kind": kind,
        "follower": row["follower"],
        "event_id": row.get("event_id"),
        "stream": row.get("stream", row["subject"]),
        "version": row.get("version"),
        "type": row.get("type"),
        "stream_sequence": row["stream_sequence"],
        "position": row.get("position"),
        "reason": row["reason"],
        "code_version": row.get("code_version"),
        "attempts": row.get("attempts"),
    }
