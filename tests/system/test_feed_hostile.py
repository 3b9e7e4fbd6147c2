"""`ksad feed follow` against a hostile ministry, over HTTP and NATS: it names the index and keeps nothing wrong."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ksad.audit.feeds import follower
from ksad.audit.feeds.kept import SqliteKept
from ksad.chassis.broker import Broker, Outgoing
from ksad.chassis.terminal import Exit
from ksad.contracts.asyncapi import FEEDS_STREAM
from ksad.ledger.log.keys import Validity
from ksad.ledger.log.tree import leaf_hash
from ksad.local.__main__ import app
from ksad.reporting.checkpoints.keys import write_public
from tests.support.histories.histories import generated
from tests.support.platforms.ministry import ORIGIN, PATH, Ministry
from tests.support.servers import node
from tests.support.servers.processes import wait_until
from tests.support.servers.provisioned import ProvisionedBroker

LEAVES = [envelope.to_bytes() for envelope in generated(40)]
ALTERED = [*LEAVES[:20], LEAVES[20].replace(b"T", b"t"), *LEAVES[21:]]
REORDERED = [*LEAVES[:20], LEAVES[21], LEAVES[20], *LEAVES[22:]]
DOUBLED = [*LEAVES[:20], LEAVES[19], *LEAVES[20:]]
OMITTED = [*LEAVES[:20], *LEAVES[21:]]
Message = tuple[int | str, bytes, bytes]
Send = Callable[[list[Message]], None]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ProvisionedBroker]:
    """The broker as `ksad up` configures it."""
    with ProvisionedBroker(tmp_path / "platform") as running:
        yield running


@pytest.fixture
def ministry(broker: ProvisionedBroker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ministry]:
    """The platform's HTTP side, whose public key the province has pinned."""
    monkeypatch.setattr(follower, "PATIENCE_SECONDS", 0.5)
    with Ministry(LEAVES) as running:
        endpoints = {"nats": broker.url, "reporting": running.url, "tokens": {"feed:32": "token"}}
        broker.folder.endpoints.write_text(json.dumps(endpoints))
        write_public(broker.folder.keys / "public.vkeys", {running.key.verifier: Validity()})
        yield running


