"""Commands on archives: those of ``ksad-audit``, export, and comparing the stores with the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ksad.audit.__main__ import app as auditor
from ksad.chassis.terminal import Exit, say, show_json
from ksad.local.machine.calling import ask
from ksad.local.verbs.options import AsJson, folder_of

audit = typer.Typer(no_args_is_help=True, help="Export an archive of the log; verify, replay, compare and trace one.")
ExistingDir = Annotated[
    Path,
    typer.Option(
        "--data-dir", envvar="KSAD_DATA_DIR", exists=True, file_okay=False, help="The platform's data folder."
    ),
]


@audit.command("export")
def export(
    data_dir: ExistingDir,
    out: Annotated[Path, typer.Option("--out", help="The archive to write, a tar file.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write an archive of everything up to the newest signed checkpoint. The services may run or be stopped."""
    done = ask(folder_of(data_dir), "reporting", "export", "--out", str(out.resolve()))
    if as_json:
        show_json(done)
        return
    say(f"{done['size']} leaves, root {done['root']}, {len(done['feeds'])} feeds, {done['documents']} documents: {out}")
    if done["left"]:
        say(f"{done['left']} newer entries are not under a signed head yet and are left for the next archive")


@audit.command("reconcile")
def reconcile(data_dir: ExistingDir, *, as_json: AsJson = False) -> None:
    """Compare the stores of all services with the journal. Exit code 3 if they differ."""
    done = ask(folder_of(data_dir), "reporting", "reconcile")
    if as_json:
        show_json(done)
    else:
        for one in done["findings"]:
            at = "" if one["entry"] is None else f" (journal entry {one['entry']})"
            say(f"{one['service']}: {one['kind']}{at}: {one['detail']}")
        say(f"{done['entries']} entries and {done['rows']} rows compared, {len(done['findings'])} findings")
        if done["shifted"]:
            say(f"{done['shifted']} rows were put back under other ids by an earlier release; nothing lacks by it")
    if done["findings"]:
        raise typer.Exit(Exit.DIFFERENT)


audit.registered_commands += [verb for verb in auditor.registered_commands if verb.name != "follow"]
