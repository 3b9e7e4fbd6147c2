"""Calls commands of the services as processes, with the settings of a data folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from ksad.chassis.places import SERVICES
from ksad.chassis.terminal import Exit, errors
from ksad.local.machine.processes import python
from ksad.local.machine.signals import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from ksad.local.machine.folder import Folder

    Child = subprocess.Popen[bytes]

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
    with _interruptible() as add:
        child = add(_start(folder, service, *words, "--json", stderr=None if seen else subprocess.PIPE))
        out, said = child.communicate()
    return _answer(child.returncode, out, said)


def bring_back(folder: Folder, service: str, verb: str, *words: str) -> int:
    """Pipes reporting's journal into a service's ``refill`` or ``restore``; returns the number of events taken.

    :param words: arguments of reporting's command ``journal``.
    :raises VerbFailedError: one of the two was refused or interrupted.
    """
    with _interruptible() as add:
        giving = add(_start(folder, "reporting", "journal", *words))
        taking = add(_start(folder, service, verb, "--json", stdin=giving.stdout))
        assert giving.stdout is not None  # noqa: S101 - it was started with a pipe
        # Only the reading command holds the pipe now: if it ends early, the writing one is told so and ends, too.
        giving.stdout.close()
        giving.stdout = None
        out, said = taking.communicate()
        _, also = giving.communicate()
    if taking.returncode == Exit.DONE and giving.returncode != Exit.DONE:
        raise VerbFailedError(also.decode(), giving.returncode)
    count: int = _answer(taking.returncode, out, (also or b"") + (said or b""))["events"]
    return count


def _answer(code: int, out: bytes, said: bytes | None) -> Any:  # noqa: ANN401 - JSON
    if code not in ANSWERED or not out:
        raise VerbFailedError((said or b"").decode(), Exit.INTERRUPTED if code == -signal.SIGINT else code)
    if said:
        sys.stderr.write(said.decode())
    return json.loads(out)


def _start(
    folder: Folder,
    service: str,
    *words: str,
    stdin: IO[bytes] | int | None = subprocess.DEVNULL,
    stderr: int | None = subprocess.PIPE,
) -> Child:
    return subprocess.Popen(
        python(f"ksad.{service}", *words),
        env=os.environ | settings_of(folder, service),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
    )


@contextmanager
def _interruptible() -> Iterator[Callable[[Child], Child]]:
    """Within the block, a signal that ends this command interrupts the added children instead, which are waited for."""
    children: list[Child] = []
    came: list[int] = []

    def forward(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        for child in children:
            child.send_signal(signal.SIGINT)

    def add(child: Child) -> Child:
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
