"""Machines that sign for one platform: each with a folder of its own, some with a database or broker of their own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from ksad.chassis.broker import Broker
from ksad.chassis.database import Database
from ksad.contracts.envelope import Envelope
from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.keys import read_public
from ksad.reporting.checkpoints import BrokerMemory, Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from tests.support.histories.histories import admit

PLATFORM = "test"
Heads = set[Checkpoint]


class Machine:
    """One of them; `handed_out` are all heads that anybody can have got from it."""

    def __init__(self, folder: Path, database: Database, broker: Broker) -> None:
        self.handed_out: Heads = set()
        self.keys = folder / "keys"
        self.broker = broker
        self._journal = Journal(database)
        self._feeds = Feeds(database, self._journal)
        self.keyring = Keyring(self.keys, PLATFORM)
        self.checkpoints = Checkpoints(
            self._journal, self.keyring, folder / "log", signed=self._signed, memories=[BrokerMemory(broker)]
        )

    def _signed(self, log: str, note: bytes) -> None:
        self.handed_out.add(open_checkpoint(note, self.keyring.origin(log), read_public(self.keyring.public)))

    def admit(self, events: Sequence[Envelope]) -> None:
        """Take events into the journal and the feeds, as the follower does."""
        admit(self._journal, events)
        while self._feeds.step():
            pass

    async def sign(self) -> str | None:
        """One round of signing; why something was refused or waits."""
        await asyncio.to_thread(self.checkpoints.publish)
        return self.checkpoints.refused or self.checkpoints.waiting

    def signed(self, log: str = "national") -> int:
        """How much is signed here."""
        return self.checkpoints.signed_size(log)


@asynccontextmanager
async def machine(folder: Path, database: Database, url: str, keys: Path | None = None) -> AsyncIterator[Machine]:
    """A machine at work; with `keys` its private keys are copied there first, but not what they signed."""
    if keys is not None:
        shutil.copytree(keys, folder / "keys", ignore=shutil.ignore_patterns("*.signed*"))
    async with Broker(url, "signer") as broker:
        await broker.wait_connected()
        made = Machine(folder, database, broker)
        try:
            yield made
        finally:
            made.checkpoints.close()


def forked(*machines: Machine) -> list[tuple[str, int]]:
    """Origin and size of all heads that were handed out with more than one root."""
    roots: dict[tuple[str, int], set[bytes]] = {}
    for head in (head for one in machines for head in one.handed_out):
        roots.setdefault((head.origin, head.size), set()).add(head.root)
    return sorted(place for place, found in roots.items() if len(found) > 1)


def share_keys(*machines: Machine) -> None:
    """Bring each key to all machines that lack it, as an operator does; not what was signed with it."""
    for source in machines:
        for target in machines:
            _copy(source, target, "*.key")


def make_key(one: Machine) -> None:
    """A machine makes a key for the national log, as it does before it has asked what others claim."""
    one.keyring.signer("national").close()


def copy_records(source: Machine, target: Machine) -> None:
    """Bring to a machine what another one has signed last."""
    _copy(source, target, "*.signed")


def _copy(source: Machine, target: Machine, pattern: str) -> None:
    for path in (source.keys / "logs").glob(pattern):
        copy = target.keys / "logs" / path.name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
