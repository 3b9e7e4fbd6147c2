"""Provinces that write their own client: from the page and the contracts alone, over NATS and over HTTP."""

import asyncio
import gzip
import json
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import orjson
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from tests.support.platforms.published import Contract
from tests.support.platforms.subscribed import Ministry
from tests.support.servers.processes import eventually
from tests.support.text.source import ROOT

pytestmark = pytest.mark.xdist_group("feeds")


@pytest.mark.fault(
    "province F9",
    kind="A reader that is ahead of what is there waits without being told.",
    looked="Pages of a feed, its hashes, signed heads that go back; what docs/subscribing.md says of an empty answer.",
    found="nothing more; that such an answer is no error stays, and every answer tells the feed's size",
)
def test_a_page_at_a_time_is_the_whole(ministry: Ministry) -> None:
    """Whatever the pages, `after` goes on exactly where the last line ended; headers tell index, size and log."""
    whole = ministry.feed("33")
    taken: list[bytes] = []
    while True:
        answer = ministry.get("/feeds/33", "feed:33", after=len(taken), limit=7)
        told = {name: answer.headers[name] for name in ("Ksad-Feed-Index", "Ksad-Feed-Size", "Ksad-Origin")}
        size = str(len(whole.splitlines()))
        assert told == {"Ksad-Feed-Index": str(len(taken)), "Ksad-Feed-Size": size, "Ksad-Origin": "ksad/umpan/feed/33"}
        lines = answer.content.splitlines(keepends=True)
        if not lines:
            break
        taken += lines

    assert b"".join(taken) == whole
    beyond = ministry.get("/feeds/33", "feed:33", after=10**9)
    assert (beyond.content, beyond.headers["Ksad-Feed-Size"]) == (b"", str(len(taken)))
    assert ministry.head("33")[0] == len(taken)


def test_compressed_is_the_same(ministry: Ministry) -> None:
    """Asked for gzip the answer is a gzip file of the same bytes, less than a third of them; without, it is plain."""
    headers = {"Authorization": f"Bearer {ministry.token('feed:33')}"}
    with httpx.Client(base_url=ministry.url, headers=headers, trust_env=False) as http:
        with http.stream("GET", "/feeds/33", headers={"Accept-Encoding": "gzip"}) as answer:
            packed = b"".join(answer.iter_raw())
            assert answer.headers["Content-Encoding"] == "gzip"
        with http.stream("GET", "/feeds/33", headers={"Accept-Encoding": "identity"}) as answer:
            plain = b"".join(answer.iter_raw())
            assert "Content-Encoding" not in answer.headers
            assert answer.headers["Vary"] == "Accept-Encoding"

    assert gzip.decompress(packed) == plain == ministry.feed("33")
    assert len(packed) < len(plain) / 3


def test_a_waiting_reader_is_answered_when_there_is_something(ministry: Ministry) -> None:
    """A long poll holds until the feed grows, and answers with the new fact; it ends empty when its time is over."""
    size = ministry.head("31")[0] if ministry.known("31") else 0
    begun = time.monotonic()
    assert ministry.get("/feeds/31", "feed:31", after=size, wait=0.5).content == b""
    assert time.monotonic() - begun >= 0.5
    answers: list[httpx.Response] = []

    def wait() -> None:
        answers.append(ministry.get("/feeds/31", "feed:31", after=size, wait=30))

    waiting = threading.Thread(target=wait)
    waiting.start()
    begun = time.monotonic()
    ministry.register("31", "36")
    waiting.join(30)

    first = orjson.loads(answers[0].content.splitlines()[0])
    assert (first["type"], first["data"]["parties"]) == ("ksad.cooperation.registered.v1", ["31", "36"])
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("path", ["/feeds/33", "/feeds/33/hashes"])
def test_a_feed_is_read_by_its_own(ministry: Ministry, path: str) -> None:
    """A province's feed key, Governor and TKKSD read their own feed, the ministry all, others and regions none."""
    expected = {
        "feed:33": 200,
        "governor:33": 200,
        "tkksd:33": 200,
        "auditor": 200,
        "minister": 200,
        "operator": 200,
        "feed:34": 403,
        "governor:34": 403,
        "tkksd:34": 403,
        "region:33.72": 403,
        "region:34": 403,
        None: 401,
    }

    assert {office: ministry.get(path, office, limit=1).status_code for office in expected} == expected