def follow(broker: ProvisionedBroker, over: str) -> Result:
    """The command, once."""
    into = f"sqlite:{broker.folder.root / 'feed.sqlite'}"
    data_dir = str(broker.folder.root)
    arguments = ["feed", "follow", "--province", "32", "--into", into, "--data-dir", data_dir]
    result = CliRunner().invoke(app, [*arguments, "--over", over, "--once"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def kept(broker: ProvisionedBroker) -> list[bytes]:
    """What the province has."""
    opened = SqliteKept(broker.folder.root / "feed.sqlite")
    leaves = list(opened.leaves(0, opened.tip().size))
    opened.close()
    return leaves


@pytest.fixture
def send(broker: ProvisionedBroker) -> Send:
    """Publishes messages into the feed of 32: the index and bytes that they claim, and the bytes they carry."""

    async def publish(messages: list[Message]) -> None:
        async with Broker(broker.url, "feeds", broker.folder.feeds_seed) as connected:
            await connected.wait_connected()
            await connected.open_stream(FEEDS_STREAM, "ksad.feed.>")
            await connected.open_consumer(FEEDS_STREAM, "prov_32", "ksad.feed.32.events")
            for index, claimed, raw in messages:
                headers = {"Ksad-Feed-Index": str(index), "Ksad-Leaf-Hash": leaf_hash(claimed).hex()}
                headers["Ksad-Origin"] = ORIGIN
                await connected.publish(Outgoing("ksad.feed.32.events", raw, headers))

    return lambda messages: asyncio.run(publish(messages))


def consistent(leaves: list[bytes]) -> list[Message]:
    """Messages whose headers fit their bodies, numbered one after the other."""
    return [(index, raw, raw) for index, raw in enumerate(leaves)]


@pytest.mark.parametrize(
    ("served", "told"),
    [
        pytest.param(OMITTED, "index 20 was omitted", id="omitted"),
        pytest.param(DOUBLED, "index 20 was doubled", id="doubled"),
        pytest.param(REORDERED, "index 20 was reordered", id="reordered"),
        pytest.param(ALTERED, "index 20 was altered", id="altered"),
    ],
)
@pytest.mark.parametrize("over", ["http", "nats"])
def test_lies_are_found_on_either_road(
    broker: ProvisionedBroker, ministry: Ministry, send: Send, over: str, served: list[bytes], told: str
) -> None:
    """Bodies and headers that fit each other, but not the signed head: the index is told and nothing of it is kept."""
    send(consistent(served))
    ministry.leaves = served

    result = follow(broker, over)

    assert result.exit_code == Exit.DIFFERENT
    assert told in result.stderr
    assert kept(broker) == []


def test_the_honest_feed_on_either_road(broker: ProvisionedBroker, ministry: Ministry, send: Send) -> None:
    """An honest feed is taken over NATS, and over HTTP from there on, each entry once."""
    send(consistent(LEAVES[:30]))
    ministry.sign(LEAVES[:30])
    ministry.leaves = []
    assert follow(broker, "nats").exit_code == Exit.DONE
    assert kept(broker) == LEAVES[:30]
    ministry.leaves = LEAVES
    ministry.sign(LEAVES)

    assert follow(broker, "http").exit_code == Exit.DONE
    assert kept(broker) == LEAVES


def test_a_body_that_is_not_its_hash(broker: ProvisionedBroker, ministry: Ministry, send: Send) -> None:
    """Over NATS a body that differs from its own leaf hash is found at once, without any head."""
    send([(index, raw, ALTERED[index]) for index, raw in enumerate(LEAVES)])

    result = follow(broker, "nats")

    assert (result.exit_code, kept(broker)) == (Exit.DIFFERENT, [])
    assert "index 20 was altered" in result.stderr


@pytest.mark.parametrize("index", ["", "-1", "2_0", "x" * 100])
def test_an_index_that_is_no_number(broker: ProvisionedBroker, ministry: Ministry, send: Send, index: str) -> None:
    """Over NATS a message that does not say which entry it is ends the following with a sentence."""
    send([(index, LEAVES[0], LEAVES[0])])

    result = follow(broker, "nats")

    assert (result.exit_code, kept(broker)) == (Exit.DIFFERENT, [])
    assert "a message says no index" in result.stderr


@pytest.mark.parametrize("honest_http", [True, False])
def test_a_gap_over_nats(broker: ProvisionedBroker, ministry: Ministry, send: Send, honest_http: bool) -> None:
    """An index that is missing over NATS comes over HTTP; where HTTP has it not either, it is told which."""
    send([message for message in consistent(LEAVES) if message[0] != 20])
    if not honest_http:
        ministry.leaves = LEAVES[:20]

    result = follow(broker, "nats")

    if honest_http:
        assert (result.exit_code, kept(broker)) == (Exit.DONE, LEAVES)
    else:
        assert result.exit_code == Exit.DIFFERENT
        assert "index 20 was omitted" in result.stderr


def test_repeats_and_disorder_over_nats_are_mended(broker: ProvisionedBroker, ministry: Ministry, send: Send) -> None:
    """Messages that come twice or early change nothing: the index says where they belong."""
    messages = consistent(LEAVES)
    send([*messages[:20], *messages[15:25], messages[39], *messages[25:], *messages])

    result = follow(broker, "nats")

    assert (result.exit_code, kept(broker)) == (Exit.DONE, LEAVES)


def test_a_rewind_over_nats(broker: ProvisionedBroker, ministry: Ministry, send: Send) -> None:
    """Whoever begins anew after the consumer has given everything gets it all the same, and then what is new."""
    send(consistent(LEAVES[:30]))
    ministry.leaves = LEAVES[:30]
    ministry.sign(LEAVES[:30])
    assert follow(broker, "nats").exit_code == Exit.DONE
    for file in broker.folder.root.glob("feed.sqlite*"):
        file.unlink()

    assert follow(broker, "nats").exit_code == Exit.DONE
    assert kept(broker) == LEAVES[:30]
    for file in broker.folder.root.glob("feed.sqlite*"):
        file.unlink()
    send(consistent(LEAVES)[30:])
    ministry.leaves = LEAVES
    ministry.sign(LEAVES)
    assert follow(broker, "nats").exit_code == Exit.DONE
    assert kept(broker) == LEAVES


def test_no_broker_and_no_platform(broker: ProvisionedBroker, ministry: Ministry) -> None:
    """Without a stream the feed comes over HTTP; a revoked province is told so; an unknown key file has no key."""
    assert follow(broker, "nats").exit_code == Exit.DONE
    assert kept(broker) == LEAVES
    (broker.folder.feeds / "32.json").unlink()
    assert follow(broker, "nats").exit_code == Exit.REFUSED
    (broker.folder.keys / "public.vkeys").write_text(
        (broker.folder.keys / "public.vkeys").read_text().replace("feed/32", "feed/33")
    )
    assert follow(broker, "http").exit_code == Exit.REFUSED


def without(index: int) -> list[Message]:
    """An honest feed but for one entry, whose index nobody else has."""
    return [message for message in consistent(LEAVES) if message[0] != index]


@pytest.mark.xdist_group("feeds")
@pytest.mark.parametrize(
    ("sent", "served", "told"),
    [
        pytest.param(without(20), LEAVES, '"proven":40', id="gap"),
        pytest.param(without(20), LEAVES[:20], "index 20 is missing", id="omitted"),
        pytest.param([*zip(range(40), LEAVES, ALTERED, strict=True)], LEAVES, "index 20 was altered", id="body"),
        pytest.param(consistent(ALTERED), ALTERED, "an entry of [0, 40) was omitted, doubled, reor", id="altered"),
    ],
)
def test_a_client_of_sixty_lines_finds_lies_too(
    broker: ProvisionedBroker,
    ministry: Ministry,
    send: Send,
    workplace: Path,
    sent: list[Message],
    served: list[bytes],
    told: str,
) -> None:
    """The page's Node.js client fills a gap over HTTP, and ends when an entry is withheld, omitted or altered."""
    send(sent)
    ministry.leaves = served
    given = broker.folder.feeds / "32.json", broker.folder.keys / "public.vkeys", f"{ministry.url}{PATH}"

    into = broker.folder.root / "feed.jsonl"
    done, said = node.follow(workplace, *given, into, token="token", enough=len(LEAVES))

    assert (done, told in said) == ("proven" in told, True), said
    if done:
        assert into.read_bytes() == b"".join(leaf + b"\n" for leaf in LEAVES)


@pytest.mark.xdist_group("feeds")
def test_a_client_of_sixty_lines_does_not_go_back(
    broker: ProvisionedBroker, ministry: Ministry, send: Send, workplace: Path
) -> None:
    """A head over less than what the Node.js client has proven already ends it."""
    send(consistent(LEAVES))
    given = broker.folder.feeds / "32.json", broker.folder.keys / "public.vkeys", f"{ministry.url}{PATH}"
    into = broker.folder.root / "feed.jsonl"

    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(node.follow, workplace, *given, into, token="token", enough=len(LEAVES) + 1)
        wait_until(into.with_name("feed.jsonl.checkpoint").exists, what="a proven head")
        ministry.sign(LEAVES[:30])
        done, said = ending.result()

    assert (done, "the log went back from 40 to 30" in said) == (False, True), said
    assert into.read_bytes() == b"".join(leaf + b"\n" for leaf in LEAVES)
