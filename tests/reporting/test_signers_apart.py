"""Two machines sign for one platform: never two heads of one size with different roots, whatever is cut or doubled."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.contracts.envelope import Envelope
from ksad.ledger.log.errors import SignerMovedError
from ksad.ledger.log.tree import Frontier, TreeHead, leaf_hash
from ksad.reporting.checkpoints.memory import DatabaseMemory, HeadClaim
from tests.support.histories.histories import following_on, generated
from tests.support.platforms.signing import Machine, copy_records, forked, machine, share_keys
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually
from tests.support.servers.proxy import Proxy
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio

FIRST = 40
ACTS = 30
EVENTS = generated(240)
OTHERS = following_on(EVENTS[:FIRST], generated(400, seed=2))
"""Another way in which the first events could have gone on."""
SPLIT = pytest.mark.fault(
    "cluster K2",
    kind="What must be one for all machines is kept on one of them: a file and a lock of a machine bind nobody else.",
    looked="The signer's record and lock, the making of a log's key, the verb export, a restore with the old keys.",
    found="Two machines would have made two keys for a new feed; export signed without asking anybody.",
)


@pytest.fixture
def tables() -> str:
    """Signing is reporting's."""
    return "reporting"


@pytest.fixture
def other(new_database: Callable[[], str]) -> Iterator[Database]:
    """A second database of the same kind, as after a fail-over that went wrong."""
    with opened(new_database(), "reporting") as made:
        yield made


@asynccontextmanager
async def first_of(folder: Path, database: Database, url: str) -> AsyncIterator[Machine]:
    """The machine that was alone until now, with the first events signed."""
    async with machine(folder / "a", database, url) as one:
        one.admit(EVENTS[:FIRST])
        assert await one.sign() is None
        assert one.signed() == FIRST
        yield one


async def goes_on(one: Machine) -> None:
    """Wait until a machine signs what it has."""

    async def signs() -> bool:
        return await one.sign() is None

    await eventually(signs, what="a machine that signs", every=0.1)


@SPLIT
async def test_two_machines_sign_one_log_together(
    database: Database, nats_url: str, tmp_path: Path, rng: random.Random
) -> None:
    """With database and broker in common, a second machine with the keys goes on where the first is, and back.

    A feed that begins meanwhile has the key of whoever was first, which is brought to the other.
    """
    async with (
        first_of(tmp_path, database, nats_url) as one,
        machine(tmp_path / "b", database, nats_url, one.keys) as two,
    ):
        for start in range(FIRST, len(EVENTS), 10):
            one.admit(EVENTS[start : start + 10])
            for each in rng.choices([one, two], k=2):
                await each.sign()
        share_keys(one, two)
        for each in (one, two, one):
            assert await each.sign() is None
        assert one.signed() == two.signed() == len(EVENTS)
        assert forked(one, two) == []
        assert {head.origin for head in two.handed_out} > {"ksad/test/national"}


@SPLIT
@pytest.mark.parametrize("first", ["one", "two"])
async def test_of_two_databases_one_is_signed(
    database: Database, other: Database, nats_url: str, tmp_path: Path, first: str
) -> None:
    """Of two machines that write into different databases one goes on, and the other says why it does not."""
    async with (
        first_of(tmp_path, database, nats_url) as one,
        machine(tmp_path / "b", other, nats_url, one.keys) as two,
    ):
        copy_records(one, two)
        two.admit(EVENTS[:FIRST])
        assert await two.sign() is None
        one.admit(EVENTS[FIRST:60])
        two.admit(OTHERS[:20])
        ahead, behind = (one, two) if first == "one" else (two, one)
        assert await ahead.sign() is None
        await behind.sign()
        refused = await behind.sign()
        assert refused is not None
        assert "another machine has claimed" in refused or "were signed" in refused
        one.admit(EVENTS[60:80])
        two.admit(OTHERS[20:40])
        for each in (behind, ahead, behind):
            await each.sign()
        assert ahead.signed() == FIRST + 40
        assert all(head.size <= FIRST for head in behind.handed_out)
        assert forked(one, two) == []


@SPLIT
async def test_of_two_brokers_the_database_decides(
    database: Database, nats_server: NatsServer, tmp_path: Path, rng: random.Random
) -> None:
    """Two machines that talk to different brokers, one of them empty: the database keeps them together."""
    with NatsServer(tmp_path / "second") as second:
        async with (
            first_of(tmp_path, database, nats_server.url) as one,
            machine(tmp_path / "b", database, second.url, None) as two,
        ):
            assert "bring that key here" in str(await two.sign())
            share_keys(one, two)
            assert "cannot be read" in str(await two.sign())
            copy_records(one, two)
            for start in range(FIRST, 120, 10):
                one.admit(EVENTS[start : start + 10])
                for each in rng.choices([one, two], k=2):
                    await each.sign()
            share_keys(one, two)
            for each in (one, two, one, two):
                await each.sign()
            assert one.signed() == two.signed() == 120
            assert forked(one, two) == []


