"""Holds the three stores against the journal, both ways, row by row: what is missing, foreign, altered or re-issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.chassis.places import SERVICES
from ksad.chassis.store import events_table
from ksad.contracts.identifiers import event_id, stream_id
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.journal import NATIONAL, journal, load_frontier

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ksad.chassis.places import Places

PAGE = 500


class Discrepancy(NamedTuple):
    """One row that is not what it should be. ``entry`` is its place in the journal, if it has one.

    ``kind``: missing (the journal has it, the store does not), foreign (the store has it, the journal does not; at the
    head it may only be on its way), altered (other bytes), re-issued (its id belongs to another event in the journal).
    """

    service: str
    kind: str
    entry: int | None
    detail: str


class Reconciled(NamedTuple):
    """Everything that was found, and how many rows were compared."""

    entries: int
    rows: int
    findings: list[Discrepancy]


def reconcile(places: Places) -> Reconciled:
    """Compare the stores of all services with the journal.

    :raises ksad.chassis.places.MissingPartError: a database is not where it should be.
    """
    findings: list[Discrepancy] = []
    rows = 0
    with places.database("reporting") as reporting, reporting.read() as log:
        entries = log.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one()
        findings += _journal(log)
        for service in SERVICES:
            with places.database(service) as database, database.read() as store:
                findings += _missing(service, log, store)
                for page in _pages(store, events_table, events_table.c.notification_id):
                    rows += len(page)
                    findings += _foreign(service, log, page)
    return Reconciled(entries, rows, findings)


def lacking(places: Places) -> list[str]:
    """The services whose stores lack their newest event in the journal, or have another one in its place.

    Only that event is looked at. Reporting's own store is in the journal's database: they are lost together.

    :raises ksad.chassis.places.MissingPartError: a database is not where it should be.
    """
    found = []
    with places.database("reporting") as reporting, reporting.read() as log:
        if not sa.inspect(log).has_table(journal.name):
            return []
        for service in SERVICES:
            newest = sa.select(journal).where(journal.c.service == service).order_by(journal.c.notification.desc())
            row = log.execute(newest.limit(1)).one_or_none()
            if service != "reporting" and row is not None and not _has(places, service, row):
                found.append(service)
    return found


def _has(places: Places, service: str, entry: Any) -> bool:  # noqa: ANN401 - a row of the journal
    """Whether a store has an entry of the journal in its place."""
    place = sa.select(events_table.c.state).where(
        events_table.c.originator_id == stream_id(entry.stream), events_table.c.originator_version == entry.version
    )
    with places.database(service, make=True) as database, database.read() as store:
        if not sa.inspect(store).has_table(events_table.name):
            return False
        state = store.execute(place).scalar()
    return state is not None and bytes(state) == bytes(entry.raw)


def _pages(connection: sa.Connection, table: sa.Table, key: sa.Column[Any], *where: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - SQLAlchemy's clauses
    last: tuple[Any, ...] = ()
    while True:
        query = sa.select(table).where(*(key > one for one in last), *where).order_by(key).limit(PAGE)
        page = connection.execute(query).all()
        if not page:
            return
        yield page
        last = (page[-1]._mapping[key],)  # noqa: SLF001 - SQLAlchemy's public row mapping


def _journal(log: sa.Connection) -> Iterator[Discrepancy]:
    """The journal against itself: dense, hashes of its own bytes, and the frontier over them."""
    tree = Frontier.empty()
    for page in _pages(log, journal, journal.c.entry):
        for row in page:
            if row.entry != tree.size:
                yield Discrepancy("journal", "missing", tree.size, f"entry {tree.size} is not there")
                return
            digest = leaf_hash(bytes(row.raw))
            if digest != bytes(row.leaf_hash):
                yield Discrepancy("journal", "altered", row.entry, "the leaf hash is not that of the bytes")
            elif UUID(orjson.loads(bytes(row.raw))["id"]) != row.event_id:
                yield Discrepancy("journal", "altered", row.entry, "the id in the bytes is not the row's")
            tree = tree.extended([digest])
    if load_frontier(log, NATIONAL).head() != tree.head():
        yield Discrepancy("journal", "altered", None, f"the frontier is not that of the {tree.size} entries")


def _missing(service: str, log: sa.Connection, store: sa.Connection) -> Iterator[Discrepancy]:
    for page in _pages(log, journal, journal.c.entry, journal.c.service == service):
        wanted = {(stream_id(row.stream), row.version): row for row in page}
        found = {
            (row.originator_id, row.originator_version): row
            for row in store.execute(
                sa.select(events_table).where(
                    events_table.c.originator_id.in_({originator for originator, _ in wanted}),
                    events_table.c.originator_version.between(
                        min(version for _, version in wanted), max(version for _, version in wanted)
                    ),
                )
            )
        }
        for key, entry in wanted.items():
            row = found.get(key)
            if row is None:
                yield Discrepancy(service, "missing", entry.entry, f"{entry.stream} version {entry.version}")
            elif bytes(row.state) != bytes(entry.raw):
                yield Discrepancy(
                    service, "altered", entry.entry, f"{entry.stream} version {entry.version} has other bytes"
                )


def _foreign(service: str, log: sa.Connection, page: Sequence[Any]) -> Iterator[Discrepancy]:
    ids: dict[UUID, Any] = {}
    for row in page:
        identity = _identity(row)
        if identity is None:
            detail = f"row {row.notification_id} is not the event of its stream and version"
            yield Discrepancy(service, "altered", None, detail)
        else:
            ids[identity] = row
    known = set(log.execute(sa.select(journal.c.event_id).where(journal.c.event_id.in_(list(ids)))).scalars())
    claimed = {
        row.notification: row
        for row in log.execute(
            sa.select(journal.c.notification, journal.c.entry, journal.c.event_id).where(
                journal.c.service == service,
                journal.c.notification.in_([row.notification_id for row in page]),
            )
        )
    }
    for identity, row in ids.items():
        owner = claimed.get(row.notification_id)
        if owner is not None and owner.event_id != identity:
            detail = f"id {row.notification_id} belongs to another event, which the journal has at {owner.entry}"
            yield Discrepancy(service, "re-issued", owner.entry, detail)
        elif identity not in known:
            yield Discrepancy(service, "foreign", None, f"row {row.notification_id}: {row.topic} is not in the journal")


def _identity(row: Any) -> UUID | None:  # noqa: ANN401 - a row of a store
    """The id of the event that a row holds, or None if it holds another than its stream and version say."""
    try:
        event = orjson.loads(bytes(row.state))
        if (stream_id(event["subject"]), event["streamversion"]) != (row.originator_id, row.originator_version):
            return None
    except (ValueError, KeyError, TypeError):
        return None
    return event_id(event["subject"], event["streamversion"])
