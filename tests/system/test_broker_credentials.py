"""Credentials of the feeds: written once for their owner only, rotated and revoked one by one while others read on."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import run

import pytest
from nats.errors import Error

from ksad.audit.feeds import subscription
from ksad.audit.feeds.follower import FeedBrokenError, HttpFeed, UnreachableError
from ksad.contracts.regions import load_text
from ksad.local.machine import provision
from ksad.local.machine.broker import reload_broker
from ksad.local.machine.folder import NoPlatformError
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
    assert provision.make_credentials(broker.folder, f"nats://127.0.0.1:{broker.port}") == []
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


LINKED = pytest.mark.fault(
    "province F1",
    kind="A change of the broker's configuration is taken for done when the signal is sent, and for whole when a key"
    " is let in.",
    looked="Revocation and rotation, one after the other and of several provinces; a province that is new to a running"
    " broker; a configuration that the server does not take.",
    found="A province that is new to a running broker had the same dead consumer until the next change of anybody's"
    " key; a reload that failed was told to nobody.",
)


@LINKED
@pytest.mark.parametrize(
    "changes", [["revoke", "rotate"], ["revoke", "revoke", "rotate"], ["revoke", "rotate", "rotate"]]
)
async def test_a_key_after_a_revocation_opens_the_feed(broker: ProvisionedBroker, changes: list[str]) -> None:
    """Whatever was taken away and given anew, with the last key the province goes on in its feed at once."""
    await broker.fill("32", "33")
    for change in changes:
        getattr(provision, change)(broker.folder, "32")
    async with broker.province("32") as again:
        assert await broker.take(again, "32") == [b"%d" % number for number in range(6)]


@LINKED
async def test_a_province_that_is_new_to_the_broker_opens_its_feed(tmp_path: Path) -> None:
    """An account that comes into a running server works at once."""
    known = tmp_path / "regions.csv"
    text = load_text()
    known.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith(("96,", "96."))))
    with ProvisionedBroker(tmp_path) as broker:
        assert not (broker.folder.feeds / "96.json").exists()
        await broker.fill("32", "96")
        known.write_text(text)
        assert provision.provision(broker.folder) == ["96"]
        async with broker.province("96") as new, broker.province("32") as old:
            assert await broker.take(new, "96") == [b"%d" % number for number in range(6)]
            assert await broker.take(old, "32", 2) == [b"0", b"1"]


@LINKED
def test_a_configuration_that_is_not_taken_is_told(broker: ProvisionedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the server goes on with the old keys, the command says so."""
    monkeypatch.setattr("ksad.local.machine.broker.RELOAD_SECONDS", 0.5)
    (broker.folder.nats / "nats.conf").write_text("{ nonsense")
    with pytest.raises(NoPlatformError, match="does not take its new configuration"):
        reload_broker(broker.folder)


async def test_a_second_consumer_on_one_credential_is_told(
    broker: ProvisionedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who follows beside another process with the same credentials hears of it once, and nobody does who is alone."""
    monkeypatch.setattr(subscription, "LOOK_AROUND_SECONDS", 0.3)
    await broker.fill("32", "33")
    said: list[str] = []

    def follow(province: str, rounds: int) -> None:
        """Follow over NATS for some rounds; what lacks there would come over HTTP, which does not answer here."""
        http = HttpFeed("http://127.0.0.1:9", province, "token", lambda _: pytest.fail("no head was asked for"))
        feed = subscription.NatsFeed(
            broker.credentials(province), province, http, lambda _: pytest.fail("nor told"), said.append
        )
        with http, feed:
            for _ in range(rounds):
                with suppress(UnreachableError, FeedBrokenError):
                    feed.read(6, 0.5)

    async with broker.province("32") as other, broker.province("33"):
        known = broker.credentials("32")
        await broker.take(other, "32")
        pulling = await other.client.jetstream(prefix=known["api_prefix"]).pull_subscribe_bind(
            known["consumer"], stream=known["stream"]
        )
        waiting = asyncio.create_task(pulling.fetch(1, timeout=20))
        await asyncio.to_thread(follow, "33", 3)
        assert said == []
        await asyncio.to_thread(follow, "32", 4)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert [one.partition(" with")[0] for one in said] == ["another process takes messages of prov_32"]


@pytest.mark.parametrize("unknown", ["00", "99", "3", "32.75"])
def test_unknown_provinces_are_refused(broker: ProvisionedBroker, unknown: str) -> None:
    """Only a province of today can be given a key or have it taken."""
    for change in (provision.rotate, provision.revoke):
        with pytest.raises(provision.UnknownProvinceError):
            change(broker.folder, unknown)
