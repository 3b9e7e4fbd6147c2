"""The journal: the total order of all events, with indexes from 0, append-only, in their exact bytes.

An event is admitted when its predecessor (same stream, previous version) and its cause are admitted. Until then it is
held, which the status shows. Events, the Merkle frontier over them and the follower's position are committed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts.identifiers import event_id
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, TreeHead, leaf_hash
from ksad.reporting.journal import nodes
from ksad.reporting.journal.tables import (
    NATIONAL,
    conflicts,
    frontiers,
    held,
    journal,
    load_frontier,
    save_frontier,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ksad.chassis.database import Database

# Values in one IN clause; SQLite's limit on parameters is far above it.
IN_MAX = 500
PAGE_OF = {
    "sqlite": "SELECT entry, raw FROM journal WHERE entry >= ? ORDER BY entry LIMIT ?",
    "postgresql": "SELECT entry, raw FROM journal WHERE entry >= %s ORDER BY entry LIMIT %s",
}
# Bounds the memory of readers of the whole journal.
PAGE = 5_000

# Statements are built once: building one takes longer than executing it.
APPEND = sa.insert(journal)
PRESENT = sa.select(journal.c.event_id, journal.c.leaf_hash).where(
    journal.c.event_id.in_(sa.bindparam("ids", expanding=True))
)
RELEASE = (
    sa.delete(held)
    .where(held.c.waits_for.in_(sa.bindparam("ids", expanding=True)))
    .returning(held.c.raw, held.c.service, held.c.notification)
)
SIZE = sa.select(frontiers.c.size).where(frontiers.c.log == NATIONAL)
HASHES = sa.select(journal.c.entry, journal.c.leaf_hash).where(
    journal.c.entry.in_(sa.bindparam("entries", expanding=True))
)
INDEX_OF = sa.select(journal.c.entry).where(
    journal.c.service == sa.bindparam("service"), journal.c.notification == sa.bindparam("notification")
)


class Arrival(NamedTuple):
    """A valid envelope received from the log, with the position that its service gave it."""

    raw: bytes
    service: str
    notification: int


class _Candidate(NamedTuple):
    arrival: Arrival
    event_id: str
    stream: str
    version: int
    needs: tuple[str, ...]
    leaf_hash: bytes


def _candidate(arrival: Arrival) -> _Candidate:
    event = orjson.loads(arrival.raw)
    stream, version = event["subject"], event["streamversion"]
    # An event's id follows from its stream and version, so the predecessor's is known before it arrives.
    needs = (str(event_id(stream, version - 1)),) if version > 1 else ()
    if "causationid" in event:
        needs = (*needs, event["causationid"])
    return _Candidate(arrival, event["id"], stream, version, needs, leaf_hash(arrival.raw))


class Journal:
    """The journal in reporting's database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def admit(self, connection: sa.Connection, arrivals: Sequence[Arrival]) -> int:
        """Admits events whose predecessors are admitted, holds the others, and ignores repeats; returns the number
        admitted.

        Every valid envelope is admitted, whether its type is known or not: a newer service must not block the log.
        """
        count = 0
        candidates = [_candidate(arrival) for arrival in arrivals]
        while candidates:
            admitted, blocked = self._sort(connection, candidates)
            self._append(connection, admitted)
            self._hold(connection, blocked)
            candidates = self._release(connection, admitted)
            count += len(admitted)
        return count

    def _sort(
        self, connection: sa.Connection, candidates: Sequence[_Candidate]
    ) -> tuple[list[_Candidate], dict[str, list[_Candidate]]]:
        """The events that can be admitted, each after its predecessor and cause, and those that wait, by the event
        awaited.
        """
        asked = {event for item in candidates for event in (item.event_id, *item.needs)}
        present = self._present(connection, asked)
        admitted: list[_Candidate] = []
        waiting: dict[str, list[_Candidate]] = {}
        for candidate in candidates:
            queue = [candidate]
            while queue:
                item = queue.pop(0)
                known = present.get(item.event_id)
                if known is not None:
                    # Same id, other bytes: the admitted event stays, since its leaf may be signed already.
                    if known != item.leaf_hash:
                        self._contradict(connection, item)
                    continue
                missing = next((need for need in item.needs if need not in present), None)
                if missing is not None:
                    waiting.setdefault(missing, []).append(item)
                    continue
                present[item.event_id] = item.leaf_hash
                admitted.append(item)
                queue[:0] = waiting.pop(item.event_id, [])
        return admitted, waiting

    def _release(self, connection: sa.Connection, admitted: Sequence[_Candidate]) -> list[_Candidate]:
        """Removes from the hold the events that waited for these."""
        released: list[_Candidate] = []
        for start in range(0, len(admitted), IN_MAX):
            ids = [UUID(item.event_id) for item in admitted[start : start + IN_MAX]]
            rows = connection.execute(RELEASE, {"ids": ids})
            released.extend(_candidate(Arrival(bytes(row[0]), row[1], row[2])) for row in rows)
        # RETURNING gives the rows in no defined order, and this order becomes the journal's.
        return sorted(released, key=lambda item: (item.stream, item.version))

    def _present(self, connection: sa.Connection, asked: Iterable[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        wanted = list(asked)
        for start in range(0, len(wanted), IN_MAX):
            page = {"ids": [UUID(item) for item in wanted[start : start + IN_MAX]]}
            found.update((str(row[0]), bytes(row[1])) for row in connection.execute(PRESENT, page))
        return found

    def _contradict(self, connection: sa.Connection, item: _Candidate) -> None:
        row = {"leaf_hash": item.leaf_hash, "event_id": UUID(item.event_id), "raw": item.arrival.raw}
        upsert(connection, conflicts, [row])

    def _hold(self, connection: sa.Connection, waiting: dict[str, list[_Candidate]]) -> None:
        rows = [
            {
                "event_id": UUID(item.event_id),
                "waits_for": UUID(missing),
                "stream": item.stream,
                "raw": item.arrival.raw,
                "service": item.arrival.service,
                "notification": item.arrival.notification,
            }
            for missing, items in waiting.items()
            for item in items
        ]
        upsert(connection, held, rows)

    def _append(self, connection: sa.Connection, admitted: Sequence[_Candidate]) -> None:
        if not admitted:
            return
        frontier = self.frontier(connection)
        rows = [
            {
                "entry": frontier.size + number,
                "event_id": UUID(item.event_id),
                "stream": item.stream,
                "version": item.version,
                "raw": item.arrival.raw,
                "leaf_hash": item.leaf_hash,
                "service": item.arrival.service,
                "notification": item.arrival.notification,
            }
            for number, item in enumerate(admitted)
        ]
        connection.execute(APPEND, rows)
        grown = frontier.extended(item.leaf_hash for item in admitted)
        save_frontier(connection, NATIONAL, grown)
        nodes.complete(connection, grown.size)

    def frontier(self, connection: sa.Connection) -> Frontier:
        """The Merkle frontier over all entries."""
        return load_frontier(connection, NATIONAL)

    def frontier_at(self, connection: sa.Connection, size: int) -> Frontier:
        """The Merkle frontier over the first ``size`` entries, from the nodes that are kept."""
        return nodes.frontier_at(connection, size)

    def head(self) -> TreeHead:
        """The size and root of the tree over all entries."""
        with self.database.read() as connection:
            frontier = self.frontier(connection)
        return TreeHead(frontier.size, frontier.root())

    def size(self, connection: sa.Connection) -> int:
        """The number of entries."""
        return connection.execute(SIZE).scalar() or 0

    def entries(self, connection: sa.Connection, after: int, limit: int) -> list[Entry]:
        """At most ``limit`` entries, from index ``after`` on."""
        if connection.dialect.name == "postgresql":
            # In binary format: as text, every byte of an event would be sent as two.
            cursor = connection.connection.cursor(binary=True)
        else:
            cursor = connection.connection.cursor()
        cursor.execute(PAGE_OF[connection.dialect.name], (after, limit))
        return list(map(Entry._make, cursor.fetchall()))

    def leaf_hashes(self, connection: sa.Connection, indexes: Sequence[int]) -> dict[int, bytes]:
        """The leaf hashes at the given indexes."""
        found: dict[int, bytes] = {}
        for start in range(0, len(indexes), IN_MAX):
            page = {"entries": indexes[start : start + IN_MAX]}
            found.update((row[0], bytes(row[1])) for row in connection.execute(HASHES, page))
        return found

    def prefix(self, connection: sa.Connection, size: int) -> Iterator[Entry]:
        """The entries [0, ``size``), read in pages."""
        for start in range(0, size, PAGE):
            yield from self.entries(connection, start, min(PAGE, size - start))

    def history(self, connection: sa.Connection, stream: str, until: int) -> list[dict[str, Any]]:
        """The decoded events of one stream, up to and including journal index ``until``."""
        query = (
            sa.select(journal.c.raw)
            .where(journal.c.stream == stream, journal.c.entry <= until)
            .order_by(journal.c.version)
        )
        return [orjson.loads(bytes(raw)) for raw in connection.execute(query).scalars()]

    def at(self, connection: sa.Connection, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The decoded events at the given indexes, in ascending order, as ``index`` and ``event``."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(numbers), IN_MAX):
            query = (
                sa.select(journal.c.entry, journal.c.raw)
                .where(journal.c.entry.in_(numbers[start : start + IN_MAX]))
                .order_by(journal.c.entry)
            )
            found += [{"index": row[0], "event": orjson.loads(bytes(row[1]))} for row in connection.execute(query)]
        return found

    def index_of(self, connection: sa.Connection, service: str, notification: int) -> int | None:
        """The journal index of the event with this position of a service; ``None`` if it is not admitted."""
        return connection.execute(INDEX_OF, {"service": service, "notification": notification}).scalar()

    def conflict_count(self, connection: sa.Connection) -> int:
        """The number of events that contradict an admitted event with the same id."""
        return connection.execute(sa.select(sa.func.count()).select_from(conflicts)).scalar_one()

    def held_count(self, connection: sa.Connection) -> int:
        """The number of events that wait for their predecessor or cause."""
        return connection.execute(sa.select(sa.func.count()).select_from(held)).scalar_one()
