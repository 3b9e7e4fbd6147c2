"""Verbs that keep the log safe: export, restore, reconcile, rebuild, and the journal as lines."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ksad.chassis.terminal import Exit, progress_bar, say, show_json
from ksad.chassis.verbs import AsJson, ServiceProgram, VerbError
from ksad.ledger.archive.archive import ArchiveError
from ksad.ledger.archive.inside import opened
from ksad.ledger.folds.folding import PoisonError
from ksad.ledger.log.errors import TransparencyError
from ksad.reporting.keeping import export, lines, rebuilding, reconcile, restore
from ksad.reporting.settings import KeepingSettings, StoresSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

CANCELLED = "cancelled; the same command goes on from here, the live tables are untouched"


def keep_log(app: typer.Typer, service: ServiceProgram) -> None:
    """Add the verbs to reporting's program."""
    _archives(app, service)
    _stores(app, service)
    _projections(app, service)


@contextmanager
def _refusals(*errors: type[Exception]) -> Iterator[None]:
    """These errors end a verb with what they say."""
    try:
        yield
    except errors as error:
        raise VerbError(str(error)) from error


def _archives(app: typer.Typer, service: ServiceProgram) -> None:
    @app.command("export")
    def export_(
        out: Annotated[Path, typer.Option("--out", help="The archive to write.")], *, as_json: AsJson = False
    ) -> None:
        """Write an archive of everything up to the newest signed head; the services may run or not."""
        places = KeepingSettings.from_environment().places()
        with service.database():
            pass
        try:
            with _refusals(export.ExportError, TransparencyError):
                done = export.export(places, out.resolve())
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
        archive: Annotated[Path, typer.Option("--from", exists=True, dir_okay=False, help="An archive.")],
        *,
        keys: Annotated[
            Path | None,
            typer.Option(exists=True, file_okay=False, help="The old keys; else a new origin names the old head."),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        """Fill an empty database and folders from an archive: reporting's own part, and the documents of all."""
        places = KeepingSettings.from_environment().places()
        with _refusals(ArchiveError, restore.RestoreError), opened(archive) as bag:
            with service.database(migrate=True):
                pass
            done = restore.restore(bag / "data", places, keys)
        if as_json:
            show_json(done._asdict())
        else:
            say(f"{done.entries:,} entries, {done.documents:,} documents; the log goes on as {done.origin}")


def _stores(app: typer.Typer, service: ServiceProgram) -> None:
    @app.command("reconcile")
    def reconcile_(
        *,
        newest: Annotated[
            bool, typer.Option("--newest", help="Only ask which stores lack their newest event in the journal.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Compare the three stores with the journal, both ways."""
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
        if done.findings:
            raise typer.Exit(Exit.DIFFERENT)

    @app.command("journal")
    def journal_(
        *, of: Annotated[str | None, typer.Option("--of", help="One service's entries; those of all else.")] = None
    ) -> None:
        """Write the journal to stdout, an entry a line, for another service's ``refill`` or ``restore``."""
        with service.database() as database, database.read() as connection:
            try:
                for line in lines.lines(connection, of):
                    sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
            except BrokenPipeError:  # Who reads has seen enough, and says why itself.
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
        projection: Annotated[str | None, typer.Argument(help="One projection; all where none is named.")] = None,
        *,
        check: Annotated[bool, typer.Option("--check", help="Compare only; the live tables stay live.")] = False,
        back: Annotated[bool, typer.Option("--back", help="Make the rows before the last rebuild live again.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Fold the journal anew beside the live tables, compare row for row, and switch."""
        if back:
            _back(service, projection, as_json=as_json)
            return
        try:
            with _refusals(LookupError, PoisonError), service.database() as database, progress_bar("rebuild") as told:
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
    with _refusals(LookupError), service.database() as database:
        done = rebuilding.switch_back(database, projection)
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.projection}: generation {done.generation} is live again, at {done.position:,} entries")
