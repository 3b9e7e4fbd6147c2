"""Rebuilds reporting from an archive alone: journal, own store, feeds, projections, keys; and all documents."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.chassis.places import SERVICES
from ksad.chassis.relay.lines import refill, whole
from ksad.chassis.store import EventStore
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.identifiers import stream_id
from ksad.contracts.positions import Position
from ksad.contracts.reporting import LogContinued
from ksad.ledger.archive.archive import ArchiveError, document_files, read_events, read_manifest, read_positions
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.errors import TileError
from ksad.ledger.log.folder import Tiles
from ksad.ledger.log.reader import rebuild
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import NATIONAL, Arrival, Journal, journal, load_frontier, save_frontier
from ksad.reporting.keeping.lines import lines
from ksad.reporting.projections.runner import REBUILD_BATCH, Runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ksad.chassis.database import Database
    from ksad.chassis.places import Places
    from ksad.ledger.archive.archive import Manifest

BATCH = 5_000
DOCUMENT = re.compile(r"[0-9a-f]{64}")
CONTINUED = "anchor/log"
REASON = "dipulihkan dari arsip tanpa kunci lama"


class RestoreError(Exception):
    """Nothing was restored; the message says why."""


class Restored(NamedTuple):
    """How many entries the journal has and own events the store, how many documents came back, and the log's origin."""

    entries: int
    events: int
    documents: int
    origin: str


def restore(data: Traversable, target: Places, keys: Path | None) -> Restored:
    """Fill reporting's database, which has its tables and no entry yet, and the folders of keys, log and documents.

    The other services bring their stores back from the journal (:mod:`ksad.reporting.keeping.lines`).

    :param data: the ``data`` folder of an opened archive.
    :param keys: the old folder of keys; without it the log goes on under a new origin, which names the old head.
    :raises RestoreError: there is a journal already, or the archive's leaves are not those of its head.
    :raises ksad.chassis.places.MissingPartError: a part of the platform is not where it should be.
    """
    manifest = read_manifest(data)
    head = claimed((data / "log" / "checkpoint").read_bytes())
    try:
        rebuild(head.head, Tiles(data / "log").read, map(leaf_hash, read_events(data / "events")))
    except TileError as error:
        raise RestoreError(f"the leaves are not those of the archive's head: {error}") from error
    folders = {service: target.documents(service) for service in SERVICES}
    with target.database("reporting") as database:
        log = Journal(database)
        if log.head().size:
            raise RestoreError(
                "there is a journal in reporting's database already: name a new folder, or an empty database"
            )
        documents = _documents(data, folders)
        if keys is not None:
            shutil.copytree(keys, target.keys, dirs_exist_ok=True)
        entries = _journal(log, data)
        events = _store(database)
        if keys is None:
            _go_on(log, manifest, head.root.hex(), target.keys)
            events += 1
        feeds = Feeds(database, log)
        while feeds.step(BATCH):
            pass
        Runner(database, log).catch_up(REBUILD_BATCH)
        ring = Keyring(target.keys, manifest.platform)
        checkpoints = Checkpoints(log, ring, target.log)
        checkpoints.publish()
        checkpoints.close()
        if checkpoints.refused:
            raise RestoreError(checkpoints.refused)
    return Restored(entries, events, documents, ring.origin(NATIONAL))


def _documents(data: Traversable, folders: Mapping[str, Path]) -> int:
    count = 0
    for service, path, sha256 in document_files(data):
        if service in folders and DOCUMENT.fullmatch(sha256):
            copy = folders[service] / sha256[:2] / sha256[2:]
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            count += 1
    return count


def _store(database: Database) -> int:
    """Reporting's own store, from the journal: in its old order and under its old ids."""
    with database.read() as connection, whole(lines(connection, "reporting")) as own:
        return refill(EventStore(database), "reporting", own, under_old_ids=True)


def _journal(log: Journal, data: Traversable) -> int:
    """The entries in their order, with their old positions, and the frontier over them."""
    leaves = zip(read_events(data / "events"), read_positions(data / "positions"), strict=True)
    count = 0
    for page in _paged(leaves):
        rows = [_entry(count + number, raw, position) for number, (raw, position) in enumerate(page)]
        with log.database.write() as connection:
            tree = load_frontier(connection, NATIONAL)
            connection.execute(sa.insert(journal), rows)
            save_frontier(connection, NATIONAL, tree.extended(row["leaf_hash"] for row in rows))
        count += len(page)
    return count


def _paged(items: Iterable[Any]) -> Iterator[list[Any]]:
    page: list[Any] = []
    for item in items:
        page.append(item)
        if len(page) == BATCH:
            yield page
            page = []
    if page:
        yield page


def _entry(number: int, raw: bytes, position: Position) -> dict[str, Any]:
    event = orjson.loads(raw)
    service, notification = position
    if event["source"].rpartition(":")[2] != service:
        raise ArchiveError(f"positions: leaf {number} is not of {service}")
    return {
        "entry": number,
        "event_id": UUID(event["id"]),
        "stream": event["subject"],
        "version": event["streamversion"],
        "raw": raw,
        "leaf_hash": leaf_hash(raw),
        "service": service,
        "notification": notification,
    }


def _go_on(log: Journal, manifest: Manifest, root: str, keys: Path) -> None:
    """Without the old keys: new keys under a new origin, whose first leaf of its own names the old head."""
    number = manifest.origin.rpartition("/")[2]
    Keyring(keys, manifest.platform).continue_under(int(number) + 1 if number.isdecimal() else 2)
    store = EventStore(log.database)
    fact = LogContinued(old_origin=manifest.origin, old_size=manifest.size, old_root=root, reason=REASON)
    with log.database.write() as connection:
        version = store.version(CONTINUED, connection) + 1
        envelope = seal(
            fact, CONTINUED, version, _origin(manifest, _newest(log.entries(connection, manifest.size - 1, 1)))
        )
        position = store.append(connection, [envelope])
        log.admit(connection, [Arrival(envelope.to_bytes(), "reporting", position)])


def _newest(entries: Sequence[Any]) -> datetime:
    return datetime.fromisoformat(orjson.loads(entries[0].raw)["time"])


def _origin(manifest: Manifest, newest: datetime) -> Origin:
    moment = max(datetime.now(UTC), newest)
    subject_id = stream_id(CONTINUED)
    return Origin(
        source=f"urn:ksad:{manifest.platform}:reporting",
        time=moment,
        occurred_on=moment.date(),
        date_precision="day",
        actor_office="platform",
        actor_id="restore",
        command_id=None,
        command_digest=None,
        correlation_id=subject_id,
        causation_id=None,
    )
