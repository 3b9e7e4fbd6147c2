"""What every verb prints: a table for people, ``--json`` for programs, progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

errors = Console(stderr=True, highlight=False)
console = Console(highlight=False)


class Exit(IntEnum):
    """Exit codes, stable. 2 is the usage error of the command line itself."""

    DONE = 0
    REFUSED = 1
    DIFFERENT = 3
    NO_PLATFORM = 4


def fail(code: Exit, message: str) -> NoReturn:
    """End with a code and one message on stderr that says how to mend it."""
    errors.print(f"[bold red]ksad:[/] {message}", soft_wrap=True)
    raise typer.Exit(code)


def show_json(value: object) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """A table for people."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        numeric = bool(rows) and all(isinstance(row[columns.index(column)], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left")
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
