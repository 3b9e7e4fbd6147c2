"""Commands that keep the log: export, restore, reconcile, rebuild, and writing the journal as lines."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ksad.chassis.bucket import BucketAwayError
from ksad.chassis.terminal import Exit, progress_bar, say, show_json
from ksad.chassis.verbs import AsJson, ServiceProgram, VerbError
from ksad.contracts.dates import jakarta_day
from ksad.ledger.archive.archive import ArchiveError
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.keys import read_public
from ksad.reporting.keeping import admission, export, lines, rebuilding, reconcile, restore
from ksad.reporting.projections.crew import WorkerLostError
from ksad.reporting.projections.generations import MovedError
from ksad.reporting.settings import KeepingSettings, StoresSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

UNFIT = (LookupError, PoisonError, MovedError, WorkerLostError)
"""Why a rebuild or a return cannot be carried out."""
CANCELLED = "cancelled; run the same command to continue; the live tables are unchanged"


def keep_log(app: typer.Typer, service: ServiceProgram) -> None:
    """Adds the commands to reporting's program."""
    _archives(app, service)
    _stores(app, service)
    _projections(app, service)


@contextmanager
def _refusals(*errors: type[Exception]) -> Iterator[None]:
    """Ends the command with the message of any of these errors."""
    try:
        yield
    except errors as error:
        raise VerbError(str(error)) from error


def _archives(app: typer.Typer, service: ServiceProgram) -> None:
    @app.command("export")
    def export_(
        out: Annotated[Path, typer.Option("--out", help="The archive to write, a tar file.")],
        *,
        as_json: AsJson = False,
    ) -> None:
        """Write an archive of everything up to the newest signed checkpoint. The services may run or be stopped."""
        settings = KeepingSettings.from_environment()
        with service.database():
            pass
        try:
            with _refusals(export.ExportError, TransparencyError, BucketAwayError):
                done = export.export(settings.places(), out.resolve(), signs=settings.signs_alone)
        except OSError as error:
            raise VerbError(f"--out {out}: {error.strerror}") from error
        if as_json:
            show_json(done._asdict())
            return
        say(f"{done.size} leaves, root {done.root}, {len(done.feeds)} feeds, {done.documents} documents: {out}")
        if done.left:
            say(f"{done.left} newer entries are not under a signed head yet and are left for the next archive")

    @app.command("restore")
    def restore_(
        archive: Annotated[Path, typer.Option("--from", exists=True, dir_okay=False, help="The archive to restore.")],
        *,
        key: Annotated[
            Path | None,
            typer.Option("--key", help="Public keys, from outside the archive; those beside the old keys else."),
        ] = None,
        keys: Annotated[
            Path | None,
            typer.Option(exists=True, file_okay=False, help="The old keys; else a new origin carries the old head."),
        ] = None,
        since: Annotated[list[Path] | None, typer.Option("--since", help="A checkpoint kept from earlier.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Verify an archive, then fill an empty database and folders: reporting's own data, and all documents."""
        settings = KeepingSettings.from_environment()
        places = settings.places()
        with _refusals(ArchiveError, admission.RestoreError, TransparencyError, BucketAwayError):
            trust = _trust(key, keys, since or [], settings.platform)
            with admission.admitted(archive, places, trust) as found:
                with service.database(migrate=True):
                    pass
                done = restore.restore(found, places, trust)
        if as_json:
            show_json(done._asdict())
        else:
            say(f"{done.entries:,} entries, {done.documents:,} documents; the log goes on as {done.origin}")


def _trust(key: Path | None, keys: Path | None, since: list[Path], platform: str | None) -> admission.Trust:
    """The trust that the options state.

    :raises NoteError: the public keys cannot be read.
    """
    if key is None and keys is None:
        raise VerbError(
            "say whose signature is believed: --key with the public keys from outside the archive, or --keys with the "
            "old folder of keys",
            Exit.USAGE,
        )
    public = read_public(key if key is not None else keys / "public.vkeys")  # type: ignore[operator] # one is given
    kept = [path.read_bytes() for path in since]
    return admission.Trust(public, jakarta_day(datetime.now(UTC)), keys, kept, platform)


def _stores(app: typer.Typer, service: ServiceProgram) -> None:
    @app.command("reconcile")
    def reconcile_(
        *,
        newest: Annotated[
            bool, typer.Option("--newest", help="Compare only each store's newest event in the journal.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Compare the stores of all services with the journal. Exit code 3 if they differ."""
        settings = StoresSettings.from_environment()
        if newest:
            _lacking(settings, as_json=as_json)
            return
        with service.database():
            pass
        done = reconcile.reconcile(settings.places())
        if as_json:
            show_json({**done._asdict(), "findings": [one._asdict() for one in done.findings]})
        else:
            for one in done.findings:
                at = "" if one.entry is None else f" (journal entry {one.entry})"
                say(f"{one.service}: {one.kind}{at}: {one.detail}")
            say(f"{done.entries} entries and {done.rows} rows compared, {len(done.findings)} findings")
            if done.shifted:
                say(f"{done.shifted} rows were put back under other ids by an earlier release; nothing lacks by it")
        if done.findings:
            raise typer.Exit(Exit.DIFFERENT)

    @app.command("journal")
    def journal_(
        *, of: Annotated[str | None, typer.Option("--of", help="Entries of one service; default: all.")] = None
    ) -> None:
        """Write the journal to stdout, one entry per line, as input for another service's ``refill`` or ``restore``."""
        with service.database() as database, database.read() as connection:
            try:
                for line in lines.lines(connection, of):
                    sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            except BrokenPipeError:  # The reading program has ended and reports its own error.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(Exit.REFUSED) from None


def _lacking(settings: StoresSettings, *, as_json: bool) -> None:
    found = reconcile.lacking(settings.places())
    if as_json:
        show_json({"lacking": found})
    else:
        say(f"behind the journal: {', '.join(found) or 'none'}")
    if found:
        raise typer.Exit(Exit.DIFFERENT)


def _projections(app: typer.Typer, service: ServiceProgram) -> None:
    @app.command("rebuild")
    def rebuild_(
        projection: Annotated[str | None, typer.Argument(help="The projection; default: all.")] = None,
        *,
        check: Annotated[bool, typer.Option("--check", help="Compare only; keep the present tables.")] = False,
        back: Annotated[bool, typer.Option("--back", help="Return to the tables before the last rebuild.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Rebuild projections from the journal beside the live tables, compare all rows, and switch.

        The service may run. Exit code 3 if rows differ, 130 if interrupted; run it again to continue.
        """
        if back:
            _back(service, projection, as_json=as_json)
            return
        try:
            with _refusals(*UNFIT), service.database() as database, progress_bar("rebuild") as told:
                done = rebuilding.rebuild(database, projection, switch=not check, progress=told)
        except KeyboardInterrupt:
            raise VerbError(CANCELLED, Exit.INTERRUPTED) from None
        if as_json:
            show_json(done._asdict())
        else:
            identical = "yes" if done.identical else f"NO: {done.differing}"
            say(f"{done.events:,} events, {done.events_per_second:,} events/s, identical: {identical}")
        if not done.identical:
            raise typer.Exit(Exit.DIFFERENT)


def _back(service: ServiceProgram, projection: str | None, *, as_json: bool) -> None:
    if projection is None:
        raise VerbError("--back needs a projection: rebuild PROJECTION --back", Exit.USAGE)
    with _refusals(*UNFIT), service.database() as database:
        done = rebuilding.switch_back(database, projection)
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.projection}: generation {done.generation} is live again, at {done.position:,} entries")
