"""A province with its real credentials attacks the broker as it is configured: all refused, and nobody is harmed."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ksad.local.machine.broker import account_hash
from tests.support.servers.processes import eventually
from tests.support.servers.provisioned import ProvisionedBroker

pytestmark = pytest.mark.anyio

MINE, OTHER = "32", "33"
PULL = {"durable_name": "evil", "name": "evil", "ack_policy": "explicit", "deliver_policy": "all"}
FEEDS = ["KSAD_FEEDS", "KSAD_LOG"]
API = ["$JS.API", "JS.hub.API"]
WANTS_ALL = {"batch": 10, "expires": 1_000_000_000}
BODIES = [b"", b"+ACK", b"-NAK", b"+TERM", b"+WPI", b"+NXT 5"]


@pytest.fixture(params=[False, True], ids=["first-acks", "second-acks"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProvisionedBroker]:
    """The broker as `ksad up` configures it, with either form of ack subjects."""
    with ProvisionedBroker(tmp_path, second_acks=request.param) as running:
        yield running


def calls(stream: str) -> dict[str, Any]:
    """Everything of JetStream's interface that a province has no business with, and what it would send."""
    push = {"name": "evil", "deliver_subject": f"_INBOX_{MINE}.here", "ack_policy": "none"}
    inject = {"name": "evil", "deliver_subject": "ksad.log.registry.cooperation.registered", "ack_policy": "none"}
    return {
        f"CONSUMER.MSG.NEXT.{stream}.prov_{OTHER}": WANTS_ALL,
        f"CONSUMER.INFO.{stream}.prov_{OTHER}": {},
        f"CONSUMER.MSG.NEXT.{stream}.*": WANTS_ALL,
        f"CONSUMER.CREATE.{stream}": {"stream_name": stream, "config": PULL},
        f"CONSUMER.CREATE.{stream}.evil": {"stream_name": stream, "config": push},
        f"CONSUMER.CREATE.{stream}.evil.ksad.feed.{OTHER}.events": {"stream_name": stream, "config": inject},
        f"CONSUMER.CREATE.{stream}.prov_{MINE}": {
            "stream_name": stream,
            "action": "update",
            "config": PULL | {"name": f"prov_{MINE}", "filter_subject": "ksad.feed.>"},
        },
        f"CONSUMER.DURABLE.CREATE.{stream}.evil": {"stream_name": stream, "config": PULL},
        f"CONSUMER.DELETE.{stream}.prov_{MINE}": {},
        f"CONSUMER.DELETE.{stream}.prov_{OTHER}": {},
        f"CONSUMER.PAUSE.{stream}.prov_{OTHER}": {"pause_until": "2999-01-01T00:00:00Z"},
        f"CONSUMER.RESET.{stream}.prov_{OTHER}": {"seq": 1},
        f"CONSUMER.UNPIN.{stream}.prov_{OTHER}": {"group": "x"},
        f"CONSUMER.NAMES.{stream}": {},
        f"CONSUMER.LIST.{stream}": {},
        f"STREAM.CREATE.{stream}": {"name": stream, "subjects": ["ksad.>"]},
        "STREAM.CREATE.EVIL": {"name": "EVIL", "sources": [{"name": stream}]},
        f"STREAM.UPDATE.{stream}": {"name": stream, "subjects": ["ksad.feed.>"], "max_msgs": 1},
        f"STREAM.DELETE.{stream}": {},
        f"STREAM.PURGE.{stream}": {},
        f"STREAM.INFO.{stream}": {"subjects_filter": ">"},
        f"STREAM.MSG.GET.{stream}": {"seq": 1},
        f"STREAM.MSG.DELETE.{stream}": {"seq": 1},
        f"STREAM.SNAPSHOT.{stream}": {"deliver_subject": f"_INBOX_{MINE}.here"},
        f"STREAM.RESTORE.{stream}": {"config": {"name": stream}},
        f"DIRECT.GET.{stream}": {"seq": 1},
        f"DIRECT.GET.{stream}.ksad.feed.{OTHER}.events": {},
        "STREAM.NAMES": {},
        "STREAM.LIST": {},
        "INFO": {},
    }


