"""Rebuilds reporting from an archive alone: journal, own store, feeds, projections, keys, and all documents.

Accepts archives that were verified (:mod:`ksad.reporting.keeping.admission`). A failure on the way leaves nothing
behind: the database is filled in one transaction, and files that were created are removed.
"""

from __future__ import annotations

import re
import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.audit.checks.continued import origin_after
from ksad.chassis import durable
from ksad.chassis.documents import name_of
from ksad.chassis.places import SERVICES
from ksad.chassis.relay.lines import refill, whole
from ksad.chassis.store import EventStore
from ksad.contracts.dates import jakarta_day
from ksad.contracts.envelope import Origin, seal
from ksad.contracts.identifiers import stream_id
from ksad.contracts.positions import Position
from ksad.contracts.reporting import LogContinued
from ksad.ledger.archive.archive import ArchiveError, document_files, read_events, read_positions
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import NATIONAL, Arrival, Journal, journal, load_frontier, save_frontier
from ksad.reporting.keeping.admission import RestoreError
from ksad.reporting.keeping.lines import lines
from ksad.reporting.projections.runner import REBUILD_BATCH, Runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ksad.chassis.blobs import Blobs
    from ksad.chassis.database import Database
    from ksad.chassis.places import Places
    from ksad.reporting.keeping.admission import Admitted, Trust

BATCH = 5_000
DOCUMENT = re.compile(r"[0-9a-f]{64}")
CONTINUED = "anchor/log"
REASON = "dipulihkan dari arsip tanpa kunci lama"


class Restored(NamedTuple):
    """Numbers of journal entries, own events and documents; the log's origin, and the platform's name.

    Whatever is started on the restored data has to bear this name.
    """

    entries: int
    events: int
    documents: int
    origin: str
    platform: str


def restore(archive: Admitted, target: Places, trust: Trust) -> Restored:
    """Fills reporting's database, which has its tables and no entry yet, and the folders of keys, log and documents.

    The other services restore their stores from the journal (:mod:`ksad.reporting.keeping.lines`). Without the old
    keys the log goes on under a new origin, whose first leaf carries the old signed head.

    :raises RestoreError: what was restored would not be signed.
    :raises ksad.chassis.places.MissingPartError: a part of the platform is not where it should be.
    """
    data, manifest = archive.data, archive.manifest
    places = {service: target.blobs(service) for service in SERVICES}
    with ExitStack() as made:
        with target.database("reporting") as database, database.whole():
            log = Journal(database)
            documents = _documents(data, places, made)
            _keys(trust.old, target.keys, made)
            made.callback(shutil.rmtree, target.log, ignore_errors=True)
            entries = _journal(log, data)
            events = _store(database)
            if trust.old is None:
                _go_on(log, archive, trust, target.keys)
                events += 1
            feeds = Feeds(database, log)
            while feeds.step(BATCH):
                pass
            Runner(database, log).catch_up(REBUILD_BATCH)
            ring = Keyring(target.keys, manifest.platform)
            checkpoints = Checkpoints(log, ring, target.log)
            try:
                checkpoints.publish()
            finally:
                checkpoints.close()
            if checkpoints.refused:
                raise RestoreError(checkpoints.refused)
        made.pop_all()
    return Restored(entries, events, documents, ring.origin(NATIONAL), manifest.platform)


def _keys(old: Path | None, target: Path, made: ExitStack) -> None:
    """Copies the old keys to their place, unless they are there already."""
    if old is not None and old.resolve() == target.resolve():
        return
    made.callback(shutil.rmtree, target / "logs", ignore_errors=True)
    made.callback((target / "public.vkeys").unlink, missing_ok=True)
    for path in sorted(old.rglob("*")) if old is not None else ():
        if path.is_file() and path.suffix != ".lock":
            copy = target / path.relative_to(old)  # type: ignore[arg-type] # it is no None here
            copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not copy.exists():
                made.callback(copy.unlink, missing_ok=True)
            durable.replace(copy, path.read_bytes(), path.stat().st_mode & 0o777)


def _documents(data: Traversable, places: Mapping[str, Blobs], made: ExitStack) -> int:
    count = 0
    for service, path, sha256 in document_files(data):
        if service in places and DOCUMENT.fullmatch(sha256):
            blobs, name = places[service], name_of(sha256)
            if blobs.size(name) is None:
                made.callback(blobs.take_back, name)
                blobs.keep(name, path.read_bytes())
            count += 1
    return count


def _store(database: Database) -> int:
    """Refills reporting's own store from the journal, in the old order and with the old notification ids."""
    with database.read() as connection, whole(lines(connection, "reporting")) as own:
        return refill(EventStore(database), "reporting", own, under_old_ids=True)


def _journal(log: Journal, data: Traversable) -> int:
    """Writes the entries with their old positions, and the frontier over them; returns their number."""
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


def _go_on(log: Journal, archive: Admitted, trust: Trust, keys: Path) -> None:
    """Continues without the old keys: new keys under a new origin, whose first own leaf carries the old signed head."""
    manifest, store = archive.manifest, EventStore(log.database)
    fact = LogContinued(
        old_origin=manifest.origin,
        old_size=manifest.size,
        old_root=manifest.root,
        old_checkpoint=archive.note.decode(),
        reason=REASON,
    )
    with log.database.write() as connection:
        version = store.version(CONTINUED, connection) + 1
        origin = _origin(archive, _newest(log.entries(connection, manifest.size - 1, 1)))
        envelope = seal(fact, CONTINUED, version, origin)
        position = store.append(connection, [envelope])
        log.admit(connection, [Arrival(envelope.to_bytes(), "reporting", position)])
    number = int(origin_after(manifest.origin).rpartition("/")[2])
    ours = {key: held for key, held in trust.keys.items() if key.name.startswith(f"ksad/{manifest.platform}/")}
    Keyring(keys, manifest.platform).continue_under(number, ours, jakarta_day(origin.time))


def _newest(entries: Sequence[Any]) -> datetime:
    return datetime.fromisoformat(orjson.loads(entries[0].raw)["time"])


def _origin(archive: Admitted, newest: datetime) -> Origin:
    moment = max(datetime.now(UTC), newest)
    subject_id = stream_id(CONTINUED)
    return Origin(
        source=f"urn:ksad:{archive.manifest.platform}:reporting",
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
