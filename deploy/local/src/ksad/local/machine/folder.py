"""The data folder of a platform on one machine: where everything lives, by name."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ksad.chassis.places import SERVICES, DataFolder

if TYPE_CHECKING:
    from pathlib import Path


class NoPlatformError(Exception):
    """A verb needs a running platform, or a folder that one has made; the message says how to get it."""


@dataclass(frozen=True)
class Folder(DataFolder):
    """What ``--data-dir`` names: the parts of the platform, and what running it on one machine adds."""

    @property
    def endpoints(self) -> Path:
        """URLs and development tokens of the running platform."""
        return self.root / "endpoints.json"

    @property
    def processes(self) -> Path:
        """Which processes run, with their creation times."""
        return self.root / "processes.json"

    @property
    def lock(self) -> Path:
        """Held by the one command that runs the platform."""
        return self.root / "lock"

    @property
    def feeds_seed(self) -> Path:
        """The key of the broker's user that publishes the feeds."""
        return self.root / "keys" / "feeds.nk"

    @property
    def issuer(self) -> Path:
        """The local issuer's keys."""
        return self.root / "keys" / "issuer"

    @property
    def clock(self) -> Path:
        """The simulated clock that the services share."""
        return self.root / "clock"

    def named(self, name: str) -> str:
        """The platform's name: the one this folder began with, which its logs' origins bear, or the given one."""
        file = self.root / "platform"
        if not file.exists():
            file.write_text(name + "\n")
        return file.read_text().strip()

    @property
    def logs(self) -> Path:
        """What the processes write to stderr."""
        return self.root / "logs"

    @property
    def nats(self) -> Path:
        """JetStream's store and the broker's configuration."""
        return self.root / "nats"

    @property
    def feeds(self) -> Path:
        """Credentials of the provinces' feeds."""
        return self.root / "feeds"

    def make(self) -> None:
        """Create the folder and what is below it. Nobody but the owner can look into it: facts are not for all."""
        for path in (self.root, self.logs, self.nats, self.feeds, *(self.documents(name) for name in SERVICES)):
            path.mkdir(parents=True, exist_ok=True)
        self.issuer.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.root, self.keys, self.logs):
            path.chmod(0o700)

    def running(self) -> dict[str, Any]:
        """The endpoints of the running platform.

        :raises NoPlatformError: none was started here.
        """
        if not self.endpoints.exists():
            message = f"no platform runs on {self.root}: start one with `ksad up --data-dir {self.root}`"
            raise NoPlatformError(message)
        endpoints: dict[str, Any] = json.loads(self.endpoints.read_text())
        return endpoints

    def made(self) -> Folder:
        """This folder, once a platform has been started in it.

        :raises NoPlatformError: none ever was.
        """
        if not (self.root / "platform").exists():
            message = f"{self.root} holds no platform: check --data-dir, or begin one with `ksad up --data-dir …`"
            raise NoPlatformError(message)
        return self


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    pending = path.with_name(path.name + ".pending")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    pending.replace(path)