PUBLISHED = [
    "ksad.log.registry.cooperation.registered",
    "ksad.log.evil",
    f"ksad.feed.{MINE}.events",
    f"ksad.feed.{OTHER}.events",
    f"ksad.checkpoint.{MINE}",
    f"ksad.checkpoint.{OTHER}",
    f"_INBOX_{OTHER}.anything",
    "_INBOX.anything",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.PING.CONNZ",
    "$SYS.REQ.ACCOUNT.KSAD.CONNZ",
    "$SYS.REQ.USER.INFO",
    "$JS.FC.KSAD_FEEDS.prov_33.x",
    "anything",
]
SUBSCRIBED = [
    ">",
    "*",
    "*.>",
    "$JS.>",
    "$JS.ACK.>",
    "$JS.API.>",
    "$JS.EVENT.>",
    "JS.hub.>",
    "ksad.>",
    "ksad.log.>",
    "ksad.feed.>",
    f"ksad.feed.{MINE}.events",
    "ksad.checkpoint.>",
    "ksad.checkpoint.*",
    f"ksad.checkpoint.{OTHER}",
    "_INBOX.>",
    "_INBOX.*",
    f"_INBOX_{OTHER}.>",
    "_R_.>",
    "$SYS.>",
    "$SYS.ACCOUNT.>",
]


async def test_what_is_exported_to_a_province_is_all_it_can_call(broker: ProvisionedBroker) -> None:
    """Every other call of JetStream's interface is refused, on the feeds and on the log, under both prefixes."""
    await broker.fill(MINE, OTHER)
    before = await broker.facts()
    async with broker.province(MINE) as attacker:
        await attacker.client.subscribe(f"_INBOX_{MINE}.here", cb=attacker.hear)
        for subject, body in ((f"{api}.{call}", body) for s in FEEDS for call, body in calls(s).items() for api in API):
            await attacker.publish(subject, json.dumps(body).encode(), f"_INBOX_{MINE}.here")
            await attacker.is_refused("publish", subject)

        assert attacker.heard == []
        assert await broker.facts() == before
        assert await broker.take(attacker, MINE) == [b"%d" % number for number in range(6)]


async def test_a_province_publishes_nothing(broker: ProvisionedBroker) -> None:
    """Nothing is published into the log, into a feed, to anybody's inbox or to the system."""
    await broker.fill(MINE, OTHER)
    before = await broker.facts()
    async with broker.province(MINE) as attacker, broker.province(OTHER) as victim:
        for heard in (f"_INBOX_{OTHER}.>", f"ksad.checkpoint.{OTHER}"):
            await victim.client.subscribe(heard, cb=victim.hear)
        await victim.client.flush()
        for subject in PUBLISHED:
            await attacker.publish(subject, b"forged", f"_INBOX_{MINE}.here")
            await attacker.is_refused("publish", subject)
        await victim.client.flush()

        assert victim.heard == []
    assert await broker.facts() == before


async def test_a_province_overhears_nothing(broker: ProvisionedBroker) -> None:
    """Wildcards, others' inboxes, acks and checkpoints cannot be subscribed to; traffic of another passes unheard."""
    await broker.fill(MINE, OTHER)
    async with broker.province(MINE) as spy, broker.province(OTHER) as victim:
        for subject in SUBSCRIBED:
            await spy.client.subscribe(subject, cb=spy.hear)
            await spy.client.flush()
            await spy.is_refused("subscription", subject)
        await broker.take(victim, OTHER)
        async with broker.service("feeds") as feeds:
            await feeds.publish(f"ksad.checkpoint.{OTHER}", b"note")
        await spy.client.flush()

        assert spy.heard == []
        assert await broker.take(spy, MINE) == [b"%d" % number for number in range(6)]


