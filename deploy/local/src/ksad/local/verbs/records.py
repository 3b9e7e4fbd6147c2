"""Commands that record facts (import, pass-day), and development tokens (token)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.terminal import Exit, complain, fail, progress_bar, say, show_json
from ksad.local.history import reading as history
from ksad.local.history.importing import HeldStep, Imported, Importer, UnconfirmedStep
from ksad.local.history.nodes import HistoryError
from ksad.local.history.reading import Failure
from ksad.local.machine.offices import development_tokens, offices
from ksad.local.machine.platform import pass_days
from ksad.local.verbs.options import AsJson, DataDir, a_day, client_of, folder_of


def import_(
    file: Path,
    office: Annotated[str, typer.Option(help="The recording office, such as joint_secretariat.")],
    data_dir: DataDir,
    *,
    check: Annotated[bool, typer.Option("--check", help="Check everything without recording it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Record a history file in the register. Steps that are recorded already are skipped.

    Exit code 1 if a step is refused, or waits for the confirmation of other parties.
    """
    try:
        read = history.read(file)
    except HistoryError as error:
        fail(Exit.REFUSED, str(error))
    except OSError as error:
        fail(Exit.REFUSED, f"{file} cannot be read: {error.strerror}")
    _known(office, folder_of(data_dir).regions)
    with client_of(data_dir) as client, progress_bar("import", quiet=as_json) as progress:
        done = Importer(client, read, office, check=check).play(progress)
    if as_json:
        lists = {name: [one._asdict() for one in getattr(done, name)] for name in ("failures", "waiting", "held")}
        show_json({**done._asdict(), **lists, "checked_only": check})
    else:
        _tell(done, check=check)
    if not done.complete:
        raise typer.Exit(Exit.REFUSED)


def _tell(done: Imported, *, check: bool) -> None:
    said: list[tuple[Failure | UnconfirmedStep | HeldStep, str]] = [
        *((one, f"{one.ground}: {one.detail}") for one in done.failures),
        *((one, one.detail) for one in done.waiting),
        *((one, f"ditahan sampai langkah pada baris {one.until} berlaku") for one in done.held),
    ]
    for one, words in sorted(said, key=lambda pair: pair[0].line):
        complain(f"{one.file}:{one.line}: {one.key}: {one.do}: {words}")
    would = "would be recorded" if check else "recorded"
    say(f"{done.cooperations} cooperations, {done.steps} steps {would}, {done.known} were there already")
    if done.waiting:
        waits = "would wait" if check else "wait"
        say(f"{len({one.key for one in done.waiting})} cooperations {waits} to be confirmed (menunggu konfirmasi):")
        say(f"{len(done.held)} steps are held back; import the same file again when that is done")
    if done.failures:
        say(f"{len(done.failures)} cooperations stopped: mend the lines above and import the same file again")


def pass_day(
    through: Annotated[date, typer.Option(parser=a_day, metavar="DATE", help="The last day to pass, YYYY-MM-DD.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """Pass days up to a date, which makes tasks due or late."""
    try:
        with client_of(data_dir) as client, progress_bar("days", quiet=as_json) as progress:
            passed = pass_days(folder_of(data_dir), client, through, progress=progress)
    except ValueError as error:
        fail(Exit.REFUSED, str(error))
    if as_json:
        show_json({"passed": [day.isoformat() for day in passed]})
    else:
        say(f"{len(passed)} days passed, the last {passed[-1]}" if passed else f"{through} has passed before")


def token(
    office: Annotated[str, typer.Option(help="The office, such as governor:32, tkksd:32 or region:32.75.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a development token of the local issuer, which services accept on loopback only."""
    folder = folder_of(data_dir).made()
    _known(office, folder.regions)
    made = development_tokens(folder.issuer, folder.regions)[office]
    if as_json:
        show_json({"office": office, "token": made})
    else:
        say(made)


def _known(office: str, regions: Path) -> None:
    if office not in offices(regions):
        patterns = "minister, joint_secretariat, governor:NN, tkksd:NN, region:NN or region:NN.NN, auditor, operator"
        fail(Exit.REFUSED, f"{office} is no office of today: one of {patterns}")
