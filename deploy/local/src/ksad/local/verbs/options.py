"""Options that commands share, and access to the platform of a data folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.client import Client
from ksad.local.machine.folder import Folder

DataDir = Annotated[Path, typer.Option("--data-dir", envvar="KSAD_DATA_DIR", help="The platform's data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of tables.")]


def folder_of(data_dir: Path) -> Folder:
    """The data folder at a path."""
    return Folder(data_dir.resolve())


def client_of(data_dir: Path, *, patient: bool = True) -> Client:
    """A client of the platform that runs on a folder.

    :param patient: wait a few seconds for a service that restarts.
    :raises NoPlatformError: no platform runs on it.
    """
    endpoints = folder_of(data_dir).running()
    return Client(endpoints) if patient else Client(endpoints, attempts=1)


def a_day(text: str) -> date:
    """Parses a date, YYYY-MM-DD.

    :raises typer.BadParameter: the text is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date: write YYYY-MM-DD") from error