def test_heads_need_no_token(ministry: Ministry) -> None:
    """The signed head is for everybody; before anything is signed there is none, and an unknown province has none."""
    assert ministry.get("/feeds/33/checkpoint").status_code == 200
    assert ministry.get("/feeds/94/checkpoint").status_code == 404
    assert ministry.get("/feeds/00/checkpoint").status_code == 422


@pytest.mark.anyio
async def test_the_document_is_true_of_the_broker(ministry: Ministry) -> None:
    """What the AsyncAPI document tells of streams and consumers is how the running broker has them."""
    channels = json.loads((ROOT / "contracts" / "schemas" / "asyncapi.json").read_text())["channels"]
    told = channels["feed"]["x-nats-jetstream"]
    consumer = {name: str(value).replace("{province}", "33") for name, value in told["consumer"].items()}
    async with ministry.connected("33") as client:
        jetstream = client.jetstream(prefix=consumer["apiPrefix"])
        config = (await jetstream.consumer_info(told["stream"], consumer["name"])).config

    assert {
        "filterSubject": config.filter_subject,
        "ackPolicy": config.ack_policy,
        "ackWaitSeconds": str(int(config.ack_wait or 0)),
        "maxAckPending": str(config.max_ack_pending),
        "deliverPolicy": config.deliver_policy,
    }.items() <= consumer.items()
    for channel, key in (("feed", "feeds"), ("log_reporting", "reporting")):
        stated = channels[channel]["x-nats-jetstream"]
        found = await stream_of(ministry, stated["stream"], key)
        assert found == {name: stated[name] for name in found}


async def stream_of(ministry: Ministry, stream: str, key: str) -> dict[str, Any]:
    """A stream's settings, under the document's names."""
    client = Client()
    seed = ministry.folder.keys / f"{key}.nk"
    await client.connect(ministry.platform.endpoints["nats"], nkeys_seed=str(seed))
    try:
        answer = json.loads((await client.request(f"$JS.API.STREAM.INFO.{stream}", b"", timeout=10)).data)["config"]
    finally:
        await client.close()
    return {
        "subjects": answer["subjects"],
        "storage": answer["storage"],
        "retention": answer["retention"],
        "allowAtomic": answer["allow_atomic"],
        "duplicateWindowSeconds": answer["duplicate_window"] // 10**9,
    }


@pytest.mark.anyio
async def test_signed_heads_are_told_as_the_document_says(ministry: Ministry) -> None:
    """Each head of a feed that grows is told to whoever listens: a signed note without headers, the newest last."""
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    async with ministry.connected("33") as client:
        await client.subscribe("ksad.checkpoint.33", cb=hear)
        await client.flush()
        await asyncio.to_thread(ministry.register, "33", "36")
        size, root = ministry.head("33")

        async def newest() -> bool:
            return bool(heard) and heard[-1].data.decode().split("\n")[1:3] == [str(size), root]

        await eventually(newest, seconds=30, what="the newest head")

    contract = Contract()
    assert [contract.faults(one.subject, one.headers or {}, one.data) for one in heard] == [[]] * len(heard)


def test_a_follower_loads_nothing_of_the_server() -> None:
    """What a province runs needs no database of ours, no web framework and no service's code."""
    found = subprocess.run(
        [sys.executable, "-c", "import ksad.audit.feeds.command, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert {"sqlalchemy", "fastapi", "ksad.chassis", "eventsourcing", "pydantic"}.isdisjoint(found.stdout.split())
