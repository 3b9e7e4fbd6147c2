"""Verbs that work on a platform's folder: make an archive, compare the stores with the journal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ksad.ledger.log.errors import TransparencyError
from ksad.reporting.keeping import export, reconcile, source

REFUSED, DIFFERENT = 1, 3
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
DataDir = Annotated[
    Path,
    typer.Option(
        "--data-dir", envvar="KSAD_DATA_DIR", exists=True, file_okay=False, help="The platform's data folder."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")]


def _fail(message: str, code: int = REFUSED) -> NoReturn:
    sys.stderr.write(f"ksad-reporting: {message}\n")
    raise typer.Exit(code)


def _show(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")


@app.command("export")
def export_(
    data_dir: DataDir,
    out: Annotated[Path, typer.Option("--out", help="The archive to write.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write an archive of everything up to the newest signed head; services may run or not."""
    try:
        done = export.export(source.Source(data_dir.resolve()), out.resolve())
    except OSError as error:
        _fail(f"--out {out}: {error.strerror}")
    except (source.SourceError, TransparencyError) as error:
        _fail(str(error))
    if as_json:
        _show(done._asdict())
        return
    _line(f"{done.size} leaves, root {done.root}, {len(done.feeds)} feeds, {done.documents} documents: {out}")
    if done.left:
        _line(f"{done.left} newer entries are not under a signed head yet and are left for the next archive")


@app.command("reconcile")
def reconcile_(data_dir: DataDir, *, as_json: AsJson = False) -> None:
    """Compare the three stores with the journal, both ways."""
    try:
        done = reconcile.reconcile(source.Source(data_dir.resolve()))
    except source.SourceError as error:
        _fail(str(error))
    if as_json:
        _show({**done._asdict(), "findings": [one._asdict() for one in done.findings]})
    else:
        for one in done.findings:
            at = "" if one.entry is None else f" (journal entry {one.entry})"
            _line(f"{one.service}: {one.kind}{at}: {one.detail}")
        _line(f"{done.entries} entries and {done.rows} rows compared, {len(done.findings)} findings")
    if done.findings:
        raise typer.Exit(DIFFERENT)
