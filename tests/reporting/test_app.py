"""Reporting as one app: what its parts tell one another, so that none has to look by itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.broker import Broker
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import DayPassed
from ksad.reporting.app import build
from ksad.reporting.settings import ReportingSettings
from tests.support.forgers.audited import made
from tests.support.histories.events import message
from tests.support.histories.histories import registered
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

DAY = date(2026, 1, 5)
MOMENT = datetime(2026, 1, 5, 3, tzinfo=UTC)


@contextmanager
def served(folder: Path, nats_url: str) -> Iterator[TestClient]:
    """Reporting with a folder of its own."""
    folders = {"documents_dir": folder / "documents", "keys_dir": folder / "keys", "issuer_keys_dir": folder / "issuer"}
    url = at(f"sqlite:///{folder / 'reporting.sqlite'}", "reporting")
    common = {"database_url": url, "nats_url": nats_url, "platform": "test"}
    with TestClient(build(ReportingSettings.model_validate({**common, **folders}))) as client:
        yield client


async def tell(nats_url: str) -> None:
    """The log has a registration, and the day that passed after it."""
    subject = f"cooperation/{cooperation_id('satu')}"
    facts = [
        made(registered("satu", ("33", "34")), subject, 1, MOMENT),
        made(DayPassed(day=DAY), "calendar/days", 1, MOMENT),
    ]
    async with Broker(nats_url, "registry") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch([message(one, at) for at, one in enumerate(facts, 1)], "ksad.log.registry.>", 0)


def test_a_day_is_anchored_as_soon_as_the_feeds_have_seen_it(
    tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who grew the feeds tells those who anchor them: nobody waits until they look by themselves."""
    monkeypatch.setattr("ksad.reporting.pipeline.POLL_SECONDS", 600)
    with served(tmp_path, nats_url) as client:
        wait_until(lambda: client.get("/readyz").is_success, what="reporting")
        asyncio.run(tell(nats_url))
        app: Any = client.app
        wait_until(lambda: app.parts.store.head() == 1, what="the anchor")
        wait_until(lambda: not app.parts.anchors.pending(), what="the end of the step that made it")


def test_what_never_changes_is_fetched_once(tmp_path: Path, nats_url: str) -> None:
    """A tile may be kept for ever; the newest head is asked for again, and sent again only when there is another."""
    with served(tmp_path, nats_url) as client:
        asyncio.run(tell(nats_url))
        app: Any = client.app
        wait_until(lambda: app.parts.checkpoints.signed_size() >= 2, what="a signed head")
        tile, head = client.get("/tile/0/000.p/2"), client.get("/checkpoint")
        assert (len(tile.content), tile.headers["cache-control"]) == (64, "public, max-age=31536000, immutable")
        assert head.headers["cache-control"] == "no-cache"
        for path, known in (("/tile/0/000.p/2", tile), ("/checkpoint", head)):
            again = client.get(path, headers={"If-None-Match": f'"other", W/{known.headers["etag"]}'})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == known.headers["etag"]
            assert "content-type" not in again.headers
            assert client.get(path, headers={"If-None-Match": '"other"'}).content == known.content