async def test_every_province_is_a_witness_of_the_national_log(broker: ProvisionedBroker) -> None:
    """Signed heads of the national log are heard by each province, and told by the publisher alone."""
    subject = "ksad.checkpoint.national"
    async with broker.province(MINE) as one, broker.province(OTHER) as other, broker.service("feeds") as publisher:
        for user in (one, other):
            await user.client.subscribe(subject, cb=user.hear)
            await user.client.flush()
        await one.publish(subject, b"forged")
        await one.is_refused("publish", subject)
        await publisher.publish(subject, b"note")

        async def heard() -> bool:
            return [message.data for user in (one, other) for message in user.heard] == [b"note", b"note"]

        await eventually(heard, what="the national head at both provinces")


def foreign_acks() -> list[str]:
    """Ack subjects of the other province's consumer, plain and disguised as one's own, in both forms."""
    hashed, theirs = account_hash("FEEDS"), f"KSAD_FEEDS.prov_{OTHER}"
    own = f"KSAD_FEEDS.prov_{MINE}"
    return [
        f"$JS.ACK.{theirs}.1.7.1.1795530200166573023.4",
        f"$JS.ACK._.{hashed}.{theirs}.1.7.1.1795530200166573023.4",
        f"$JS.ACK._.{hashed}.{theirs}.1.7.1.1795530200166573023.4.token",
        f"$JS.ACK.hub.{hashed}.{theirs}.1.7.1.1795530200166573023.4",
        f"$JS.ACK.{theirs}.{own}.1.1.1",
        f"$JS.ACK.{theirs}.{own}.7.1.1",
        f"$JS.ACK.KSAD_LOG.read-1.{own}.1.1.1",
        f"$JS.ACK.*.*.{own}.1.1.1",
    ]


async def test_foreign_acks_are_refused(broker: ProvisionedBroker) -> None:
    """In neither form, with no verb, is another province's message acknowledged, put back, ended or asked for."""
    await broker.fill(MINE, OTHER)
    async with broker.province(MINE) as attacker, broker.province(OTHER) as victim:
        jetstream = victim.client.jetstream(prefix="JS.hub.API")
        pulling = await jetstream.pull_subscribe_bind(f"prov_{OTHER}", stream="KSAD_FEEDS")
        held = await pulling.fetch(2, timeout=5)
        before = await broker.facts()
        await attacker.client.subscribe(f"_INBOX_{MINE}.here", cb=attacker.hear)
        for subject, body in product(foreign_acks(), BODIES):
            attacker.refused.clear()
            await attacker.publish(subject, body, f"_INBOX_{MINE}.here")
            await attacker.is_refused("publish", subject)
        await attacker.client.flush()

        assert attacker.heard == []
        assert await broker.facts() == before
        for message in held:
            await message.ack_sync()
        assert await broker.take(victim, OTHER, 4) == [b"2", b"3", b"4", b"5"]


async def test_own_feed_in_either_form(broker: ProvisionedBroker) -> None:
    """With its credentials a province looks at its own consumer, takes its feed, puts back and acknowledges."""
    await broker.fill(MINE, OTHER)
    async with broker.province(MINE) as user:
        jetstream = user.client.jetstream(prefix="JS.hub.API")
        pulling = await jetstream.pull_subscribe_bind(f"prov_{MINE}", stream="KSAD_FEEDS")
        (first,) = await pulling.fetch(1, timeout=5)
        await first.nak()
        await pulling.unsubscribe()
        taken = await broker.take(user, MINE)
        info = await jetstream.consumer_info("KSAD_FEEDS", f"prov_{MINE}")

        assert sorted(taken) == [b"%d" % number for number in range(6)]
        assert (info.num_ack_pending, info.num_pending) == (0, 0)
        assert user.refused == []
