"""Holds the stores against the journal before the services start, and puts back what only the journal has.

A service compares its store with the stream by itself. Where the stream is lost as well, an old store knows nothing of
what it decided since: the next command would take the place of a fact that journal, feeds and archives have.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ksad.chassis.broker import Stored
from ksad.chassis.database import Database
from ksad.chassis.relay.refill import ContradictionError, Refill
from ksad.chassis.relay.refill import metadata as refill_metadata
from ksad.chassis.store import EventStore, events_table
from ksad.contracts.envelope import Envelope, nats_subject
from ksad.contracts.identifiers import stream_id
from ksad.contracts.positions import POSITION_HEADER, Position
from ksad.local.machine.folder import NoPlatformError
from ksad.reporting.journal import journal
from ksad.reporting.keeping.source import Source, SourceError
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.tables import metadata
from ksad.supervision.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ksad.local.machine.folder import Folder

PAGE = 500
DECIDING = ("registry", "supervision")
"""Reporting's own store lies in the journal's database: they are lost and put back together."""
ORIGIN = "journal"


def refill_stores(folder: Folder) -> dict[str, int]:
    """Append to the stores what the journal has of them and they lack, byte for byte; how many events each lacked.

    :raises NoPlatformError: a store and the journal hold different events in one place.
    """
    put_back: dict[str, int] = {}
    with ExitStack() as stack:
        log = stack.enter_context(_journal(folder))
        if log is None:
            return put_back
        for service in DECIDING:
            database = stack.enter_context(_database(folder, service))
            store = EventStore(database)
            if not _lacks(log, store, service):
                continue
            database.create(refill_metadata)
            refill = Refill(store, ORIGIN, _tables(store) if service == "supervision" else None)
            try:
                for page, last in _pages(log, service):
                    refill.apply(page, last=last)
            except ContradictionError as error:
                message = f"{service}: {error} Compare with `ksad audit reconcile` and restore (docs/auditing.md)."
                raise NoPlatformError(message) from error
            put_back[service] = refill.count
    return put_back


@contextmanager
def _database(folder: Folder, service: str) -> Iterator[Database]:
    database = Database(folder.database_url(service))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _journal(folder: Folder) -> Iterator[sa.Connection | None]:
    """The journal to read from, or None where there is none yet."""
    try:
        with Source(folder.root).database("reporting") as database, database.read() as connection:
            yield connection if sa.inspect(connection).has_table(journal.name) else None
    except SourceError:
        yield None


def _lacks(log: sa.Connection, store: EventStore, service: str) -> bool:
    """Whether the store lacks the newest of the service's events in the journal, or has another one in its place."""
    newest = sa.select(journal).where(journal.c.service == service).order_by(journal.c.entry.desc()).limit(1)
    row = log.execute(newest).one_or_none()
    if row is None:
        return False
    place = sa.select(events_table.c.state).where(
        events_table.c.originator_id == stream_id(row.stream), events_table.c.originator_version == row.version
    )
    with store.database.read() as connection:
        found = connection.execute(place).scalar()
    return found is None or bytes(found) != bytes(row.raw)


def _pages(log: sa.Connection, service: str) -> Iterator[tuple[list[Stored], bool]]:
    """All of a service's events in the journal, in the order of its store, as the stream would give them."""
    after = 0
    while True:
        query = (
            sa.select(journal.c.entry, journal.c.raw, journal.c.notification)
            .where(journal.c.service == service, journal.c.notification > after)
            .order_by(journal.c.notification)
            .limit(PAGE)
        )
        rows = log.execute(query).all()
        yield [_stored(service, row) for row in rows], len(rows) < PAGE
        if len(rows) < PAGE:
            return
        after = rows[-1].notification


def _stored(service: str, row: Any) -> Stored:  # noqa: ANN401 - a row of the journal
    raw = bytes(row.raw)
    subject = nats_subject(Envelope.from_store(raw))
    return Stored(row.entry, subject, raw, {POSITION_HEADER: str(Position(service, row.notification))}, 0)


def _tables(store: EventStore) -> Callable[[sa.Connection, Sequence[Envelope]], None]:
    """Supervision's tables follow what comes back; nothing is decided again."""
    store.database.create(metadata)
    cache = ReferenceCache()

    def follow(connection: sa.Connection, events: Sequence[Envelope]) -> None:
        unit = UnitOfWork(connection, store, cache)
        for event in events:
            unit.fold_own(event)
        unit.flush()

    return follow
