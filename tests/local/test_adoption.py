"""What binds after each start of a platform, on both databases: the software's texts, until a decision."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.client import Client, ProblemError
from ksad.contracts import texts
from ksad.contracts.law import holidays_text
from ksad.contracts.regions import sha256
from ksad.contracts.registry import ReferenceAdoptedV1
from ksad.contracts.texts import packaged_texts
from ksad.local.machine.reference import open_platform
from ksad.registry.app import build
from ksad.registry.settings import RegistrySettings
from tests.support.platforms.fed_supervision import DECISION
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import at

OWN = '{"country": "ID", "holidays": [{"date": "2026-08-17", "name": "Hari Kemerdekaan"}]}'
NAMES = [one.name for one in packaged_texts()]
CITED = "Keputusan Menteri Dalam Negeri Nomor 100.2.1-1/2020 tanggal 2 Januari 2020"


@pytest.fixture
def client(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[Client]:
    """A client of a registry that has no texts yet."""
    settings = RegistrySettings(
        database_url=at(database_url, "registry"),
        nats_url=nats_url,
        documents_dir=tmp_path / "documents",
        issuer_keys_dir=tmp_path / "keys",
    )
    with TestClient(build(settings), raise_server_exceptions=False) as served:
        wait_until(lambda: served.get("/readyz").status_code == 200, what="the registry")
        issuer = LocalIssuer(tmp_path / "keys")
        tokens = {office: issuer.issue(office) for office in ("operator", "auditor", "minister", "joint_secretariat")}
        made = Client({"registry": "http://testserver", "tokens": tokens})
        made._http = served
        yield made


def adopt(client: Client, office: str, content: str, **changes: Any) -> dict[str, Any]:
    """An office adopts holidays."""
    body = {"kind": "holidays", "name": "holidays", "content": content, "sha256": sha256(content), "source": "SKB 2026"}
    decided = {"decision": DECISION.model_dump(mode="json")}
    return client.post("registry", "/references", office, f"{office}-{sha256(content)}", body | decided | changes)


def binding(client: Client) -> dict[str, dict[str, Any]]:
    """The texts that bind, by name."""
    return {one["name"]: one for one in client.get("registry", "/references", "auditor")["items"]}


def test_a_new_platform_opens_with_the_texts_of_the_software(client: Client) -> None:
    """One event says the day and the hashes, the texts follow; all of them say that nobody has adopted them."""
    found = open_platform(client)
    assert (found.provisional, found.differing) == (sorted(NAMES), [])
    assert {one["standing"] for one in binding(client).values()} == {"bawaan perangkat lunak, belum ditetapkan"}
    assert {one["decision"] for one in binding(client).values()} == {None}
    assert [binding(client)[one.name]["sha256"] for one in packaged_texts()] == [one.sha256 for one in packaged_texts()]


def test_a_start_records_nothing_on_a_platform_that_is_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same release again, or one with another text: what binds stays, and the texts that differ are named."""
    first = open_platform(client)
    before = binding(client)
    assert (open_platform(client), binding(client)) == (first, before)
    monkeypatch.setattr(texts, "holidays_text", lambda: OWN)
    assert open_platform(client).differing == ["holidays"]
    assert binding(client) == before


@pytest.mark.parametrize("office", ["minister", "joint_secretariat"])
def test_a_decision_makes_a_text_binding(client: Client, office: str) -> None:
    """The text that came with the software, or another, is adopted with number and date, and is cited so."""
    open_platform(client)
    assert adopt(client, office, holidays_text())["changed"]
    assert binding(client)["holidays"]["standing"] == CITED
    assert open_platform(client).provisional == sorted(set(NAMES) - {"holidays"})
    assert adopt(client, office, OWN)["changed"]
    assert binding(client)["holidays"]["sha256"] == sha256(OWN)
    assert (open_platform(client).differing, binding(client)["holidays"]["sha256"]) == (["holidays"], sha256(OWN))


def test_the_same_text_by_the_same_decision_is_no_fact(client: Client) -> None:
    """What is adopted already stays as it is; another decision on the same text is recorded."""
    open_platform(client)
    adopt(client, "minister", OWN)
    assert not adopt(client, "joint_secretariat", OWN)["changed"]
    other = DECISION.model_copy(update={"number": "2"}).model_dump(mode="json")
    body = {"kind": "holidays", "name": "holidays", "content": OWN, "sha256": sha256(OWN), "source": "SKB 2026"}
    assert client.post("registry", "/references", "minister", "again", body | {"decision": other})["changed"]


@pytest.mark.parametrize(
    ("office", "decision", "status", "rule"),
    [
        ("operator", DECISION.model_dump(mode="json"), 403, "office-may"),
        ("minister", None, 422, "request-valid"),
        ("minister", {"number": " ", "date": "2020-01-02", "office": "minister"}, 422, "request-valid"),
        ("minister", {"number": "1", "date": "2020-01-02", "office": "operator"}, 422, "request-valid"),
        ("minister", {"number": "1", "date": "2999-01-02", "office": "minister"}, 422, "date-not-future"),
    ],
)
def test_nothing_is_adopted_without_a_decision(
    client: Client, office: str, decision: Any, status: int, rule: str
) -> None:
    """The operator adopts nothing, and nobody does without number and day of a decision by who may decide."""
    open_platform(client)
    with pytest.raises(ProblemError) as refused:
        adopt(client, office, OWN, decision=decision)
    assert (refused.value.status, refused.value.rule) == (status, rule)
    assert binding(client)["holidays"]["provisional"]


def test_what_was_adopted_before_decisions_says_so() -> None:
    """An adoption of a log from before is read as one without decision, and prints that."""
    old = ReferenceAdoptedV1.model_validate(
        {"kind": "holidays", "name": "holidays", "content": OWN, "sha256": sha256(OWN), "source": "paket"}
    )
    assert json.loads(old.model_dump_json()) == old.model_dump(mode="json")
