"""Output of commands (tables, ``--json``, progress, errors on stderr) and their exit codes."""

from __future__ import annotations

import errno
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
"""The width for output to a pipe, wide enough not to break the words of a table."""


def _console(stream: TextIO, *, stderr: bool = False) -> Console:
    width = None if stream.isatty() else PIPED_COLUMNS
    # No markup and no emoji: titles and names may contain brackets and colons.
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)


errors = _console(sys.stderr, stderr=True)
console = _console(sys.stdout)


class Exit(IntEnum):
    """Exit codes; they are stable (docs/operating.md)."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    DIFFERENT = 3
    NO_PLATFORM = 4
    INTERRUPTED = 130


MENDS = {
    errno.EEXIST: "there is something else of this name; name another place",
    errno.ENOTDIR: "a file stands where a folder is needed; name another place",
    errno.EISDIR: "a folder stands where a file is needed; move it away",
    errno.ENOENT: "it is not there, or cannot be made there; check the name",
    errno.EACCES: "this user may not; run it as the owner, or name another place",
    errno.EPERM: "this user may not; run it as the owner, or name another place",
    errno.EROFS: "that disk may not be written to; mount it otherwise, or name another place",
    errno.ENOSPC: "that disk is full; make room and try again",
    errno.EDQUOT: "this user's share of that disk is used up; make room and try again",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
}
"""What to do about what the system refuses."""


def explain(error: OSError) -> str:
    """What the system refused in one sentence: the file, what is wrong, and what to do."""
    if error.errno is None or error.strerror is None:
        return str(error)
    where = error.filename2 if error.filename2 is not None else error.filename
    mend = f": {MENDS[error.errno]}" if error.errno in MENDS else ""
    return f"{'' if where is None else f'{where}: '}{error.strerror}{mend}"


def say(line: str) -> None:
    """Writes one line to stdout, without wrapping."""
    console.print(line, soft_wrap=True)


def warn(label: str, line: str) -> None:
    """Writes one line to stderr with a highlighted label."""
    errors.print(Text.assemble((f"{label}: ", "bold yellow"), line), soft_wrap=True)


def complain(message: str, speaker: str = "ksad") -> None:
    """Writes an error message to stderr; it should say what is wrong, where, and what to do.

    :param speaker: the name of the program.
    """
    errors.print(Text.assemble((f"{speaker}: ", "bold red"), message), soft_wrap=True)


def fail(code: Exit, message: str) -> NoReturn:
    """Ends the command with an exit code and a message on stderr."""
    complain(message)
    raise typer.Exit(code)


def show_json(value: object) -> None:
    """Writes one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Writes a table to stdout; numeric columns are right-aligned."""
    table = Table(title=Text(title, "bold"), title_justify="left")
    for place, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[f"{value:,}" if isinstance(value, int) else str(value) for value in row])
    console.print(table)


@contextmanager
def progress_bar(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr; yields a function that takes the amounts done and in total."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, disable=quiet or not errors.is_terminal, transient=True) as progress:
        task = progress.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield update
