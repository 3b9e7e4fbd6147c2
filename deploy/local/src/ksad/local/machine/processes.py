"""The processes of a platform on one machine: started in order, restarted when they die, ended together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psutil

from ksad.local.machine.folder import NoPlatformError
from ksad.local.machine.signals import shielded

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.local.machine.folder import Folder

BROKER = "nats-server"
STOP_SECONDS = 10.0
WATCH_SECONDS = 0.2
RESTART_PAUSE_SECONDS_MAX = 5.0
LAST_WORDS_MAX = 2000


class Child:
    """One child process, restarted with a growing pause while it keeps dying."""

    def __init__(self, name: str, argv: list[str], environment: dict[str, str], log: Path) -> None:
        self.name = name
        self._argv = argv
        self._environment = environment
        self._log = log
        self._started = 0.0
        self._pause = 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self.last_words = ""

    def start(self) -> None:
        """Start it; its stderr goes to its log file."""
        with open(self._log, "ab", opener=_private) as log, shielded():
            self.process = subprocess.Popen(
                self._argv,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def watch(self) -> None:
        """Start it again when it has died."""
        if self.process is None or self.process.poll() is None:
            return
        lived = time.monotonic() - self._started
        if lived < self._pause:
            return
        self._pause = (
            0.2 if lived > RESTART_PAUSE_SECONDS_MAX else min(RESTART_PAUSE_SECONDS_MAX, self._pause * 2 + 0.2)
        )
        self.restarts += 1
        self.last_words = self._last_words()
        self.start()

    def _last_words(self) -> str:
        """The last line of its log that says something, and where the log is."""
        with self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LAST_WORDS_MAX))
            lines = log.read().decode(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip() and "For further information" not in line]
        return f"{said[-1] if said else 'it said nothing'} (more in {self._log})"

    def ask_to_end(self) -> None:
        """Ask it to end; what it is at, it finishes."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to end, then end it."""
        if self.process is None:
            return
        self.ask_to_end()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Processes:
    """All children of one data folder. The services need the broker, which starts first and ends last."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.children: list[Child] = []
        self._ending = threading.Event()
        self._watcher: threading.Thread | None = None

    def add(self, name: str, argv: list[str], environment: dict[str, str] | None = None) -> Child:
        """Start a child and watch over it from now on."""
        child = Child(name, argv, environment or {}, self._folder.logs / f"{name}.log")
        self.children.append(child)
        child.start()
        self._note()
        return child

    def watch(self) -> None:
        """Watch over the children in a thread."""
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            before = sum(child.restarts for child in self.children)
            for child in self.children:
                child.watch()
            if sum(child.restarts for child in self.children) != before:
                self._note()

    def _note(self) -> None:
        """Write down who runs, so that another command can find, or end, what a killed `ksad up` left behind."""
        running = [
            {
                "name": child.name,
                "pid": child.process.pid,
                "created": _created(child.process.pid),
                "restarts": child.restarts,
            }
            for child in self.children
            if child.process is not None
        ]
        pending = self._folder.processes.with_suffix(".pending")
        pending.write_text(json.dumps({"children": running}))
        pending.replace(self._folder.processes)

    def stop(self) -> None:
        """End all children."""
        self._ending.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in self.children:
            if child.name != BROKER:
                child.ask_to_end()
        for child in reversed(self.children):
            child.stop()
        self._folder.endpoints.unlink(missing_ok=True)
        self._folder.processes.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    """Open a file that its owner alone may read, also one that an earlier release left open to others."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _created(pid: int) -> float | None:
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return None


def living(folder: Folder) -> dict[str, psutil.Process]:
    """The processes that were noted for a folder and live, by name."""
    if not folder.processes.exists():
        return {}
    noted = json.loads(folder.processes.read_text())["children"]
    found = {}
    for child in noted:
        if child["created"] is not None and _created(child["pid"]) == child["created"]:
            with suppress(psutil.Error):
                found[child["name"]] = psutil.Process(child["pid"])
    return {name: process for name, process in found.items() if _lives(process)}


def _lives(process: psutil.Process) -> bool:
    """Whether it still works; one that is dead and that nobody has buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _end(left: list[psutil.Process]) -> None:
    """Ask all of them to end, then end those that do not."""
    for end in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with suppress(psutil.Error):
                end(process)
        deadline = time.monotonic() + STOP_SECONDS
        while left and time.monotonic() < deadline:
            left = [process for process in left if _lives(process)]
            time.sleep(0.02)


def end_leftovers(folder: Folder) -> None:
    """End what a killed `ksad up` left running on this folder; the caller owns the folder."""
    found = living(folder)
    broker = [process for name, process in found.items() if name == BROKER]
    services = [process for name, process in found.items() if name != BROKER]
    for left in (services, broker):  # A service that has lost its broker takes longer to end.
        _end(left)
    folder.processes.unlink(missing_ok=True)
    folder.endpoints.unlink(missing_ok=True)


def wait_ready(urls: dict[str, str], processes: Processes, seconds: float) -> None:
    """Wait until every service answers ready.

    :param urls: the address of each service by its name, which is also its process's.
    :raises NoPlatformError: one is not ready in time, or a process dies before; the message repeats its last words.
    """
    deadline = time.monotonic() + seconds
    with httpx.Client(timeout=2.0, trust_env=False) as http:
        for name, url in urls.items():
            while True:
                checks = "it does not answer"
                with suppress(httpx.HTTPError):
                    answer = http.get(f"{url}/readyz")
                    if answer.is_success:
                        break
                    checks = answer.text
                for child in processes.children:
                    if child.restarts:
                        raise NoPlatformError(f"{child.name} did not start: {child.last_words}")
                if time.monotonic() > deadline:
                    raise NoPlatformError(f"{name} is not ready after {seconds:.0f} s: {checks}")
                time.sleep(0.05)


def python(module: str, *words: str) -> list[str]:
    """The command line that runs one of our packages."""
    return [sys.executable, "-m", module, *words]
