"""Verbs that look after a platform: status, rebuild, park, backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.terminal import Exit, fail, progress_bar, say, show_json, show_table
from ksad.local.machine import backups, operations
from ksad.local.machine.keeping import restore_platform
from ksad.local.verbs.options import AsJson, DataDir, client_of, folder_of

park = typer.Typer(no_args_is_help=True, help="Events that could not be applied: list them, try them again.")


def status(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Head of the log, positions, lag, what is held, parked or late; non-zero when something needs care."""
    with client_of(data_dir, patient=False) as client:
        report = operations.status(client, folder_of(data_dir))
    if as_json:
        show_json(report)
    else:
        operations.show_status(report)
    if report["attention"]:
        raise typer.Exit(Exit.REFUSED)


def rebuild(
    data_dir: DataDir,
    projection: Annotated[str | None, typer.Argument(help="One projection; all where none is named.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare only; the live tables stay live.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Make the rows before the last rebuild live again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fold the journal anew beside the live tables, compare row for row, and switch."""
    if back:
        _switch_back(data_dir, projection, as_json=as_json)
        return
    report = operations.rebuild(folder_of(data_dir), projection, switch=not check, quiet=as_json)
    if as_json:
        show_json(report)
    else:
        identical = "yes" if report["identical"] else "NO: " + str(report["differing"])
        say(f"{report['events']:,} events, {report['events_per_second']:,} events/s, identical: {identical}")
    if not report["identical"]:
        raise typer.Exit(Exit.DIFFERENT)


def _switch_back(data_dir: DataDir, projection: str | None, *, as_json: bool) -> None:
    if projection is None:
        fail(Exit.USAGE, "--back needs a projection: ksad rebuild PROJECTION --back")
    report = operations.switch_back(folder_of(data_dir), projection)
    if as_json:
        show_json(report)
    else:
        say(f"{projection}: generation {report['generation']} is live again, at {report['position']:,} entries")


@park.command("list")
def park_list(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """What is parked, where, and why."""
    with client_of(data_dir) as client:
        rows = operations.parked(client)
    if as_json:
        show_json(rows)
        return
    columns = ("where", "stream", "event", "reason", "code version")
    names = ("where", "stream", "event_id", "reason", "code_version")
    show_table("Parked", columns, [[row.get(name, "") for name in names] for row in rows])


@park.command("retry")
def park_retry(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Apply what is parked again, in order; after the code that could not has been mended."""
    with client_of(data_dir) as client:
        drained = operations.retry_parked(client)
        left = len(operations.parked(client))
    if as_json:
        show_json({"services": drained, "left": left})
    else:
        rows = [[name, *numbers.values()] for name, numbers in drained.items()]
        show_table("Tried again", ("where", "drained", "left"), rows)
    if left:
        raise typer.Exit(Exit.REFUSED)


@park.command("dismiss")
def park_dismiss(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Count the quarantined messages no more, after somebody has looked at them; what is parked stays."""
    with client_of(data_dir) as client:
        dismissed = operations.dismiss_quarantined(client)
    if as_json:
        show_json({"dismissed": dismissed})
    else:
        show_table("Dismissed", ("where", "messages"), list(dismissed.items()))


def restore(
    archive: Annotated[Path, typer.Option("--from", exists=True, dir_okay=False, help="An archive of `ksad audit`.")],
    data_dir: Annotated[Path, typer.Option("--data-dir", help="The new folder.")],
    *,
    keys: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="The old keys; else a new origin names the old head."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild stores, journal, documents, feeds and projections from an archive alone, into a new folder."""
    done = restore_platform(archive, folder_of(data_dir), keys)
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.entries:,} entries, {done.documents:,} documents; the log goes on as {done.origin}")


def backup(out: Path, data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Copy everything at one instant into a new folder, on which `ksad up` can start; the platform may run."""
    try:
        with progress_bar("backup", quiet=as_json) as progress:
            copied = backups.backup(folder_of(data_dir).made(), out.resolve(), progress)
    except (OSError, ValueError) as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json(copied)
    else:
        show_table("Copied", ("what", "bytes"), list(copied.items()))
