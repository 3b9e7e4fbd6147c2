"""A province that takes messages and acknowledges none: the broker holds it back, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError

from ksad.chassis.broker import Broker
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.publisher import Publisher
from ksad.reporting.journal import Journal
from tests.support.histories.histories import admit, generated
from tests.support.servers.processes import eventually
from tests.support.servers.provisioned import ProvisionedBroker
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio
PROVINCES = "33", "34"
EVENTS = 2_200
UNACKNOWLEDGED_MAX = 1_000
SECONDS = 30
PATIENCE_SECONDS = 0.5
"""How long a province asks for a message that does not come."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ProvisionedBroker]:
    """The broker, with the credentials that `ksad feeds provision` makes."""
    with ProvisionedBroker(tmp_path / "platform") as running:
        yield running


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Feeds]:
    """The feeds of a generated history in which both provinces have a part."""
    with opened(f"sqlite:///{tmp_path / 'reporting.sqlite'}", "reporting") as database:
        journal = Journal(database)
        made = Feeds(database, journal)
        admit(journal, generated(EVENTS, codes=("33.72", "33.11", "34.71", "34.02")))
        while made.step():
            pass
        yield made


def leaves(feeds: Feeds, province: str) -> list[bytes]:
    """All of a feed."""
    with feeds.database.read() as connection:
        return feeds.leaves(connection, province, 0, EVENTS)


@asynccontextmanager
async def publishing(broker: ProvisionedBroker, feeds: Feeds) -> AsyncIterator[None]:
    """Reporting's publisher at work, with its own key; it makes the consumers."""
    stop = asyncio.Event()
    async with Broker(broker.url, "feeds", broker.folder.feeds_seed) as connected:
        await connected.wait_connected()
        publisher = Publisher(feeds, connected, lambda log: f"ksad/test/{log}", PROVINCES)
        running = asyncio.create_task(publisher.run(stop))
        try:
            yield
        finally:
            stop.set()
            await running


@asynccontextmanager
async def pulling(broker: ProvisionedBroker, province: str) -> AsyncIterator[JetStreamContext.PullSubscription]:
    """A province at its consumer."""
    known = broker.credentials(province)
    async with broker.province(province) as user:
        jetstream = user.client.jetstream(prefix=known["api_prefix"])
        yield await jetstream.pull_subscribe_bind(known["consumer"], stream=known["stream"])


async def taken(pull: JetStreamContext.PullSubscription, count: int, *, acknowledged: bool = False) -> list[Msg]:
    """So many messages that the broker gives a province."""
    found: list[Msg] = []
    while len(found) < count:
        messages = await pull.fetch(min(500, count - len(found)), timeout=SECONDS)
        found += messages
        if acknowledged:
            for message in messages:
                await message.ack()
    return found


async def waiting(pull: JetStreamContext.PullSubscription, count: int) -> bool:
    """Whether so many messages wait for a province, once the publisher has made its consumer."""
    with suppress(NotFoundError):
        return (await pull.consumer_info()).num_pending == count
    return False


async def nothing_comes(pull: JetStreamContext.PullSubscription) -> None:
    """The broker gives a province nothing."""
    with pytest.raises(TimeoutError):
        await pull.fetch(1, timeout=PATIENCE_SECONDS)


def indices(messages: list[Msg]) -> list[int]:
    """The places of messages in the feed, as they tell them."""
    return [int((message.headers or {})["Ksad-Feed-Index"]) for message in messages]


async def test_more_than_a_thousand_unacknowledged(broker: ProvisionedBroker, feeds: Feeds) -> None:
    """A province gets a thousand and no more, others get all; given back they come again, then the rest."""
    whole, others = leaves(feeds, "33"), leaves(feeds, "34")
    assert min(len(whole), len(others)) > UNACKNOWLEDGED_MAX
    async with publishing(broker, feeds), pulling(broker, "33") as slow, pulling(broker, "34") as quick:
        await eventually(lambda: waiting(slow, len(whole)), seconds=SECONDS, what="the whole feed in the stream")
        held = await taken(slow, UNACKNOWLEDGED_MAX)
        await nothing_comes(slow)
        info = await slow.consumer_info()
        assert (info.num_ack_pending, info.num_pending) == (UNACKNOWLEDGED_MAX, len(whole) - UNACKNOWLEDGED_MAX)
        assert [one.data for one in await taken(quick, len(others), acknowledged=True)] == others

        for message in held:
            await message.nak()
        again = await taken(slow, UNACKNOWLEDGED_MAX)
        await nothing_comes(slow)
        assert indices(again) == indices(held) == list(range(UNACKNOWLEDGED_MAX))

        for message in again:
            await message.ack()
        rest = await taken(slow, len(whole) - UNACKNOWLEDGED_MAX)
        assert [one.data for one in (*again, *rest)] == whole
        assert indices(rest) == list(range(UNACKNOWLEDGED_MAX, len(whole)))
