"""Verbs that record facts: import, pass-day; and the tokens with which offices record theirs: token."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.terminal import Exit, complain, fail, progress_bar, say, show_json
from ksad.local.history import reading as history
from ksad.local.history.importing import Imported, Importer
from ksad.local.machine.offices import development_tokens, offices
from ksad.local.machine.platform import pass_days
from ksad.local.verbs.options import AsJson, DataDir, a_day, client_of, folder_of


def import_(
    file: Path,
    office: Annotated[str, typer.Option(help="The office that records it, such as joint_secretariat.")],
    data_dir: DataDir,
    *,
    check: Annotated[bool, typer.Option("--check", help="Do everything but write.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play a history file into the register; what it has already is left alone."""
    try:
        read = history.read(file)
    except history.HistoryError as error:
        fail(Exit.REFUSED, str(error))
    except OSError as error:
        fail(Exit.REFUSED, f"{file} cannot be read: {error.strerror}")
    _known(office)
    with client_of(data_dir) as client, progress_bar("import", quiet=as_json) as progress:
        done = Importer(client, read, office, check=check).play(progress)
    if as_json:
        failures = [failure._asdict() for failure in done.failures]
        show_json({**done._asdict(), "failures": failures, "checked_only": check})
    else:
        _tell(done, check=check)
    if done.failures:
        raise typer.Exit(Exit.REFUSED)


def _tell(done: Imported, *, check: bool) -> None:
    for failure in done.failures:
        clause = f" ({failure.clause})" if failure.clause else ""
        where = f"{failure.file}:{failure.line}: {failure.key}: {failure.do}"
        complain(f"{where}: {failure.rule}{clause}: {failure.detail}")
    would = "would be recorded" if check else "recorded"
    say(f"{done.cooperations} cooperations, {done.steps} steps {would}, {done.known} were there already")
    if done.failures:
        say(f"{len(done.failures)} cooperations stopped: mend the lines above and import the same file again")


def pass_day(
    through: Annotated[date, typer.Option(parser=a_day, metavar="DATE", help="The last day to pass, YYYY-MM-DD.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """Let days pass: what is due becomes due, what is late becomes late."""
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
    office: Annotated[str, typer.Option(help="Such as governor:32, tkksd:32, region:32.75.")],
    data_dir: DataDir,
    *,
    as_json: AsJson = False,
) -> None:
    """A development token of the local issuer, which services accept on loopback only."""
    _known(office)
    made = development_tokens(folder_of(data_dir).made().issuer)[office]
    if as_json:
        show_json({"office": office, "token": made})
    else:
        say(made)


def _known(office: str) -> None:
    if office not in offices():
        patterns = "minister, joint_secretariat, governor:NN, tkksd:NN, region:NN or region:NN.NN, auditor, operator"
        fail(Exit.REFUSED, f"{office} is no office of today: one of {patterns}")
