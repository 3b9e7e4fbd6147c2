"""Text over HTTP, in every service: nothing invisible, and nobody's data unless the sender confirms it."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest

from ksad.chassis.client import Client, ProblemError
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import Platform, wait_settled
from tests.support.histories.history_importer import HistoryImporter, registered, written

pytestmark = pytest.mark.xdist_group("import")

KEY, PARTIES = "teks", ["33.72", "33.13"]
HEAD = {"object": "sampah", "affair": "lingkungan_hidup", "parties": PARTIES}
PATH = f"/cooperations/{cooperation_id(KEY)}"
NUMBERS = count()


@pytest.fixture(scope="module")
def client(history_platform: Platform) -> Iterator[Client]:
    """A client of a platform with a cooperation and its tasks."""
    with history_platform.client() as client:
        client.post("registry", "/cooperations", "region:33.72", KEY, {"key": KEY, "title": "Sampah", **HEAD})
        wait_settled(client)
        yield client


def writing(client: Client) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    """For each service a command with free text: service, path, office, the text's field, the other fields."""
    [task] = client.get("supervision", "/tasks", cooperation_id=str(cooperation_id(KEY)), duty="a.2")["items"]
    return [
        ("registry", "/cooperations", "region:33.72", "title", {"key": f"teks-{next(NUMBERS)}", **HEAD}),
        (
            "registry",
            f"/cooperations/{cooperation_id(KEY)}/report-problem",
            "region:33.72",
            "description",
            {"problem": "p"},
        ),
        ("supervision", f"/tasks/{task['task_id']}/decline", "region:33.72", "reason", {}),
        ("reporting", f"/reports/{UUID(int=1)}/return", "minister", "remarks", {}),
    ]


def refusal(client: Client, service: str, path: str, office: str, body: dict[str, Any]) -> dict[str, Any]:
    """How a command is refused; nothing is recorded."""
    before = client.get(service, "/status", "operator")["head"]
    with pytest.raises(ProblemError) as refused:
        client.post(service, path, office, f"teks-{next(NUMBERS)}", body)
    assert client.get(service, "/status", "operator")["head"] == before
    return {"status": refused.value.status, **refused.value.problem}


@pytest.mark.fault(
    "http D",
    kind="free text takes whatever is typed, into events that are for ever and public",
    looked="every request body of the three services, corrections, the steps of history files",
    found="titles of invisible signs, control characters and overrides of the direction of reading (A13.10)",
)
@pytest.mark.parametrize("text", ["Usulan Budi NIP 198503122010011004", "Pak Budi sakit", "HP 081234567890"])
def test_what_looks_like_a_person_is_asked_about(client: Client, text: str) -> None:
    """422 with the place; the same with the confirmation is taken for what it is."""
    for service, path, office, field, body in writing(client):
        refused = refusal(client, service, path, office, {**body, field: text})
        assert (refused["status"], refused["rule"]) == (422, "looks-personal"), path
        assert [one["field"] for one in refused["errors"]] == [field]
        assert text not in str(refused)


def test_what_is_confirmed_is_recorded(client: Client) -> None:
    """A text that is meant so is recorded as it is, and the confirmation is no part of the fact."""
    path = f"{PATH}/report-problem"
    body = {"problem": "ibu", "description": "Ibu Suri, nama pasar", "confirms": ["looks-personal"]}
    event = client.post("registry", path, "region:33.72", "confirmed", body)["events"][0]
    items = client.get("registry", f"{PATH}/events", "auditor")["items"]
    assert next(one["data"] for one in items if one["id"] == event) == {
        "problem": "ibu",
        "description": "Ibu Suri, nama pasar",
        "agreement": None,
        "document": None,
    }
    again = {name: value for name, value in body.items() if name != "confirms"}
    with pytest.raises(ProblemError) as refused:
        client.post("registry", path, "region:33.72", "confirmed", again)
    assert refused.value.rule == "looks-personal"


@pytest.mark.fault(
    "http A13",
    kind="text that is seen as something else than it is, or not at all",
    looked="every request body of the three services; documents to adopt, which have lines",
    found="nothing else",
)
@pytest.mark.parametrize("text", ["\u200b\u200b", "Sampah \u202eabc", "Sampah\x1b[31m", "dua\nbaris"])
def test_signs_that_nobody_sees_are_refused(client: Client, text: str) -> None:
    """Whatever the service and the field: 422, with the place."""
    for service, path, office, field, body in writing(client):
        refused = refusal(client, service, path, office, {**body, field: text})
        assert (refused["status"], refused["rule"]) == (422, "text-readable"), path
        assert [one["field"] for one in refused["errors"]] == [field]


def test_a_history_confirms_step_by_step(history_platform: Platform, tmp_path: Any) -> None:
    """A step that looks like a person stops its cooperation with line and place, until the step itself confirms it."""
    importer = HistoryImporter(history_platform, tmp_path)
    problem = 'on: "2020", do: report_problem, legacy: true, problem: p, description: Pak Budi sakit'
    importer.write(written("orang", registered(), f"{{{problem}}}"))
    for words in (("--check",), ()):
        [failure] = importer.failures(*words)
        assert (failure["line"], failure["rule"]) == (10, "looks-personal")
        assert "description" in failure["detail"]
    importer.write(written("orang", registered(), f"{{{problem}, confirms: [looks-personal]}}"))
    assert importer.failures("--check") == []
    assert importer.failures() == []


def test_the_refusal_is_in_the_openapi_documents(history_platform: Platform) -> None:
    """Every request with free text has the field with which it is confirmed."""
    for service in ("registry", "supervision", "reporting"):
        schemas = httpx.get(f"{history_platform.endpoints[service]}/openapi.json", trust_env=False).json()["components"]
        assert any("confirms" in one.get("properties", {}) for one in schemas["schemas"].values()), service
