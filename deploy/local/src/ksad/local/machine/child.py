"""One process of a platform on one machine, restarted after growing pauses while it keeps dying."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from ksad.local.machine.forking import start_program
from ksad.local.machine.locks import hold
from ksad.local.machine.signals import shielded

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder
    from ksad.local.machine.forking import ProgramProcess

STOP_SECONDS = 10.0
RESTART_PAUSE_SECONDS_MAX = 5.0
LAST_WORDS_MAX = 2000
log = structlog.get_logger(__name__)


class Child:
    """A child process, its log file and its lock."""

    def __init__(self, name: str, argv: list[str], environment: dict[str, str], folder: Folder) -> None:
        self.name = name
        self._argv = argv
        self._environment = environment
        self._log = folder.logs / f"{name}.log"
        self._lock = folder.lock_of(name)
        self._started = 0.0
        self._pause = 0.0
        self._complained = False
        self.process: ProgramProcess | None = None
        self.restarts = 0
        self.last_words = ""

    def start(self) -> None:
        """Starts the process; its output goes to its log file, or nowhere if that cannot be opened.

        :raises OSError: it cannot be started now.
        """
        self._started = time.monotonic()
        with ExitStack() as opened:
            said: int = subprocess.DEVNULL
            try:
                said = _private(self._log)
            except OSError as error:
                log.warning("log_not_opened", child=self.name, error=str(error))
            else:
                opened.callback(os.close, said)
            lock = opened.enter_context(hold(self._lock))
            with shielded():
                nothing = opened.enter_context(Path(os.devnull).open("rb")).fileno()
                self.process = start_program(self._argv, self._environment, (nothing, said, said), [lock])

    def watch(self) -> None:
        """Restarts the process if it has died. A failed start is repeated for ever."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self._started
        # Counted from the last start, so a process that ran longer than the pause is restarted at once.
        if lived < self._pause:
            return
        self._pause = (
            0.2 if lived > RESTART_PAUSE_SECONDS_MAX else min(RESTART_PAUSE_SECONDS_MAX, self._pause * 2 + 0.2)
        )
        self.restarts += 1
        try:
            self.last_words = self._last_words()
            self.start()
        except Exception as error:  # noqa: BLE001 - no fault of one child may end the watch over all
            if not self._complained:
                log.warning("child_not_started", child=self.name, error=repr(error))
            self._complained = True
        else:
            self._complained = False

    def _last_words(self) -> str:
        """The last meaningful line of its log, and where the log is."""
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_WORDS_MAX))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError as error:
            return f"what it said cannot be read: {error}"
        said = [line.strip() for line in lines if line.strip() and "For further information" not in line]
        return f"{said[-1] if said else 'it said nothing'} (more in {self._log})"

    def ask_to_end(self) -> None:
        """Asks the process to end (SIGTERM); it finishes its present work."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Asks the process to end, and kills it if it does not. The watch restarts it, unless the watch has ended."""
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _private(path: Path) -> int:
    """A log file, open to be appended to; its owner alone may read it, also where an earlier release left it open."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor
