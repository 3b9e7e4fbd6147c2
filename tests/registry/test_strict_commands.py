"""What a command says over HTTP is read strictly, on both databases with a real broker."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.auth import LocalIssuer
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.regions import sha256
from ksad.registry.app import build
from ksad.registry.settings import RegistrySettings
from tests.support.platforms.fed_supervision import DECISION
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import ON_SQLITE, at

HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.13"]}
DECIDED = {"decision": DECISION.model_dump(mode="json")}


class Office:
    """An HTTP client that speaks for one office."""

    def __init__(self, client: TestClient, issuer: LocalIssuer, office: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {issuer.issue(office)}"}

    def post(self, path: str, key: str, body: Any, **headers: str) -> Any:
        """A command."""
        return self._client.post(path, json=body, headers=self._headers | {"Idempotency-Key": key} | headers)

    def get(self, path: str, **query: str) -> Any:
        """A reading."""
        return self._client.get(path, headers=self._headers, params=query)


Speak = Callable[[str], Office]


@pytest.fixture
def speak(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[Speak]:
    """The running service, with reference data adopted; gives a client for an office."""
    settings = RegistrySettings(
        database_url=at(database_url, "registry"),
        nats_url=nats_url,
        documents_dir=tmp_path / "documents",
        issuer_keys_dir=tmp_path / "keys",
    )
    with TestClient(build(settings), raise_server_exceptions=False) as client:
        wait_until(lambda: client.get("/readyz").status_code == 200, what="the registry")
        issuer = LocalIssuer(tmp_path / "keys")
        minister = Office(client, issuer, "minister")
        for kind, name, text in (
            ("regions", "regions", regions_text()),
            ("profile", "ksad-2009", law_text("ksad-2009")),
            ("profile", "ksdd-2018", law_text("ksdd-2018")),
        ):
            body = {"kind": kind, "name": name, "content": text, "sha256": sha256(text), "source": "uji", **DECIDED}
            assert minister.post("/references", f"adopt-{name}", body).status_code == 200
        yield lambda office: Office(client, issuer, office)


def path(key: str, command: str = "") -> str:
    """Where a cooperation, or a command on it, lives."""
    return f"/cooperations/{cooperation_id(key)}" + (f"/{command}" if command else "")


@pytest.mark.fault("bug-reports 1")
@pytest.mark.fault("bug-reports 15")
@pytest.mark.parametrize(
    ("command", "body", "field"),
    [
        ("schedule-signing", {"instrument": "accord", "signing_on": 1792886400}, "signing_on"),
        ("schedule-signing", {"instrument": "accord", "signing_on": "1792886400"}, "signing_on"),
        ("schedule-signing", {"instrument": "accord", "signing_on": "2030-10-25T00:00:00+09:00"}, "signing_on"),
        ("complete-termination-item", {"item": "c", "amount_idr": "250.000"}, "amount_idr"),
        ("complete-termination-item", {"item": "c", "amount_idr": True}, "amount_idr"),
        ("report-problem", {"problem": "p", "description": "x", "legacy": "yes"}, "legacy"),
        ("report-problem", {"problem": "p", "description": "x", "on": 2020}, "on"),
        ("sign-accord", {"numbers": {"33.72": 1, "33.13": "2"}}, "numbers.33.72"),
        ("correct", {"corrects": "{6f9619ff-8b86-5011-b42d-00c04fc964ff}", "reason": "x", "fields": {}}, "corrects"),
    ],
)
@ON_SQLITE
def test_a_command_is_read_strictly_and_leaves_nothing(
    speak: Speak, command: str, body: dict[str, Any], field: str
) -> None:
    """What only could be meant is refused, the field is named in Indonesian, and no fact is recorded."""
    clerk = speak("region:33.72")
    assert clerk.post("/cooperations", "k", {"key": "a", **HEAD}).status_code == 201
    answer = clerk.post(path("a", command), "k2", body)
    assert (answer.status_code, answer.json()["rule"]) == (422, "request-valid")
    assert field in [one["field"] for one in answer.json()["errors"]]
    assert len(clerk.get(path("a", "events")).json()["items"]) == 1
    doubled = clerk._client.post(
        path("a", "report-problem"),
        content=b'{"problem": "x1", "problem": "x2", "description": "x"}',
        headers={**clerk._headers, "Idempotency-Key": "k3", "Content-Type": "application/json"},
    )
    said = {"field": "problem", "message": "diberikan dua kali; pilih salah satu", "fault": "given_twice"}
    assert doubled.json()["errors"] == [said]
    assert clerk.get("/cooperations", key="a", sort="title").json()["errors"][0]["field"] == "query.sort"
