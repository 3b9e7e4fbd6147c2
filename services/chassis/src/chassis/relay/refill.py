"""A store held against the log: where the log's newest event of a service stands in its store, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from eventsourcing.persistence import StoredEvent

from chassis.broker import MalformedError, received
from chassis.store import StoreBehindError, events_table
from contracts.identifiers import stream_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from chassis.broker import Received, Stored
    from chassis.store import EventStore
    from contracts.envelope import Envelope

BEHIND = "Catatan pusat memuat peristiwa layanan ini yang tidak ada di penyimpanannya; penulisan menunggu isi ulang."
CONTRADICTED = "Catatan pusat dan penyimpanan memuat peristiwa yang berbeda di tempat yang sama; penulisan ditolak."


class ContradictionError(StoreBehindError):
    """Store and log hold different events at one place of a stream: only an operator can tell which is right."""


def events_of(messages: Iterable[Stored]) -> list[Received]:
    """The events among messages of the log. What is none is the followers' to quarantine."""
    events = []
    for message in messages:
        try:
            events.append(received(message))
        except MalformedError:
            continue
    return events


def locate(store: EventStore, event: Received) -> int:
    """The id that an event of the log has in the store; ids differ from the log's after a restore.

    :raises StoreBehindError: the store does not have it.
    :raises ContradictionError: the store has another event in its place.
    """
    table = events_table.c
    query = sa.select(table.notification_id, table.state).where(
        table.originator_id == stream_id(event.envelope.subject),
        table.originator_version == event.envelope.streamversion,
    )
    with store.database.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise StoreBehindError(BEHIND)
    if bytes(row.state) != event.raw:
        raise ContradictionError(CONTRADICTED)
    return int(row.notification_id)


class Refill:
    """Appends what a store lacks, batch by batch, each batch in one transaction and no command cut in two."""

    def __init__(self, store: EventStore, restored: Callable[[sa.Connection, Sequence[Envelope]], None] | None) -> None:
        self.count = 0
        self._store = store
        self._restored = restored
        self._carried: list[Received] = []

    def take(self, messages: Sequence[Stored], *, last: bool) -> None:
        """Append what is missing of the next messages; ``last`` says that no more will come.

        :raises ContradictionError: the store has another event in the place of one of them.
        """
        events = self._carried + events_of(messages)
        cut = len(events)
        while not last and cut > 0 and self._continues(events[cut - 1], events[-1]):
            cut -= 1
        self._carried = events[cut:]
        if cut > 0:
            self._append(events[:cut])

    def _continues(self, event: Received, newest: Received) -> bool:
        return event is newest or (
            event.envelope.commandid is not None and event.envelope.commandid == newest.envelope.commandid
        )

    def _append(self, events: Sequence[Received]) -> None:
        keys = [(stream_id(event.envelope.subject), event.envelope.streamversion) for event in events]
        with self._store.database.write() as connection:
            present = self._present(connection, keys)
            missing = []
            for key, event in zip(keys, events, strict=True):
                raw = present.setdefault(key, event.raw)
                if raw is event.raw:
                    missing.append(event)
                elif raw != event.raw:
                    raise ContradictionError(CONTRADICTED)
            if not missing:
                return
            envelopes = [event.envelope for event in missing]
            rows = [
                StoredEvent(
                    stream_id(event.envelope.subject), event.envelope.streamversion, event.envelope.type, event.raw
                )
                for event in missing
            ]
            self._store.refill(connection, rows, envelopes)
            if self._restored is not None:
                self._restored(connection, envelopes)
        self.count += len(missing)

    def _present(self, connection: sa.Connection, keys: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], bytes]:
        table = events_table.c
        place = sa.tuple_(table.originator_id, table.originator_version)
        query = sa.select(table.originator_id, table.originator_version, table.state).where(place.in_(keys))
        return {(row[0], row[1]): bytes(row[2]) for row in connection.execute(query)}
