"""Writes an archive of the log, with the services running or not. Memory use does not grow with the log."""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.chassis.documents import Documents, name_of
from ksad.chassis.places import SERVICES
from ksad.contracts.positions import Position
from ksad.contracts.schemas import generate
from ksad.ledger.archive.archive import EVENTS, POSITIONS, Lines, Manifest, seal_bag, write_manifest
from ksad.ledger.archive.guide import guide
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.tiles import new_tiles
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.checkpoints.tile_folder import TileFolder
from ksad.reporting.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.chassis.places import Places

PAGE = 2_000
ENTRIES = sa.text(
    "SELECT raw, service, notification FROM journal WHERE entry >= :start AND entry < :end ORDER BY entry"
)
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.2


class ExportError(Exception):
    """There is nothing to archive yet, or no consistent set of checkpoints; the message says which."""


class Exported(NamedTuple):
    """The content of a written archive: leaves, root (hex), feed sizes, number of documents.

    ``left`` is the number of entries after its signed checkpoint, which it does not contain.
    """

    size: int
    root: str
    feeds: dict[str, int]
    documents: int
    left: int


class Heads(NamedTuple):
    """A consistent set of signed checkpoints: no feed has an entry that the national checkpoint does not cover."""

    national: bytes
    feeds: dict[str, bytes]


def export(places: Places, out: Path, *, signs: bool = True) -> Exported:
    """Archives everything up to the newest signed checkpoint.

    :param out: the file to write.
    :param signs: whether to sign first the entries that a stopped service has left unsigned. The broker is not asked
        for claims here, so this must be false if another machine has the keys.
    :raises ExportError: nothing was signed yet, the journal is empty, or the checkpoints are not consistent in 15
        seconds.
    :raises ksad.chassis.places.MissingPartError: a part of the platform is missing.
    """
    kept = {service: Documents(Path(), blobs=places.blobs(service)) for service in SERVICES}
    with places.database("reporting") as database, tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        journal = Journal(database)
        with database.read() as connection:
            platform = platform_of(connection)
        if signs:
            _sign_rest(places, journal, platform)
        heads = _heads(places, journal)
        head = claimed(heads.national)
        bag = Path(scratch) / "bag"
        (bag / "log").mkdir(parents=True)
        (bag / "log" / "checkpoint").write_bytes(heads.national)
        sizes = {}
        for province, note in heads.feeds.items():
            (bag / "feeds" / province).mkdir(parents=True)
            (bag / "feeds" / province / "checkpoint").write_bytes(note)
            sizes[province] = claimed(note).size
        _copy_tiles(places, bag / "log", head.size)
        with database.read() as connection:
            left = journal.size(connection) - head.size
            _write_entries(connection, bag, head.size)
        documents = sum(_copy_documents(service, documents, bag) for service, documents in kept.items())
        _describe(bag, Manifest(platform, head.origin, head.size, head.root.hex(), sizes))
        info = {
            "Source-Organization": f"KSAD {platform}",
            "Bagging-Date": datetime.now(UTC).date().isoformat(),
            "External-Identifier": f"{head.origin} {head.size} {head.root.hex()}",
        }
        seal_bag(bag, out, info)
        return Exported(head.size, head.root.hex(), sizes, documents, left)


def _sign_rest(places: Places, journal: Journal, platform: str) -> None:
    """Signs what stopped services had no time to sign. Running services sign themselves and hold the lock."""
    if not (places.keys / "logs").is_dir():
        return
    checkpoints = Checkpoints(journal, Keyring(places.keys, platform), places.log)
    try:
        if any(_published(checkpoints, log) < size for log, size in checkpoints.sizes().items()):
            checkpoints.publish()
    finally:
        checkpoints.close()


def _published(checkpoints: Checkpoints, log: str) -> int:
    file = checkpoints.checkpoint_file(log)
    return claimed(file.read_bytes()).size if file.exists() else 0


