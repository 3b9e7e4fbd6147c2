"""Two machines make a key for one log before either knows of the other's: one key is used, and nothing is stuck."""

import shutil
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.ledger.log.keys import read_public
from tests.support.histories.histories import generated
from tests.support.platforms.signing import forked, machine, make_key, share_keys

pytestmark = pytest.mark.anyio

EVENTS = generated(40)


@pytest.fixture
def tables() -> str:
    """Signing is reporting's."""
    return "reporting"


async def test_of_two_keys_made_at_once_the_slower_is_set_aside(
    database: Database, nats_url: str, tmp_path: Path
) -> None:
    """Two machines make a key for one log before either has claimed it: one signs, the other waits for that key.

    It has set its own aside, with which nothing was signed, and goes on as soon as the key is brought.
    """
    async with (
        machine(tmp_path / "a", database, nats_url) as one,
        machine(tmp_path / "b", database, nats_url) as two,
    ):
        one.admit(EVENTS)
        for each in (one, two):
            make_key(each)
        own = (two.keys / "logs" / "national.key").read_bytes()
        assert await one.sign() is None
        assert "bring that key here" in str(await two.sign())
        left = {path.name for path in (two.keys / "logs").glob("national.*") if not path.name.endswith(".lock")}
        (unused,) = left
        assert unused.endswith(".unused")
        assert (two.keys / "logs" / unused).read_bytes() == own
        share_keys(one, two)
        assert await two.sign() is None
        assert two.signed() == one.signed() == len(EVENTS)
        assert forked(one, two) == []
        assert len(read_public(two.keyring.public)) == len(read_public(one.keyring.public))


async def test_a_key_that_was_brought_over_another_goes_on(database: Database, nats_url: str, tmp_path: Path) -> None:
    """A key brought to where another one had only begun signs there; what that one began holds nobody to anything."""
    async with (
        machine(tmp_path / "a", database, nats_url) as one,
        machine(tmp_path / "b", database, nats_url) as two,
    ):
        one.admit(EVENTS)
        assert await one.sign() is None
        make_key(two)
        shutil.copyfile(one.keys / "logs" / "national.key", two.keys / "logs" / "national.key")
        share_keys(one, two)
        assert await two.sign() is None
        assert two.signed() == len(EVENTS)
        assert forked(one, two) == []
