"""The registry as it runs, over HTTP with a broker, and clients that each speak for one office."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from tests.support.servers.schemas import at

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

    def upload(self, content: bytes) -> Any:
        """A document, as commands name it."""
        headers = self._headers | {"Content-Type": "application/pdf"}
        return self._client.post("/documents", content=content, headers=headers).json()

    def get(self, path: str, headers: Mapping[str, str] | None = None, /, **query: str) -> Any:
        """A reading."""
        return self._client.get(path, headers={**self._headers, **(headers or {})}, params=query)


Speak = Callable[[str], Office]


@contextmanager
def speaking(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[Speak]:
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
