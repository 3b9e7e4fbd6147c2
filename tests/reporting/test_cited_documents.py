"""A province reads the documents that facts of its own feed cite, and no others."""

import asyncio
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.broker import Broker
from ksad.chassis.documents import Documents
from ksad.contracts import registry
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import cooperation_id
from ksad.reporting.app import build
from ksad.reporting.settings import ReportingSettings
from tests.support.forgers.audited import made
from tests.support.histories.events import message
from tests.support.histories.histories import registered
from tests.support.histories.newest import fact_of
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

MOMENT = datetime(2026, 1, 5, 3, tzinfo=UTC)
PAPER, OTHER = b"%PDF-1.7 naskah", b"%PDF-1.7 naskah lain"


def facts(kept: Documents) -> list[Envelope]:
    """Two cooperations, each with an agreement that cites its document."""
    found = []
    for key, parties, content in (("satu", ("33.72", "33.11"), PAPER), ("dua", ("32.75", "32.04"), OTHER)):
        subject = f"cooperation/{cooperation_id(key)}"
        signed = fact_of(
            registry.AgreementSigned,
            numbers=dict.fromkeys(parties, "1/2026"),
            effective_on=date(2026, 1, 1),
            ends_on=None,
            scope=None,
            witnesses=[],
            document=kept.put(content, "application/pdf"),
        )
        found.append(made(registered(key, parties, stage=registry.Stage.SIGNING), subject, 1, MOMENT))
        found.append(made(signed, subject, 2, MOMENT))
    return found


async def tell(nats_url: str, events: list[Envelope]) -> None:
    """The log has these events of the registry."""
    async with Broker(nats_url, "registry") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch([message(one, at) for at, one in enumerate(events, 1)], "ksad.log.registry.>", 0)


@pytest.fixture
def served(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[TestClient]:
    """Reporting, which may read the registry's documents, and has the facts in its feeds."""
    settings = ReportingSettings.model_validate(
        {
            "database_url": at(database_url, "reporting"),
            "nats_url": nats_url,
            "platform": "test",
            "documents_dir": tmp_path / "reporting",
            "documents_dir_registry": tmp_path / "registry",
            "keys_dir": tmp_path / "keys",
            "issuer_keys_dir": tmp_path / "issuer",
        }
    )
    with TestClient(build(settings)) as client:
        asyncio.run(tell(nats_url, facts(Documents(tmp_path / "registry"))))
        app: Any = client.app
        wait_until(lambda: app.parts.checkpoints.signed_size("feed/33") >= 2, what="the feed")
        wait_until(lambda: app.parts.checkpoints.signed_size("feed/32") >= 2, what="the other feed")
        yield client


def test_a_province_reads_what_its_feed_cites(served: TestClient, tmp_path: Path) -> None:
    """With feed:NN it gets the bytes and their type; another's document, a hash nobody cites and a lost file not."""
    issuer = LocalIssuer(tmp_path / "issuer")
    own, other = (hashlib.sha256(content).hexdigest() for content in (PAPER, OTHER))
    unknown = hashlib.sha256(b"").hexdigest()

    def get(province: str, sha256: str, office: str) -> Any:
        headers = {"Authorization": f"Bearer {issuer.issue(office)}"}
        return served.get(f"/feeds/{province}/documents/{sha256}", headers=headers)

    found = get("33", own, "feed:33")
    assert (found.content, found.headers["content-type"]) == (PAPER, "application/pdf")
    assert found.headers["content-disposition"].startswith("attachment")
    assert get("32", other, "feed:32").content == OTHER
    assert [get("33", one, "feed:33").status_code for one in (other, unknown)] == [404, 404]
    assert get("33", own, "feed:32").status_code == 403
    assert get("33", "x", "feed:33").status_code in {400, 422}
    assert get("33", other, "feed:33").json()["rule"] == "document-cited"
    (tmp_path / "registry" / own[:2] / own[2:]).unlink()
    assert get("33", own, "feed:33").status_code == 404
