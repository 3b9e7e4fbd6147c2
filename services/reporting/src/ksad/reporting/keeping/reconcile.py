"""Compares the stores of all services with the journal in both directions, row by row."""

from __future__ import annotations

from collections import Counter
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
    """A difference between a store and the journal. ``entry`` is its journal index, if it has one.

    ``kind`` is ``missing`` (in the journal, not in the store), ``foreign`` (in the store, not in the journal; the
    newest rows may still be on their way), ``altered`` (other bytes), or ``re-issued`` (foreign, and its position
    belongs to another event in the journal).
    """

    service: str
    kind: str
    entry: int | None
    detail: str


class Reconciled(NamedTuple):
    """The findings, and the numbers of journal entries and store rows compared.

    ``shifted`` rows hold their very events under another position than the journal has: releases before 0.2.0 closed
    gaps when they put a store back. Nothing is missing or changed by it.
    """

    entries: int
    rows: int
    shifted: int
    findings: list[Discrepancy]


def reconcile(places: Places) -> Reconciled:
    """Compares the stores of all services with the journal.

    :raises ksad.chassis.places.MissingPartError: a database is missing.
    """
    findings: list[Discrepancy] = []
    counts: Counter[str] = Counter()
    with places.database("reporting") as reporting, reporting.read() as log:
        entries = log.execute(sa.select(sa.func.count()).select_from(journal)).scalar_one()
        findings += _journal(log)
        for service in SERVICES:
            with places.database(service) as database, database.read() as store:
                findings += _missing(service, log, store)
                for page in _pages(store, events_table, events_table.c.notification_id):
                    counts["rows"] += len(page)
                    findings += _foreign(service, log, page, counts)
    return Reconciled(entries, counts["rows"], counts["shifted"], findings)


def lacking(places: Places) -> list[str]:
    """The services whose stores lack their newest event in the journal, or have another event in its place.

    Only that event is compared. Reporting is left out: its store and the journal are in one database and are lost
    together.

    :raises ksad.chassis.places.MissingPartError: a database is missing.
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
    """Whether a store has an entry of the journal under the same stream and version, with the same bytes."""
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
    """Checks the journal itself: indexes without gaps, leaf hashes and ids of its own bytes, and the frontier."""
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


def _foreign(service: str, log: sa.Connection, page: Sequence[Any], counts: Counter[str]) -> Iterator[Discrepancy]:
    ids: dict[UUID, Any] = {}
    for row in page:
        identity = _identity(row)
        if identity is None:
            detail = f"row {row.notification_id} is not the event of its stream and version"
            yield Discrepancy(service, "altered", None, detail)
        else:
            ids[identity] = row
    of_ids = sa.select(journal.c.event_id, journal.c.leaf_hash).where(journal.c.event_id.in_(list(ids)))
    known = {one.event_id: bytes(one.leaf_hash) for one in log.execute(of_ids)}
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
        reissued = owner is not None and owner.event_id != identity
        if reissued and known.get(identity) == leaf_hash(bytes(row.state)):
            counts["shifted"] += 1
        elif owner is not None and reissued:
            detail = f"id {row.notification_id} belongs to another event, which the journal has at {owner.entry}"
            yield Discrepancy(service, "re-issued", owner.entry, detail)
        elif identity not in known:
            yield Discrepancy(service, "foreign", None, f"row {row.notification_id}: {row.topic} is not in the journal")


def _identity(row: Any) -> UUID | None:  # noqa: ANN401 - a row of a store
    """The id of the event in a row; ``None`` if the event is not that of the row's stream and version."""
    try:
        event = orjson.loads(bytes(row.state))
        if (stream_id(event["subject"]), event["streamversion"]) != (row.originator_id, row.originator_version):
            return None
    except (ValueError, KeyError, TypeError):
        return None
    return event_id(event["subject"], event["streamversion"])
