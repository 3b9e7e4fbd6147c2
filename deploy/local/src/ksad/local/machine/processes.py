"""The processes of a platform on one machine: started in order, restarted when they die, stopped together."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import structlog

from ksad.chassis import durable
from ksad.local.machine.child import Child
from ksad.local.machine.folder import BROKER

if TYPE_CHECKING:
    from ksad.local.machine.folder import Folder

WATCH_SECONDS = 0.2
log = structlog.get_logger(__name__)


class Processes:
    """All child processes of a data folder. Services need the broker, which starts first and ends last."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self.children: list[Child] = []
        self._noted = b""
        self._complained = False
        self._ending = threading.Event()
        self._watcher: threading.Thread | None = None

    def add(self, name: str, argv: list[str], environment: dict[str, str] | None = None) -> Child:
        """Start a child and watch over it from now on.

        :raises OSError: it cannot be started.
        """
        child = Child(name, argv, environment or {}, self._folder)
        self.children.append(child)
        child.start()
        self._note()
        return child

    def watch(self) -> None:
        """Starts a thread that restarts children that die."""
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            for child in self.children:
                child.watch()
            self._note()

    def _note(self) -> None:
        """Records the running processes for people and tests; nothing is started or ended by this record.

        On a full disk the old record stays, and the new one is written as soon as there is room.
        """
        running = [
            {"name": child.name, "pid": child.process.pid, "restarts": child.restarts}
            for child in self.children
            if child.process is not None
        ]
        content = json.dumps({"children": running}).encode()
        if content == self._noted:
            return
        try:
            durable.replace(self._folder.processes, content, durable.PRIVATE)
        except OSError as error:
            if not self._complained:
                log.warning("processes_not_noted", error=str(error))
            self._complained = True
        else:
            self._noted, self._complained = content, False

    def stop(self) -> None:
        """Stops all children."""
        self._ending.set()
        if self._watcher is not None:
            self._watcher.join()
        for child in self.children:
            if child.name != BROKER:
                child.ask_to_end()
        # The services end at the same time; the broker, which was added first, is stopped last.
        for child in reversed(self.children):
            child.stop()
        self._folder.endpoints.unlink(missing_ok=True)
        self._folder.processes.unlink(missing_ok=True)
