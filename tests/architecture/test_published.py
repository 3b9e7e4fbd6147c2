"""Whatever starts a platform in a test, its messages are held against the contract: nothing runs where nobody looks."""

import asyncio
import re
from pathlib import Path
from uuid import uuid4

import pytest

from ksad.chassis.broker import Broker, Outgoing
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.examples import example
from ksad.contracts.positions import POSITION_HEADER
from tests.support.histories.events import message
from tests.support.platforms.published import broken_promises, platforms
from tests.support.servers.provisioned import ProvisionedBroker
from tests.support.text.source import ROOT

HERE = "tests/architecture/test_published.py"
STARTS = re.compile(
    r"\bksad\.local\.(?:machine\.platform|machine\.processes|demo)\b|\bplatforms\.(?:started|several|subscribed)\b|\"(?:up|demo)\""
)
ELSEWHERE = re.compile(r"\b(?:tempfile|mkdtemp|gettempdir|expanduser)\b|Path\.(?:home|cwd)\b")


def test_every_test_is_looked_at_and_stays_where_that_is(request: pytest.FixtureRequest) -> None:
    """The look at the end holds for all tests; no file that starts a platform has a folder that pytest did not give."""
    assert "published_as_promised" in request.fixturenames
    files = {str(file.relative_to(ROOT)): file.read_text() for file in (ROOT / "tests").rglob("*.py")}
    starting = {name: text for name, text in files.items() if STARTS.search(text) and name != HERE}
    assert {
        "tests/system/test_kills.py",
        "tests/system/test_cli_up.py",
        "tests/support/platforms/several.py",
    } <= starting.keys()
    assert [name for name, text in starting.items() if ELSEWHERE.search(text)] == []
    assert ELSEWHERE.search("Folder(Path(tempfile.mkdtemp()))")


def test_a_platform_that_breaks_its_word_is_found(tmp_path: Path) -> None:
    """Of a platform that has ended, the message is named whose headers or body are not those of the document."""
    good = message(example(DECLARATIONS["ksad.cooperation.registered.v1"]), 1)
    wrong = Outgoing(good.subject, good.raw, {"Nats-Msg-Id": str(uuid4()), POSITION_HEADER: "registry:0"})

    async def publish() -> None:
        async with Broker(broker.url, "registry", broker.folder.keys / "registry.nk") as connected:
            await connected.wait_connected()
            await connected.open_stream()
            for one in (good, wrong):
                await connected.publish(one)

    with ProvisionedBroker(tmp_path / "data") as broker:
        asyncio.run(publish())
    assert platforms(tmp_path) == []
    broker.folder.named("local")
    assert platforms(tmp_path) == [broker.folder]
    found = broken_promises(tmp_path)
    assert [one.partition(" ksad.cooperation.registered.v1: ")[0] for one in found] == [f"data {good.subject}"] * 2
    assert ["registry:0" in found[0], "Content-Type" in found[1]] == [True, True]
    (broker.folder.root / "platform").unlink()
