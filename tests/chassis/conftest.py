"""What tests of the chassis share: an issuer of tokens, and a store with its recorder."""

from collections.abc import Iterator

import pytest

from ksad.chassis.database import Database
from ksad.chassis.store import CommandRecorder, EventStore
from tests.support.histories.recording import RecordingBench
from tests.support.servers.issuer import Issuer


@pytest.fixture
def bench(database: Database) -> RecordingBench:
    """An empty store on either database, with its recorder."""
    store, woken = EventStore(database), list[None]()
    store.listen(lambda: woken.append(None))
    return RecordingBench(store, CommandRecorder(store), woken)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer with one Ed25519 key."""
    with Issuer() as made:
        made.add("a")
        yield made
