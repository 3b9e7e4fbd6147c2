"""Compares a store with the log, and appends to the store events that only the log has."""

from __future__ import annotations

from operator import lt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from eventsourcing.persistence import StoredEvent

from ksad.chassis.broker import MalformedError, received
from ksad.chassis.store import StoreBehindError, events_table
from ksad.contracts.identifiers import stream_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from ksad.chassis.broker import Received, Stored
    from ksad.chassis.store import EventStore
    from ksad.contracts.envelope import Envelope

metadata = sa.MetaData()
fetched = sa.Table(
    "fetched_events",
    metadata,
    sa.Column("incarnation", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("notification_id", sa.BigInteger, nullable=False),
)
"""Own events fetched from a stream while the store had others that were not in it; they must not be sent again."""

BEHIND = "Catatan pusat memuat peristiwa layanan ini yang tidak ada di penyimpanannya; penulisan menunggu isi ulang."
CONTRADICTED = "Catatan pusat dan penyimpanan memuat peristiwa yang berbeda di tempat yang sama; penulisan ditolak."


class ContradictionError(StoreBehindError):
    """Store and log have different events at the same place of a stream; only an operator can tell which is right."""


def events_of(messages: Iterable[Stored]) -> list[Received]:
    """The events among messages of the log. Messages that are not events are skipped; followers quarantine them."""
    events = []
    for message in messages:
        try:
            events.append(received(message))
        except MalformedError:
            continue
    return events


def locate(store: EventStore, event: Received) -> int:
    """The notification id of an event in the store. After a restore it may differ from the position in the log.

    :raises StoreBehindError: the store does not have the event.
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


def fetched_from(store: EventStore, incarnation: str) -> dict[UUID, int]:
    """The events fetched from this stream while the store had others that were not in it, with their ids here."""
    with store.database.read() as connection:
        query = sa.select(fetched.c.event_id, fetched.c.notification_id).where(fetched.c.incarnation == incarnation)
        return {row[0]: row[1] for row in connection.execute(query)}


class Refill:
    """Appends missing events in batches of one transaction each, without splitting the events of a command.

    Events get the ids that they had, as far as these are behind all that the store has: ids have gaps, which the log
    knows, and the journal knows events by them. Where the store has events that are not in the log, what is appended
    behind them is noted: the order of ids no longer tells which of them are in the log.
    """

    def __init__(
        self,
        store: EventStore,
        incarnation: str,
        restored: Callable[[sa.Connection, Sequence[Envelope]], None] | None,
        *,
        under_old_ids: bool = False,
    ) -> None:
        """:param under_old_ids: keep the old notification ids; the store must be empty."""
        self.count = 0
        self._store = store
        self._incarnation = incarnation
        self._restored = restored
        self._carried: list[Received] = []
        self._common = 0
        self._ahead = bool(fetched_from(store, incarnation))
        self._under_old_ids = under_old_ids

    def apply(self, messages: Sequence[Stored], *, last: bool) -> None:
        """Appends the missing events among the next messages.

        :param last: whether no further messages follow.
        :raises ContradictionError: the store has another event in the place of one of them.
        """
        events = self._carried + events_of(messages)
        cut = len(events)
        # The events of a command may continue in the next messages; they are appended with those.
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
            present = {} if self._under_old_ids else self._present(connection, keys)
            missing: dict[tuple[UUID, int], Received] = {}
            for key, event in zip(keys, events, strict=True):
                if key not in present:
                    missing.setdefault(key, event)
                if (present[key] if key in present else missing[key].raw) != event.raw:
                    raise ContradictionError(CONTRADICTED)
            if missing:
                self._fetch(connection, list(missing.values()))
        self.count += len(missing)

    def _fetch(self, connection: sa.Connection, missing: Sequence[Received]) -> None:
        head = connection.execute(sa.select(sa.func.max(events_table.c.notification_id))).scalar() or 0
        self._ahead = self._ahead or head > self._common
        envelopes = [event.envelope for event in missing]
        rows = [
            StoredEvent(stream_id(event.envelope.subject), event.envelope.streamversion, event.envelope.type, event.raw)
            for event in missing
        ]
        old_ids = [event.position.notification for event in missing]
        free = self._under_old_ids or all(map(lt, [head, *old_ids], old_ids))
        ids = self._store.refill(connection, rows, envelopes, old_ids if free else None)
        self._common = ids[-1]
        if self._ahead:
            notes = [
                {"incarnation": self._incarnation, "event_id": envelope.id, "notification_id": one}
                for envelope, one in zip(envelopes, ids, strict=True)
            ]
            connection.execute(sa.insert(fetched), notes)
        if self._restored is not None:
            self._restored(connection, envelopes)

    def _present(self, connection: sa.Connection, keys: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], bytes]:
        table = events_table.c
        place = sa.tuple_(table.originator_id, table.originator_version)
        columns = (table.originator_id, table.originator_version, table.state, table.notification_id)
        rows = connection.execute(sa.select(*columns).where(place.in_(keys))).all()
        self._common = max([self._common, *(row[3] for row in rows)])
        return {(row[0], row[1]): bytes(row[2]) for row in rows}
