"""Credentials of the feeds: written once for their owner only, rotated and revoked one by one while others read on."""

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import pytest
from nats.errors import Error

from ksad.local.machine import provision
from ksad.local.machine.offices import provinces
from tests.support.servers.processes import eventually, wait_until
from tests.support.servers.provisioned import ProvisionedBroker

pytestmark = pytest.mark.anyio


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ProvisionedBroker]:
    """The broker as `ksad up` configures it."""
    with ProvisionedBroker(tmp_path) as running:
        yield running


async def enters(broker: ProvisionedBroker, seed: str) -> bool:
    """Whether the broker lets somebody with this seed in."""
    try:
        async with broker.user(seed):
            return True
    except (Error, OSError):
        return False


def test_every_province_has_its_own(broker: ProvisionedBroker) -> None:
    """All provinces of today, from the data, each with a key of its own that only the owner of the files may read."""
    files = sorted(broker.folder.feeds.glob("*.json"))

    assert [file.stem for file in files] == sorted(provinces())
    assert len(files) == 38
    assert len({json.loads(file.read_text())["nkey_seed"] for file in files}) == 38
    private = [*files, *broker.folder.keys.glob("*.nk"), broker.folder.nats / "nats.conf"]
    assert {oct(file.stat().st_mode & 0o777) for file in private} == {"0o600"}


def test_provision_makes_only_what_is_missing(broker: ProvisionedBroker) -> None:
    """Run again, it changes no key; a province whose file is gone gets another."""
    before = {file.name: file.read_text() for file in broker.folder.feeds.iterdir()}
    assert provision.make_credentials(broker.folder, broker.port) == []
    assert before == {file.name: file.read_text() for file in broker.folder.feeds.iterdir()}

    (broker.folder.feeds / "32.json").unlink()
    assert provision.provision(broker.folder) == ["32"]
    wait_until(broker.reloads, what="the broker has taken it over")


def test_keys_are_not_in_the_configuration(broker: ProvisionedBroker) -> None:
    """The broker is given public keys only, so its configuration, log and command line hold no secret."""
    seeds = [json.loads(file.read_text())["nkey_seed"] for file in broker.folder.feeds.glob("*.json")]
    seeds += [file.read_text().strip() for file in broker.folder.keys.glob("*.nk")]
    told = [(broker.folder.nats / "nats.conf").read_text(), (broker.folder.logs / "nats-server.log").read_text()]
    told.append(run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout)

    assert [seed for seed in seeds if any(seed in text for text in told)] == []


async def test_rotation_touches_one_province(broker: ProvisionedBroker) -> None:
    """The old key is refused from then on, the new one goes on in the feed, and others' connections stay."""
    await broker.fill("32", "33")
    old = broker.credentials("32")["nkey_seed"]
    async with broker.province("33") as other, broker.province("32") as cut:
        assert len(await broker.take(cut, "32", 2)) == 2
        provision.rotate(broker.folder, "32")

        async def refused() -> bool:
            return not await enters(broker, old)

        async def closed() -> bool:
            return cut.client.is_closed

        await eventually(refused, what="the old key is refused")
        await eventually(closed, what="the old connection is cut")
        assert await broker.take(other, "33") == [b"%d" % number for number in range(6)]
        assert other.client.is_connected
    async with broker.province("32") as fresh:
        assert await broker.take(fresh, "32", 4) == [b"2", b"3", b"4", b"5"]


async def test_revocation_touches_one_province(broker: ProvisionedBroker) -> None:
    """A revoked key is refused, provisioning gives no other, rotation does; others' connections stay."""
    await broker.fill("32", "33")
    old = broker.credentials("32")["nkey_seed"]
    async with broker.province("33") as other:
        provision.revoke(broker.folder, "32")

        async def refused() -> bool:
            return not await enters(broker, old)

        await eventually(refused, what="the revoked key is refused")
        assert provision.provision(broker.folder) == []
        assert not (broker.folder.feeds / "32.json").exists()
        assert await broker.take(other, "33", 3) == [b"0", b"1", b"2"]
        provision.rotate(broker.folder, "32")

        async def entered() -> bool:
            return await enters(broker, broker.credentials("32")["nkey_seed"])

        await eventually(entered, what="the new key is let in")
        assert await broker.take(other, "33", 3) == [b"3", b"4", b"5"]


@pytest.mark.parametrize("unknown", ["00", "99", "3", "32.75"])
def test_unknown_provinces_are_refused(broker: ProvisionedBroker, unknown: str) -> None:
    """Only a province of today can be given a key or have it taken."""
    for change in (provision.rotate, provision.revoke):
        with pytest.raises(provision.UnknownProvinceError):
            change(broker.folder, unknown)
