"""What `ksad up` adopts at each start, on both databases: what is adopted now decides, not what was sent once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.client import Client
from ksad.local.machine import reference
from ksad.local.machine.reference import adopt_reference
from ksad.registry.app import build
from ksad.registry.settings import RegistrySettings
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

FIRST = '{"country": "ID", "holidays": [{"date": "2026-08-17", "name": "Hari Kemerdekaan"}]}'
SECOND = FIRST.replace("}]}", '}, {"date": "2026-12-25", "name": "Hari Raya Natal"}]}')
OWN = SECOND.replace("Hari Raya Natal", "Natal")


@pytest.fixture
def client(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[Client]:
    """A client of a registry that has nothing adopted yet."""
    settings = RegistrySettings(
        database_url=at(database_url, "registry"),
        nats_url=nats_url,
        documents_dir=tmp_path / "documents",
        issuer_keys_dir=tmp_path / "keys",
    )
    with TestClient(build(settings), raise_server_exceptions=False) as served:
        wait_until(lambda: served.get("/readyz").status_code == 200, what="the registry")
        issuer = LocalIssuer(tmp_path / "keys")
        tokens = {office: issuer.issue(office) for office in ("operator", "auditor")}
        made = Client({"registry": "http://testserver", "tokens": tokens})
        made._http = served
        yield made


def start(
    client: Client, monkeypatch: pytest.MonkeyPatch, holidays: str = FIRST, library: str = "1.0"
) -> tuple[list[str], list[dict[str, Any]]]:
    """Adopt as a start does with this list from this release of the library: what is left alone, and all adoptions."""
    monkeypatch.setattr(reference, "holidays_text", lambda: holidays)
    monkeypatch.setattr(reference, "version", lambda _: library)
    left = adopt_reference(client)
    return left, client.get("registry", "/references", "operator")["items"]


def holidays_of(items: list[dict[str, Any]]) -> tuple[str, str]:
    """The hash of the holidays that are adopted now, and their source."""
    [one] = [item for item in items if item["name"] == "holidays"]
    return one["sha256"], one["source"].partition(",")[0]


def digest(text: str) -> str:
    """The hash under which a text is adopted."""
    return hashlib.sha256(text.encode()).hexdigest()


def test_another_release_with_the_same_content_starts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only the source's name differs nothing is adopted anew, and the folder starts."""
    first = start(client, monkeypatch, library="1.0")
    assert start(client, monkeypatch, library="2.0") == first
    assert holidays_of(first[1]) == (digest(FIRST), "python-holidays 1.0")


def test_what_was_adopted_once_is_adopted_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forth to a newer list and back to the older one, as often as one likes: adopted is what the package has."""
    for text in (FIRST, SECOND, FIRST, SECOND, SECOND, FIRST):
        left, items = start(client, monkeypatch, text)
        assert (left, holidays_of(items)[0]) == ([], digest(text))


def test_what_somebody_else_adopted_stays(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that an operator adopted is not replaced by the package's at the next start, and is named."""
    start(client, monkeypatch)
    body = {"kind": "holidays", "name": "holidays", "content": OWN, "sha256": digest(OWN), "source": "SKB 2026"}
    client.post("registry", "/references", "operator", "skb-2026", body)
    for text in (FIRST, SECOND):
        left, items = start(client, monkeypatch, text)
        assert (left, holidays_of(items)) == (["holidays"], (digest(OWN), "SKB 2026"))


def test_what_is_adopted_tells_whence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each adopted text is listed once, with its kind, its hash, its source and the event that adopted it."""
    start(client, monkeypatch)
    start(client, monkeypatch, SECOND)
    items = client.get("registry", "/references", "auditor")["items"]
    assert [(one["kind"], one["name"]) for one in items] == [
        ("holidays", "holidays"),
        ("profile", "ksad-2009"),
        ("profile", "ksdd-2018"),
        ("policy", "policy"),
        ("regions", "regions"),
    ]
    assert [one["name"] for one in items if one["replaced_event_id"] is not None] == ["holidays"]
    assert len({one["event_id"] for one in items}) == len(items)
