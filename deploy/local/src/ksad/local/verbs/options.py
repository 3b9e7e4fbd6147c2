"""What the verbs take in common, and how they reach the platform of a data folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ksad.chassis.client import Client
from ksad.local.machine.folder import Folder

DataDir = Annotated[
    Path, typer.Option("--data-dir", envvar="KSAD_DATA_DIR", help="Where the platform keeps everything.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")]


def folder_of(data_dir: Path) -> Folder:
    """The data folder."""
    return Folder(data_dir.resolve())


def client_of(data_dir: Path, *, patient: bool = True) -> Client:
    """A client of the platform that runs on the folder.

    :param patient: wait a few seconds for a service that restarts.
    :raises NoPlatformError: none runs.
    """
    endpoints = folder_of(data_dir).running()
    return Client(endpoints) if patient else Client(endpoints, attempts=1)


def a_day(text: str) -> date:
    """A calendar day.

    :raises typer.BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date: write YYYY-MM-DD") from error