def _heads(places: Places, journal: Journal) -> Heads:
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        feeds = {path.parent.name: path.read_bytes() for path in sorted(places.log.glob("feed/*/checkpoint"))}
        national = places.log / "checkpoint"
        if not national.exists():
            raise ExportError(f"{places.log}: no signed head here yet; start the services once")
        note = national.read_bytes()
        size = claimed(note).size
        with journal.database.read() as connection:
            covered = all(_newest(connection, province, one) < size for province, one in feeds.items())
            whole = covered and journal.size(connection) == size and _fed(connection, size, feeds)
        # A complete set is best. On a log that grows all the time it may not occur, so from half the time on a
        # consistent one will do.
        if whole or (covered and time.monotonic() > deadline - WAIT_SECONDS / 2):
            return Heads(note, feeds)
        if time.monotonic() > deadline:
            raise ExportError("the signed heads of feeds and log do not come together; see the health of reporting")
        time.sleep(POLL_SECONDS)


def _fed(connection: sa.Connection, size: int, notes: Mapping[str, bytes]) -> bool:
    """Whether the feeds' checkpoints cover all entries that the first ``size`` journal entries gave to the feeds."""
    position = connection.execute(sa.text("SELECT position FROM feed_state WHERE name = 'feeds'")).scalar()
    sizes = connection.execute(sa.text("SELECT province, MAX(position) + 1 FROM feed_entries GROUP BY province"))
    signed = {province: claimed(note).size for province, note in notes.items()}
    return position == size and all(signed.get(province) == count for province, count in sizes)


def _newest(connection: sa.Connection, province: str, note: bytes) -> int:
    """The journal index of the last entry under a feed's checkpoint."""
    query = sa.text("SELECT entry FROM feed_entries WHERE province = :province AND position = :position")
    asked = {"province": province, "position": claimed(note).size - 1}
    return int(connection.execute(query, asked).scalar() or 0)


def _write_entries(connection: sa.Connection, bag: Path, size: int) -> None:
    if connection.dialect.name == "sqlite":
        # Every page is read once; the cache would only fill with the log. 2,048 KiB.
        connection.exec_driver_sql("PRAGMA cache_size=-2048")
    with Lines(bag / "events", EVENTS) as events, Lines(bag / "positions", POSITIONS) as positions:
        for start in range(0, size, PAGE):
            rows = connection.execute(ENTRIES, {"start": start, "end": min(start + PAGE, size)}).all()
            events.write([bytes(raw) for raw, _, _ in rows])
            positions.write([str(Position(service, number)).encode() for _, service, number in rows])


def _copy_tiles(places: Places, target: Path, size: int) -> None:
    """Copies the published tiles. Tiles computed now could not show which leaf was altered since signing."""
    published, copy = TileFolder(places.log), TileFolder(target)
    for tile in new_tiles(0, size):
        copy.write(tile, published.read(tile))


def _copy_documents(service: str, kept: Documents, bag: Path) -> int:
    """Copies all documents as they are; one that was altered is found when the archive is verified."""
    count = 0
    for sha256 in kept.every():
        copy = bag / "documents" / service / name_of(sha256)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(kept.as_kept(sha256))
        count += 1
    return count


def _describe(bag: Path, manifest: Manifest) -> None:
    write_manifest(bag, manifest)
    for name, text in generate().items():
        path = bag / "schemas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (bag / "VERIFY.md").write_text(guide(manifest))


def platform_of(connection: sa.Connection) -> str:
    """The platform's name, from the source of the journal's first entry.

    :raises ExportError: the journal is empty.
    """
    raw = connection.execute(sa.text("SELECT raw FROM journal WHERE entry = 0")).scalar()
    if raw is None:
        raise ExportError("the journal is empty: there is nothing to archive yet")
    platform: str = orjson.loads(bytes(raw))["source"].split(":")[2]
    return platform
