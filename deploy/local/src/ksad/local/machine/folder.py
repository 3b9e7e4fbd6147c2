"""The data folder of a platform on one machine, and the names of its parts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ksad.chassis import durable
from ksad.chassis.places import SERVICES, DataFolder
from ksad.local.machine.stores import expect_kind, recognise

if TYPE_CHECKING:
    from pathlib import Path


BROKER = "nats-server"
"""The broker's name among the processes of a folder."""
PORTAL = "portal"
"""The portal's, which records nothing and is therefore no service of the log."""


class NoPlatformError(Exception):
    """A command needs a running platform, or the folder of one; the message says how to get it."""


@dataclass(frozen=True)
class Folder(DataFolder):
    """The folder given by ``--data-dir``: the parts of the platform, and the files needed to run it on one machine."""

    @property
    def endpoints(self) -> Path:
        """The file with addresses and development tokens of the running platform."""
        return self.root / "endpoints.json"

    @property
    def processes(self) -> Path:
        """Which processes run, and how often each was started again."""
        return self.root / "processes.json"

    @property
    def ended(self) -> Path:
        """How the stores were when the last platform ended in good order; there is none while one runs."""
        return self.root / "ended.json"

    @property
    def locks(self) -> Path:
        """The locks that the platform's processes hold while they live."""
        return self.root / "locks"

    def lock_of(self, name: str) -> Path:
        """The lock of one process."""
        return self.locks / f"{name}.lock"

    @property
    def ports(self) -> Path:
        """The ports that this folder's platform listens on, chosen at its first start."""
        return self.root / "ports.json"

    @property
    def lock(self) -> Path:
        """The file locked by the command that runs the platform."""
        return self.root / "lock"

    @property
    def feeds_seed(self) -> Path:
        """The file with the seed of the broker's user that publishes the feeds."""
        return self.root / "keys" / "feeds.nk"

    @property
    def issuer(self) -> Path:
        """The folder of the local issuer's key."""
        return self.root / "keys" / "issuer"

    @property
    def clock(self) -> Path:
        """The file of the simulated clock that all services share."""
        return self.root / "clock"

    @property
    def regions(self) -> Path:
        """The table of regions that the log has adopted, as it was when a command last asked for it."""
        return self.root / "regions.csv"

    def database_url(self, service: str) -> str:
        """The address of a service's database, of the kind that this folder's stores have.

        :raises ksad.local.machine.stores.OtherStoreError: the environment names one of another kind.
        """
        url = super().database_url(service)
        expect_kind(self.root, service, url)
        return url

    def recognise_stores(self) -> None:
        """Records which databases are this folder's stores, and refuses others.

        :raises ksad.local.machine.stores.OtherStoreError: a database is not the one that the folder knows.
        """
        recognise(self.root, {service: self.database_url(service) for service in SERVICES})

    def named(self, name: str) -> str:
        """The platform's name: the one stored in this folder; if there is none, ``name``, which is then stored."""
        file = self.root / "platform"
        if not file.exists():
            durable.replace(file, f"{name}\n".encode(), durable.PUBLIC)
        return file.read_text().strip()

    @property
    def logs(self) -> Path:
        """The folder of the processes' output."""
        return self.root / "logs"

    @property
    def nats(self) -> Path:
        """The folder of JetStream's store and the broker's configuration."""
        return self.root / "nats"

    @property
    def feeds(self) -> Path:
        """The folder of the credentials for provinces' feeds."""
        return self.root / "feeds"

    def make(self) -> None:
        """Creates the folder and its subfolders, accessible to the owner only, because not all facts are public."""
        inside = (self.logs, self.locks, self.nats, self.feeds, *(self.documents(name) for name in SERVICES))
        for path in (self.root, *inside):
            path.mkdir(parents=True, exist_ok=True)
        self.issuer.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in (self.root, self.keys, self.logs):
            path.chmod(0o700)

    def running(self) -> dict[str, Any]:
        """The addresses and tokens of the running platform.

        :raises NoPlatformError: no platform runs here.
        """
        if not self.endpoints.exists():
            message = f"no platform runs on {self.root}: start one with `ksad up --data-dir {self.root}`"
            raise NoPlatformError(message)
        try:
            endpoints: dict[str, Any] = json.loads(self.endpoints.read_text())
        except ValueError as error:
            message = f"{self.endpoints} cannot be read: end the platform with `ksad down` and start it again"
            raise NoPlatformError(message) from error
        return endpoints

    def made(self) -> Folder:
        """This folder, if a platform has ever been started in it.

        :raises NoPlatformError: none has.
        """
        if not (self.root / "platform").exists():
            message = f"{self.root} holds no platform: check --data-dir, or begin one with `ksad up --data-dir …`"
            raise NoPlatformError(message)
        return self


def write_private(path: Path, text: str) -> None:
    """Writes a file atomically, readable by its owner only."""
    durable.replace(path, text.encode(), durable.PRIVATE)