@SPLIT
async def test_who_is_cut_off_signs_nothing(database: Database, nats_server: NatsServer, tmp_path: Path) -> None:
    """Without the broker a machine waits, and says for what; the other goes on; then both have the same."""
    async with (
        Proxy(nats_server.port) as proxy,
        first_of(tmp_path, database, nats_server.url) as one,
        machine(tmp_path / "b", database, proxy.url, one.keys) as two,
    ):
        assert await two.sign() is None
        proxy.down = True
        proxy.cut()
        one.admit(EVENTS[FIRST:60])
        waiting = await two.sign()
        assert waiting is not None
        assert "cannot be known" in waiting
        assert two.signed() == FIRST
        assert await one.sign() is None
        proxy.down = False
        share_keys(one, two)
        await goes_on(two)
        assert one.signed() == two.signed() == 60
        assert forked(one, two) == []


@SPLIT
async def test_one_memory_lost_is_no_licence(database: Database, nats_server: NatsServer, tmp_path: Path) -> None:
    """A wiped broker, or a machine without its record, goes on by what is left; with both gone nothing is signed."""
    async with first_of(tmp_path, database, nats_server.url) as one:
        nats_server.stop()
        nats_server.wipe()
        nats_server.start()
        one.admit(EVENTS[FIRST:60])
        await goes_on(one)
        assert one.signed() == 60
        one.checkpoints.close()
        for record in one.keys.rglob("*.signed"):
            record.unlink()
        async with machine(tmp_path / "a2", database, nats_server.url, one.keys) as again:
            again.admit(EVENTS[60:80])
            assert await again.sign() is None
            assert again.signed() == 80
            assert forked(one, again) == []
        nats_server.stop()
        nats_server.wipe()
        nats_server.start()
        async with machine(tmp_path / "a3", database, nats_server.url, one.keys) as last:
            last.admit(EVENTS[80:90])
            assert "cannot be read" in str(await last.sign())
            assert last.handed_out == set()


@SPLIT
async def test_random_cuts_and_splits_never_fork(
    database: Database, other: Database, nats_server: NatsServer, tmp_path: Path, rng: random.Random, rounds: int
) -> None:
    """Whatever comes in whatever order, with one database or two, nobody gets two heads of one size."""
    async with (
        Proxy(nats_server.port) as proxy,
        first_of(tmp_path, database, nats_server.url) as one,
        machine(tmp_path / "b", database, proxy.url, one.keys) as same,
        machine(tmp_path / "c", other, nats_server.url, one.keys) as apart,
    ):
        copy_records(one, apart)
        apart.admit(EVENTS[:FIRST])
        left: dict[str, list[Envelope]] = {"here": EVENTS[FIRST:], "there": OTHERS}
        for _ in range(rounds * ACTS):
            act = rng.choice(["here", "there", "down", "up", "sign", "sign", "sign", "sign"])
            if act in left:
                count = rng.randrange(1, 3)
                (one if act == "here" else apart).admit(left[act][:count])
                left[act] = left[act][count:]
            elif act == "sign":
                await rng.choice([one, same, apart]).sign()
            else:
                proxy.down = act == "down"
                if proxy.down:
                    proxy.cut()
        assert forked(one, same, apart) == []
        proxy.down = False
        share_keys(one, same, apart)
        for _ in range(3):
            for each in (one, same, apart):
                await each.sign()
        assert forked(one, same, apart) == []
        assert max(one.signed(), apart.signed()) > FIRST


def claim(*leaves: bytes, vkey: str = "key") -> HeadClaim:
    """The claim of a head over some leaves."""
    return HeadClaim("ksad/test/national", vkey, Frontier.empty().extended(map(leaf_hash, leaves)).head())


def test_a_claim_follows_on_the_one_that_was_seen(database: Database) -> None:
    """Of two who have seen the same claim one gets its own in; size, root and key all count."""
    memory = DatabaseMemory(database)
    first, second = claim(b"a"), claim(b"a", b"b")
    assert memory.read(first.origin) is None
    memory.advance(None, first)
    assert memory.read(first.origin) == first
    for seen in (None, claim(b"x"), claim(b"a", vkey="other"), second):
        with pytest.raises(SignerMovedError):
            memory.advance(seen, second)
    memory.advance(first, second)
    with pytest.raises(SignerMovedError):
        memory.advance(first, claim(b"a", b"c"))
    assert memory.read(first.origin) == second


def test_a_claim_is_read_as_it_was_written() -> None:
    """What is kept in the broker comes back the same."""
    one = HeadClaim("ksad/test/feed/32", "ksad/test/feed/32+0a+b", TreeHead(7, b"\x01" * 32))
    assert HeadClaim.from_bytes(one.to_bytes()) == one
