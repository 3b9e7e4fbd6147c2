"""Provinces whose line is down, stream is wiped or key replaced, or who acknowledge nothing: all get everything."""

import asyncio
import os
import shutil
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.ledger.log.keys import read_public
from ksad.local.machine import provision
from ksad.local.machine.folder import BROKER
from ksad.local.machine.leftovers import living
from ksad.local.machine.platform import pass_days
from tests.support.platforms import following
from tests.support.platforms.published import published
from tests.support.platforms.subscribed import FIRST_DAY, Ministry
from tests.support.servers.processes import end, wait_until
from tests.support.servers.proxy import Proxy

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("feeds"), pytest.mark.timeout(240)]
SECONDS = 90


def ordered(ministry: Ministry, province: str, file: Path, **more: Any) -> dict[str, Any]:
    """What a follower of a province is told."""
    name = f"ksad/umpan/feed/{province}"
    (vkey,) = [one.vkey for one in read_public(ministry.folder.keys / "public.vkeys") if one.name == name]
    into = f"sqlite:{file}" if file.suffix == ".sqlite" else str(file)
    url, token = more.pop("url", ministry.url), ministry.token(f"feed:{province}")
    return following.order(url, province, into, vkey, token=token, **more)


@contextmanager
def followed(*orders: dict[str, Any]) -> Iterator[None]:
    """Followers for the length of a block."""
    started = [following.start(one) for one in orders]
    try:
        yield
        assert [one.poll() for one in started] == [None] * len(started)
    finally:
        for one in started:
            end(one)


@asynccontextmanager
async def taking(ministry: Ministry, province: str) -> AsyncIterator[JetStreamContext.PullSubscription]:
    """A province's consumer, bound with what it was given."""
    known, client = ministry.credentials(province), Client()
    prefix = known["inbox_prefix"].encode()
    await client.connect(known["url"], nkeys_seed_str=known["nkey_seed"], inbox_prefix=prefix)
    try:
        jetstream = client.jetstream(prefix=known["api_prefix"])
        yield await jetstream.pull_subscribe_bind(known["consumer"], stream=known["stream"])
    finally:
        await client.close()


def proven(ministry: Ministry, province: str, *files: Path) -> int:
    """Wait until all that there is now of a feed is proven in each file; how much that is."""
    size, _ = ministry.head(province)

    def sizes() -> bool:
        return all(following.proven(file) >= size for file in files)

    wait_until(sizes, seconds=SECONDS, what=f"{size} entries of {province}")
    return size


def is_whole(ministry: Ministry, province: str, wanted: dict[str, Any]) -> None:
    """What is kept is the feed, byte for byte and in order, under the root that is signed."""
    leaves, size, root = following.kept(wanted["into"])
    assert leaves == ministry.feed(province).splitlines()
    assert (size, b64encode(root).decode()) == ministry.head(province)


def a_week(ministry: Ministry) -> None:
    """Seven days pass, and on each something happens."""
    with ministry.platform.client() as client:
        for number in range(7):
            pass_days(ministry.folder, client, FIRST_DAY + timedelta(days=number))
            ministry.register("33", "35")


async def test_a_week_without_a_line(ministry: Ministry, tmp_path: Path) -> None:
    """Cut off for a week in which much happens, and back again: complete, in order, proven; over NATS and over HTTP."""
    known = ministry.credentials("33")
    files = tmp_path / "nats.sqlite", tmp_path / "http.jsonl"
    async with Proxy(urlsplit(known["url"]).port or 0) as broker, Proxy(urlsplit(ministry.url).port or 0) as web:
        url = f"http://127.0.0.1:{web.port}"
        over_nats = ordered(ministry, "33", files[0], url=url, credentials=known | {"url": broker.url})
        over_http = ordered(ministry, "33", files[1], url=url)
        with followed(over_nats, over_http):
            before = await asyncio.to_thread(proven, ministry, "33", *files)
            broker.down = web.down = True
            broker.cut()
            web.cut()
            await asyncio.to_thread(a_week, ministry)
            assert [following.rows(file) for file in files] == [before, before]
            broker.down = web.down = False
            after = await asyncio.to_thread(proven, ministry, "33", *files)

    assert after >= before + 7 * 10
    is_whole(ministry, "33", over_nats)
    is_whole(ministry, "33", over_http)


async def test_a_wiped_stream_under_a_follower(ministry: Ministry, tmp_path: Path) -> None:
    """The stream of the feeds is lost while a follower reads it: it is filled again, and the follower has each once."""
    file = tmp_path / "feed.sqlite"
    wanted = ordered(ministry, "35", file, credentials=ministry.credentials("35"))
    with followed(wanted):
        await asyncio.to_thread(proven, ministry, "35", file)
        shutil.rmtree(ministry.folder.nats / "store" / "jetstream" / "FEEDS")
        os.kill(living(ministry.folder)[BROKER].pid, signal.SIGKILL)
        await asyncio.to_thread(ministry.register, "35", "36")
        size = await asyncio.to_thread(proven, ministry, "35", file)

    is_whole(ministry, "35", wanted)

    def refilled() -> bool:
        messages = published(ministry.folder, ministry.platform.endpoints["nats"], FEEDS_STREAM)
        mine = [one for one in messages if one.subject == "ksad.feed.35.events"]
        told = [int(one.headers["Ksad-Feed-Index"]) for one in mine]
        assert told == list(range(len(told)))
        return len(mine) >= size and [one.raw for one in mine] == ministry.feed("35").splitlines()

    await asyncio.to_thread(wait_until, refilled, seconds=SECONDS, every=0.5, what="the stream filled again")


async def test_a_replaced_key_under_a_follower(ministry: Ministry, tmp_path: Path) -> None:
    """A follower whose key was replaced goes on over HTTP; with the new key the feed goes on over NATS."""
    file = tmp_path / "feed.sqlite"
    wanted = ordered(ministry, "36", file, credentials=ministry.credentials("36"))
    with followed(wanted):
        await asyncio.to_thread(proven, ministry, "36", file)
        provision.rotate(ministry.folder, "36")
        await asyncio.to_thread(ministry.register, "35", "36")
        await asyncio.to_thread(proven, ministry, "36", file)
    is_whole(ministry, "36", wanted)

    async with taking(ministry, "36") as pulling:
        assert await pulling.fetch(1, timeout=10)


async def test_who_does_not_acknowledge_slows_nobody(ministry: Ministry, tmp_path: Path) -> None:
    """While one province takes messages and acknowledges none, the other party's feed comes as ever."""
    file = tmp_path / "feed.sqlite"
    async with taking(ministry, "31") as pulling:
        await asyncio.to_thread(ministry.register, "31", "32")
        held = await pulling.fetch(5, timeout=10)
        wanted = ordered(ministry, "32", file, credentials=ministry.credentials("32"))
        with followed(wanted):
            await asyncio.to_thread(ministry.register, "31", "32", count=2)
            await asyncio.to_thread(proven, ministry, "32", file)
        is_whole(ministry, "32", wanted)
        info = await pulling.consumer_info()
        assert (info.num_ack_pending, info.config.max_ack_pending) == (len(held), 1000)
        for message in held:
            await message.ack_sync()
