"""The services' own users of the broker: each publishes its own subjects and nothing else, by any road."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.errors import Error

from ksad.local.machine.broker import new_seed
from tests.support.servers.provisioned import ProvisionedBroker

pytestmark = pytest.mark.anyio

SERVICES = ("registry", "supervision", "reporting")
ADMINISTRATION = {
    "STREAM.UPDATE.{stream}": {"name": "{stream}", "max_msgs": 1},
    "STREAM.DELETE.{stream}": {},
    "STREAM.PURGE.{stream}": {},
    "STREAM.MSG.DELETE.{stream}": {"seq": 1},
    "STREAM.CREATE.EVIL": {"name": "EVIL", "subjects": ["evil"]},
    "STREAM.RESTORE.{stream}": {},
    "STREAM.LIST": {},
}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ProvisionedBroker]:
    """The broker as `ksad up` configures it."""
    with ProvisionedBroker(tmp_path) as running:
        yield running


def foreign(user: str) -> list[str]:
    """What a user of the broker has no business to publish."""
    others = [f"ksad.log.{service}.cooperation.registered" for service in (*SERVICES, "evil") if service != user]
    outside = [] if user == "feeds" else ["ksad.feed.32.events", "ksad.checkpoint.32"]
    return [*others, *outside, f"ksad.log.{user}", "ksad.log", "ksad.evil", "_INBOX.x", "_INBOX_32.x", "$SYS.REQ.x"]


@pytest.mark.parametrize("name", [*SERVICES, "feeds"])
async def test_only_its_own_subjects(broker: ProvisionedBroker, name: str) -> None:
    """No service publishes another's facts; the feeds and their checkpoints are the publisher's alone."""
    await broker.fill("32")
    before = await broker.facts()
    async with broker.service(name) as user:
        for subject in foreign(name):
            await user.publish(subject, b"forged")
            await user.is_refused("publish", subject)

    assert await broker.facts() == before


@pytest.mark.parametrize("name", [*SERVICES, "feeds"])
async def test_nobody_administers(broker: ProvisionedBroker, name: str) -> None:
    """A service makes its stream once and reads it; it changes, empties and deletes none, and looks into none else."""
    await broker.fill("32")
    before = await broker.facts()
    stream = "KSAD_FEEDS" if name == "feeds" else "KSAD_LOG"
    other = "KSAD_LOG" if name == "feeds" else "KSAD_FEEDS"
    reading = {f"STREAM.INFO.{other}": {}, f"STREAM.MSG.GET.{other}": {"seq": 1}, f"CONSUMER.CREATE.{other}.evil": {}}
    async with broker.service(name) as user:
        for call, body in {**ADMINISTRATION, **reading}.items():
            subject = f"$JS.API.{call.format(stream=stream)}"
            await user.publish(subject, json.dumps(body).replace("{stream}", stream).encode())
            await user.is_refused("publish", subject)
        for subject in (">", "ksad.>", "$JS.>", "_INBOX_32.>", "$SYS.>"):
            await user.client.subscribe(subject)
            await user.is_refused("subscription", subject)

    assert await broker.facts() == before


@pytest.mark.parametrize("name", SERVICES)
async def test_a_consumer_that_delivers_elsewhere_reaches_nobody(broker: ProvisionedBroker, name: str) -> None:
    """Who may make consumers of the log chooses where they deliver: no subject that matters gets it."""
    await broker.fill("32")
    async with broker.province("32") as province, broker.service(name) as user:
        for heard in ("_INBOX_32.>", "ksad.checkpoint.32"):
            await province.client.subscribe(heard, cb=province.hear)
        await province.client.flush()
        before = {key: fact for key, fact in (await broker.facts()).items() if "evil" not in key}
        targets = [
            "ksad.log.supervision.task.opened",
            "ksad.log.registry.cooperation.registered",
            "ksad.feed.32.events",
            "ksad.checkpoint.32",
            "_INBOX_32.here",
            "$JS.API.STREAM.DELETE.KSAD_LOG",
            "$JS.API.STREAM.PURGE.KSAD_FEEDS",
            "JS.hub.API.CONSUMER.MSG.NEXT.KSAD_FEEDS.prov_32",
        ]
        for number, target in enumerate(targets):
            config = {"name": f"evil-{number}", "deliver_subject": target, "ack_policy": "none"}
            body = json.dumps({"stream_name": "KSAD_LOG", "config": config}).encode()
            await user.client.request(f"$JS.API.CONSUMER.CREATE.KSAD_LOG.evil-{number}", body, timeout=5)
        async with broker.service("feeds") as feeds:
            await feeds.publish("ksad.checkpoint.32", b"note")
        await province.client.flush()

        assert [message.data for message in province.heard] == [b"note"]
        assert {key: fact for key, fact in (await broker.facts()).items() if "evil" not in key} == before
        assert len(await broker.take(province, "32")) == 6


@pytest.mark.parametrize("seed", [None, new_seed()], ids=["no-key", "unknown-key"])
async def test_nobody_enters_without_a_key(broker: ProvisionedBroker, seed: str | None) -> None:
    """Without a key, or with one that was never given out, there is no connection."""
    with pytest.raises((Error, OSError)):
        async with broker.user(seed):
            pass
