"""Calls commands of the services as processes, with the settings of a data folder."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from ksad.chassis.places import SERVICES
from ksad.chassis.terminal import Exit, errors
from ksad.local.machine.forking import python, start_program
from ksad.local.machine.signals import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from ksad.local.machine.folder import Folder
    from ksad.local.machine.forking import ProgramProcess


STDERR = 2
ANSWERED = {Exit.DONE, Exit.DIFFERENT}
"""Exit codes with which a command may have written its document."""


class VerbFailedError(Exception):
    """A service's command failed: ``code`` is its exit code, the message its stderr (empty if that was a terminal)."""

    def __init__(self, said: str, code: int) -> None:
        super().__init__(said.strip())
        self.code = code


def settings_of(folder: Folder, service: str) -> dict[str, str]:
    """The settings of a service on a data folder, including the locations of the other services' data."""
    others = [name for name in SERVICES if name != service]
    return {
        "KSAD_DATABASE_URL": folder.database_url(service),
        "KSAD_DOCUMENTS_DIR": str(folder.documents(service)),
        # A data folder has all that is of its platform, so that a copy of it is a backup.
        "KSAD_DOCUMENTS_BUCKET": "",
        "KSAD_KEYS_DIR": str(folder.keys),
        "KSAD_LOG_DIR": str(folder.log),
        "KSAD_SIGNS_ALONE": "true",
        **{f"KSAD_DATABASE_URL_{name.upper()}": folder.database_url(name) for name in others},
        **{f"KSAD_DOCUMENTS_DIR_{name.upper()}": str(folder.documents(name)) for name in others},
    }


def ask(folder: Folder, service: str, *words: str, quiet: bool = True) -> Any:  # noqa: ANN401 - JSON
    """Calls a command and waits for it; returns the document that it writes with ``--json``.

    A signal that ends this command is passed on, and the called command ends regularly.

    :param quiet: show no progress, even on a terminal.
    :raises VerbFailedError: the command was refused or interrupted.
    """
    seen = errors.is_terminal and not quiet
    with TemporaryFile() as out, TemporaryFile() as said, _interruptible() as add:
        child = add(
            _start(folder, service, *words, "--json", stdout=out.fileno(), stderr=STDERR if seen else said.fileno())
        )
        return _answer(child.wait(), _all(out), _all(said))


def bring_back(folder: Folder, service: str, verb: str, *words: str) -> int:
    """Pipes reporting's journal into a service's ``refill`` or ``restore``; returns the number of events taken.

    :param words: arguments of reporting's command ``journal``.
    :raises VerbFailedError: one of the two was refused or interrupted.
    """
    with TemporaryFile() as out, TemporaryFile() as said, TemporaryFile() as also, _interruptible() as add:
        read, write = os.pipe()
        try:
            giving = add(_start(folder, "reporting", "journal", *words, stdout=write, stderr=also.fileno()))
            taking = add(_start(folder, service, verb, "--json", stdin=read, stdout=out.fileno(), stderr=said.fileno()))
        finally:
            # Only the reading command holds the pipe now: if it ends early, the writing one is told so and ends, too.
            os.close(read)
            os.close(write)
        done, given = taking.wait(), giving.wait()
        if done == Exit.DONE and given != Exit.DONE:
            raise VerbFailedError(_all(also).decode(), given)
        count: int = _answer(done, _all(out), _all(also) + _all(said))["events"]
    return count


def _all(file: IO[bytes]) -> bytes:
    """All that a command has written into a file."""
    file.seek(0)
    return file.read()


def _answer(code: int, out: bytes, said: bytes) -> Any:  # noqa: ANN401 - JSON
    if code not in ANSWERED or not out:
        raise VerbFailedError(said.decode(), Exit.INTERRUPTED if code == -signal.SIGINT else code)
    if said:
        sys.stderr.write(said.decode())
    return json.loads(out)


def _start(
    folder: Folder, service: str, *words: str, stdout: int, stderr: int, stdin: int | None = None
) -> ProgramProcess:
    command = python(f"ksad.{service}", *words)
    with Path(os.devnull).open("rb") as nothing:
        read = nothing.fileno() if stdin is None else stdin
        return start_program(command, settings_of(folder, service), (read, stdout, stderr))


@contextmanager
def _interruptible() -> Iterator[Callable[[ProgramProcess], ProgramProcess]]:
    """Within the block, a signal that ends this command interrupts the added children instead, which are waited for."""
    children: list[ProgramProcess] = []
    came: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        for child in children:
            child.send_signal(signal.SIGINT)

    def add(child: ProgramProcess) -> ProgramProcess:
        children.append(child)
        if came:
            child.send_signal(signal.SIGINT)
        return child

    if threading.current_thread() is not threading.main_thread():
        yield add
        return
    before = {number: signal.signal(number, forward) for number in ENDING}
    try:
        yield add
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
