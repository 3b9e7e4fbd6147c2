"""Commands for operators: status, rebuild, park, backup, restore and its drill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.places import DRILL
from ksad.chassis.terminal import Exit, fail, progress_bar, say, show_json, show_table
from ksad.local.machine import backups, drill, operations
from ksad.local.machine.keeping import RestoreSources, restore_platform
from ksad.local.verbs.options import AsJson, DataDir, client_of, folder_of

park = typer.Typer(no_args_is_help=True, help="Events that could not be applied: list them, or try them again.")


def status(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Show the log's head, positions, lag, and what is held, parked or late. Exit code 1 if something needs care."""
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
    projection: Annotated[str | None, typer.Argument(help="The projection; default: all.")] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare only; keep the present tables.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Return to the tables before the last rebuild.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild projections from the journal beside the live tables, compare all rows, and switch.

    Exit code 3 if rows differ, 130 if interrupted; run it again to continue.
    """
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
    """List parked events and streams, quarantined messages, and reports that could not be compiled, with reasons."""
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
    """Try parked events again, in order, and have parked reports compiled again. Exit code 1 if some remain."""
    with client_of(data_dir) as client:
        drained = operations.retry_parked(client)
        left = len(operations.parked(client))
    if as_json:
        show_json({"services": drained, "left": left})
    else:
        names = ("applied", "parked", "ordered")
        rows = [[service, *(numbers.get(name, 0) for name in names)] for service, numbers in drained.items()]
        show_table("Tried again", ("where", "drained", "left", "reports put back"), rows)
    if left:
        raise typer.Exit(Exit.REFUSED)


@park.command("dismiss")
def park_dismiss(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Reset the count of quarantined messages, after they have been examined. Parked events stay."""
    with client_of(data_dir) as client:
        dismissed = operations.dismiss_quarantined(client)
    if as_json:
        show_json({"dismissed": dismissed})
    else:
        show_table("Dismissed", ("where", "messages"), list(dismissed.items()))


def restore(
    source: Annotated[
        Path, typer.Option("--from", exists=True, help="The archive to restore, or a backup, which is a folder.")
    ],
    data_dir: Annotated[Path, typer.Option("--data-dir", help="The new data folder; it must be empty.")],
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
    """Verify an archive or a backup, and restore a platform from it into a new folder."""
    if source.is_dir():
        if key or keys or since:
            fail(Exit.USAGE, "a backup holds its keys: --key, --keys and --since are for archives")
        count = backups.restore_backup(source.resolve(), data_dir.resolve())
        if as_json:
            show_json({"files": count})
        else:
            say(f"{count:,} files; `ksad up --data-dir {data_dir}` starts on them")
        return
    done = restore_platform(RestoreSources(source, key, keys, since or ()), folder_of(data_dir))
    if as_json:
        show_json(done._asdict())
    else:
        say(f"{done.entries:,} entries, {done.documents:,} documents; the log goes on as {done.origin}")


def restore_drill(
    source: Annotated[
        Path, typer.Option("--from", exists=True, help="The newest backup, which is a folder, or the newest archive.")
    ],
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", envvar="KSAD_DATA_DIR", help="The platform's folder, for the record.")
    ] = None,
    *,
    record: Annotated[
        Path | None, typer.Option(help="The file of the record; default: restore-drill.json in --data-dir.")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="Of an archive: public keys from outside it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try a restore beside the platform, examine what came back, measure, and record it. Exit code 3 if it fails.

    Nothing of the platform is touched; the disk of the record needs room for what is restored.
    """
    if record is None and data_dir is None:
        fail(Exit.USAGE, "say where the result is kept: --data-dir, or --record FILE")
    if source.is_dir() == (key is not None):
        fail(Exit.USAGE, "an archive is believed with --key, public keys from outside it; a backup needs none")
    file = record or folder_of(data_dir).made().root / DRILL  # type: ignore[arg-type] # one of the two is given
    done = drill.drill(RestoreSources(source.resolve(), key), file.resolve())
    if as_json:
        show_json(done._asdict())
    else:
        for one in done.faults:
            say(one)
        say(f"{drill.said(done)}; recorded in {file}")
    if not done.ok:
        raise typer.Exit(Exit.DIFFERENT)


def backup(
    out: Annotated[Path, typer.Argument(help="The new folder; with --verify, the backup.")],
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", envvar="KSAD_DATA_DIR", help="Where the platform keeps everything.")
    ] = None,
    *,
    verify: Annotated[bool, typer.Option("--verify", help="Compare a backup with its manifest; copy nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy everything at one instant into a new folder, on which `ksad up` can start; the platform may run."""
    if verify:
        _verify_backup(out.resolve(), as_json=as_json)
        return
    if data_dir is None:
        fail(Exit.USAGE, "name the platform's folder: --data-dir, or KSAD_DATA_DIR")
    with progress_bar("backup", quiet=as_json) as progress:
        copied = backups.backup(folder_of(data_dir).made(), out.resolve(), progress)
    if as_json:
        show_json(copied)
    else:
        show_table("Copied", ("what", "bytes"), list(copied.items()))


def _verify_backup(root: Path, *, as_json: bool) -> None:
    found = backups.faults(root)
    if as_json:
        show_json({"files": len(backups.read_manifest(root)), "faults": found})
    else:
        for one in found:
            say(one)
        say(f"{len(backups.read_manifest(root)):,} files compared, {len(found)} faults")
    if found:
        raise typer.Exit(Exit.DIFFERENT)
