"""The digest of the projections over HTTP: what an auditor's own replay of the same entries gives, or none at all."""

import asyncio
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from fastapi.testclient import TestClient

from ksad.audit.replay import replay
from ksad.chassis.auth import LocalIssuer
from ksad.reporting.projections import generations
from tests.reporting.test_app import served, tell
from tests.support.servers.processes import wait_until

PATH = "/projections/digest"


def test_the_digest_is_that_of_a_replay(tmp_path: Path, nats_url: str) -> None:
    """Number of entries and digest are those of a replay of the log's lines, and stay while nothing happens."""
    with served(tmp_path, nats_url) as client:
        auditor = {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue('auditor')}"}
        asyncio.run(tell(nats_url))
        app: Any = client.app
        wait_until(lambda: app.parts.store.head() == 1, what="the anchor")
        wait_until(lambda: _level(client, auditor) == 3, what="three entries that are folded")
        lines = client.get("/log", headers=auditor).content.splitlines()
        replayed = replay(lambda: iter(lines), tmp_path / "replayed.sqlite")
        told = client.get(PATH, headers=auditor).json()
        assert told == {"entries": len(lines), "digest": replayed.digest}
        assert client.get(PATH, headers=auditor).json() == told
        assert client.get(PATH).status_code == 401


def test_projections_at_different_entries_have_no_digest(tmp_path: Path, nats_url: str) -> None:
    """While one projection is behind the others the answer is 503 with its rule, and says when to ask again."""
    with served(tmp_path, nats_url) as client:
        auditor = {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue('auditor')}"}
        app: Any = client.app
        wait_until(lambda: client.get(PATH, headers=auditor).status_code == 200, what="a digest")
        table = generations.generations
        with app.parts.database.write() as connection:
            name = connection.execute(sa.select(table.c.name).limit(1)).scalar_one()
            connection.execute(sa.update(table).where(table.c.name == name).values(position=7))
        answer = client.get(PATH, headers=auditor)
        assert (answer.status_code, answer.json()["rule"]) == (503, "projections-level")
        assert answer.headers["retry-after"] == "1"


def _level(client: TestClient, auditor: dict[str, str]) -> int:
    answer = client.get(PATH, headers=auditor)
    return int(answer.json()["entries"]) if answer.is_success else -1
