"""Restores a platform from an archive alone: reporting's part, and the tables that supervision decides with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ksad.chassis.database import Database
from ksad.chassis.store import EventStore
from ksad.contracts.envelope import Envelope
from ksad.ledger.archive.archive import ArchiveError
from ksad.ledger.archive.inside import opened
from ksad.local.machine.folder import Folder
from ksad.local.output import Exit, fail, say, show_json
from ksad.reporting.journal import Journal
from ksad.reporting.keeping import restore as archived
from ksad.reporting.keeping.restore import RestoreError
from ksad.reporting.keeping.source import Source
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.tables import metadata
from ksad.supervision.unit_of_work import rebuild_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from ksad.reporting.keeping.restore import Restored


def restore(
    archive: Annotated[Path, typer.Option("--from", exists=True, dir_okay=False, help="An archive of `ksad audit`.")],
    data_dir: Annotated[Path, typer.Option("--data-dir", help="The new folder.")],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="The old keys; else a new origin names the old head."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a line.")] = False,
) -> None:
    """Rebuild stores, journal, documents, feeds and projections from an archive alone, into a new folder."""
    try:
        done = restore_platform(archive, Folder(data_dir.resolve()), keys)
    except (ArchiveError, RestoreError, OSError) as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.entries:,} entries, {done.documents:,} documents; the log goes on as {done.origin}")


def restore_platform(file: Path, folder: Folder, keys: Path | None) -> Restored:
    """Fill an empty data folder from an archive; start the platform on it afterwards.

    :raises RestoreError: the folder is not empty, or the archive is not whole.
    :raises ArchiveError: the file is no archive.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise RestoreError(f"{folder.root} is not empty: name a new folder")
    try:
        folder.make()
        with opened(file) as bag:
            done = archived.restore(bag / "data", Source(folder.root), keys)
        _supervision(folder)
    except BaseException:
        # Half a platform must not be started, nor be in the way of the next attempt.
        shutil.rmtree(folder.root, ignore_errors=True)
        raise
    return done


def _supervision(folder: Folder) -> None:
    reporting, database = (Database(folder.database_url(name)) for name in ("reporting", "supervision"))
    try:
        database.create(metadata)
        store = EventStore(database)
        log = Journal(reporting)
        with reporting.read() as connection, database.write() as writing:
            rebuild_cases(writing, store, ReferenceCache(), _events(log, connection))
    finally:
        reporting.close()
        database.close()


def _events(log: Journal, connection: sa.Connection) -> Iterator[Envelope]:
    for entry in log.prefix(connection, log.size(connection)):
        yield Envelope.from_store(entry.raw)
