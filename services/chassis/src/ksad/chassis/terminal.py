"""What verbs print (tables for people, ``--json`` for programs, progress and errors on stderr) and how they end."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PIPED_COLUMNS = 200
"""A pipe has no width of its own; no word of a table is cut for it."""


def _console(stream: TextIO, *, stderr: bool = False) -> Console:
    width = None if stream.isatty() else PIPED_COLUMNS
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


errors = _console(sys.stderr, stderr=True)
console = _console(sys.stdout)


class Exit(IntEnum):
    """Exit codes, stable (docs/operating.md)."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    DIFFERENT = 3
    NO_PLATFORM = 4
    INTERRUPTED = 130


def say(line: str) -> None:
    """One line on stdout, whatever its length."""
    console.print(line, soft_wrap=True)


def warn(label: str, line: str) -> None:
    """One line on stderr with a label that is seen."""
    errors.print(Text.assemble((f"{label}: ", "bold yellow"), line), soft_wrap=True)


def complain(message: str, speaker: str = "ksad") -> None:
    """One message on stderr that says what, where, and how to mend it.

    :param speaker: the program that says so.
    """
    errors.print(Text.assemble((f"{speaker}: ", "bold red"), message), soft_wrap=True)


def fail(code: Exit, message: str) -> NoReturn:
    """End with a code and one message on stderr."""
    complain(message)
    raise typer.Exit(code)


def show_json(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table for people; numbers stand on the right."""
    table = Table(title=Text(title, "bold"), title_justify="left")
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[f"{value:,}" if isinstance(value, int) else str(value) for value in row])
    console.print(table)


@contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr; call it with how much is done of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, disable=quiet or not errors.is_terminal, transient=True) as progress:
        task = progress.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield update
