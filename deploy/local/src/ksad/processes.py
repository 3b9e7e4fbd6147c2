"""The processes of a platform on one machine: started in order, restarted when they die, ended together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psutil

from ksad.folder import NoPlatformError

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.folder import Folder

STOP_SECONDS = 10.0
WATCH_SECONDS = 0.2
RESTART_PAUSE_SECONDS_MAX = 5.0


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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

    def start(self) -> None:
        """Start it; its stderr goes to its log file."""
        with self._log.open("ab") as log:
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
        self.start()

    def stop(self) -> None:
        """Ask it to end, then end it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Processes:
    """All children of one data folder. Later ones need earlier ones; they end in the opposite order."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.children: list[Child] = []
        self._ending = threading.Event()
        self._watcher: threading.Thread | None = None

    def add(self, name: str, argv: list[str], environment: dict[str, str] | None = None) -> Child:
        """Start a child and watch over it from now on."""
        child = Child(name, argv, environment or {}, self._folder.logs / f"{name}.log")
        child.start()
        self.children.append(child)
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
            {"name": child.name, "pid": child.process.pid, "created": _created(child.process.pid)}
            for child in self.children
            if child.process is not None
        ]
        pending = self._folder.processes.with_suffix(".pending")
        pending.write_text(json.dumps({"owner": os.getpid(), "children": running}))
        pending.replace(self._folder.processes)

    def stop(self) -> None:
        """End all children."""
        self._ending.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in reversed(self.children):
            child.stop()
        self._folder.endpoints.unlink(missing_ok=True)
        self._folder.processes.unlink(missing_ok=True)


def _created(pid: int) -> float | None:
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return None


def end_leftovers(folder: Folder) -> None:
    """End what a killed `ksad up` left running on this folder.

    :raises NoPlatformError: a living `ksad up` owns it.
    """
    if not folder.processes.exists():
        return
    noted = json.loads(folder.processes.read_text())
    if psutil.pid_exists(noted["owner"]) and noted["owner"] != os.getpid():
        message = f"a platform already runs on {folder.root} (process {noted['owner']})"
        raise NoPlatformError(message)
    for child in noted["children"]:
        if child["created"] is not None and _created(child["pid"]) == child["created"]:
            with suppress(ProcessLookupError):
                os.kill(child["pid"], signal.SIGTERM)
            with suppress(psutil.Error):
                psutil.Process(child["pid"]).wait(STOP_SECONDS)
    folder.processes.unlink(missing_ok=True)
    folder.endpoints.unlink(missing_ok=True)


def wait_ready(urls: list[str], processes: Processes, seconds: float) -> None:
    """Wait until every service answers ready.

    :raises NoPlatformError: one is not ready in time; the message names its log.
    """
    deadline = time.monotonic() + seconds
    with httpx.Client(timeout=2.0, trust_env=False) as http:
        for url in urls:
            while True:
                with suppress(httpx.HTTPError):
                    if http.get(f"{url}/readyz").is_success:
                        break
                if time.monotonic() > deadline:
                    message = f"{url} is not ready after {seconds:.0f} s; see {processes.children[0].name} and the logs"
                    raise NoPlatformError(message)
                time.sleep(0.05)


def python(module: str) -> list[str]:
    """The command line that runs one of our packages."""
    return [sys.executable, "-m", module]
