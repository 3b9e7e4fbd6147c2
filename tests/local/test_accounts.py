"""The broker's accounts for several machines: services use streams, users of provisioning make them."""

import asyncio
from pathlib import Path

from ksad.chassis.broker import Broker, UnavailableError
from ksad.local.cluster.streams import provision
from ksad.local.machine.folder import Folder
from ksad.local.settings import ProvisioningSettings
from tests.support.platforms.command import ksad
from tests.support.servers.nats import NatsServer


def keys(folder: Folder) -> dict[str, str]:
    """All keys in a folder, by file."""
    found = [*folder.keys.glob("*.nk"), *folder.feeds.glob("*.json"), folder.feeds_seed]
    return {path.name: path.read_text() for path in found}


async def opened(url: str, seed: Path) -> str:
    """What a service is told that opens the log as on one machine, where it makes what is missing."""
    async with Broker(url, "registry", seed) as broker:
        await broker.wait_connected()
        try:
            await broker.open_stream()
        except UnavailableError as error:
            return str(error)
    return ""


def test_services_make_no_stream_and_provisioners_do(tmp_path: Path) -> None:
    """A server takes the file as it is; called again the command changes no key, and makes one that was deleted."""
    folder = Folder(tmp_path / "broker")
    call = ("cluster", "accounts", folder.root, "--feeds-url", "tls://nats.example:4222", "--json")
    written = Path(ksad(*call).json["accounts"])
    made, text = keys(folder), written.read_text()
    assert len(made) == 3 + 2 + 1 + 38
    assert not written.stat().st_mode & 0o077
    with NatsServer(tmp_path / "nats", extra=text) as server:
        assert asyncio.run(opened(server.url, folder.keys / "registry.nk"))
        seeds = {
            "nats_nkey_seed_file": folder.keys / "provision.nk",
            "provision_feeds_nkey_seed_file": folder.keys / "provision-feeds.nk",
        }
        done = asyncio.run(provision(ProvisioningSettings.model_validate({"nats_url": server.url, **seeds})))
        assert {one.stream for one in done} == {"KSAD_LOG", "KSAD_HEADS", "KSAD_FEEDS"}
        assert asyncio.run(opened(server.url, folder.keys / "registry.nk")) == ""
    ksad(*call)
    assert (keys(folder), written.read_text()) == (made, text)
    (folder.keys / "registry.nk").unlink()
    ksad(*call)
    assert {name for name, seed in keys(folder).items() if made[name] != seed} == {"registry.nk"}


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    """Nothing is overwritten."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "registry.nk").write_text("kunci")
    answer = ksad("cluster", "accounts", tmp_path, "--feeds-url", "tls://nats.example:4222")
    assert answer.code == 1
    assert "registry.nk holds no key of the broker" in answer.err
