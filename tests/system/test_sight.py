"""Readings over HTTP show each office what it is part of: audiences hold at every door, not in feeds only."""

from collections.abc import Iterator
from typing import Any

import pytest

from ksad.chassis.client import Client, ProblemError
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import Platform, wait_settled
from tests.support.histories.periods import running_half

pytestmark = pytest.mark.xdist_group("import")

KEY = "siapa-melihat"
HEAD = {"key": KEY, "title": "Siapa melihat apa", "object": "sampah", "affair": "lingkungan_hidup"}
IDENTITY = cooperation_id(KEY)
FOR_PARTIES = {"problems", "disputes", "notice", "items_added", "proofs", "entries", "chronology"}


@pytest.fixture(scope="module")
def client(history_platform: Platform) -> Iterator[Client]:
    """A client of a platform with a cooperation across two provinces that has a problem."""
    with history_platform.client() as client:
        client.post("registry", "/cooperations", "region:32.75", f"{KEY}-1", {**HEAD, "parties": ["32.75", "33.72"]})
        body = {"problem": "bau", "description": "bau dari tempat pengolahan"}
        client.post("registry", f"/cooperations/{IDENTITY}/report-problem", "region:32.75", f"{KEY}-2", body)
        wait_settled(client)
        yield client


def types(items: list[dict[str, Any]]) -> set[str]:
    """The names of events."""
    return {item.get("event", item)["type"].split(".")[2] for item in items}


@pytest.mark.parametrize("office", ["region:33.72", "tkksd:32", "governor:33", "joint_secretariat", "auditor"])
def test_parties_and_their_provinces_see_what_is_meant_for_parties(client: Client, office: str) -> None:
    """Problems stand in the register, its events and the timeline of who is part of the cooperation."""
    shown = client.get("registry", f"/cooperations/{IDENTITY}", office)
    assert shown["problems"] == {"bau": "open"}
    assert "bau" in client.get("reporting", f"/cooperations/{IDENTITY}", office)["problems"]
    events = client.get("registry", f"/cooperations/{IDENTITY}/events", office)["items"]
    timeline = client.get("reporting", f"/cooperations/{IDENTITY}/timeline", office)["items"]
    assert "problem_reported" in types(events) & types(timeline)


@pytest.mark.parametrize("office", ["region:34.71", "tkksd:34", "governor:51", "region:32"])
def test_others_see_what_is_public(client: Client, office: str) -> None:
    """Who is no part of it sees that the cooperation exists, its parties and instruments, and none of its troubles."""
    shown = client.get("registry", f"/cooperations/{IDENTITY}", office)
    assert shown["title"] == HEAD["title"]
    assert not FOR_PARTIES & set(shown)
    row = client.get("reporting", f"/cooperations/{IDENTITY}", office)
    [listed] = client.get("reporting", "/cooperations", office, q=HEAD["title"])["items"]
    assert not FOR_PARTIES & (set(row) | set(listed))
    events = client.get("registry", f"/cooperations/{IDENTITY}/events", office)["items"]
    timeline = client.get("reporting", f"/cooperations/{IDENTITY}/timeline", office)["items"]
    assert types(events) == {"registered"}
    assert types(timeline) == {"registered", "jurisdiction_resolved"}
    assert client.get("supervision", "/tasks", office, cooperation_id=str(IDENTITY))["items"] == []


@pytest.mark.clause("P1.4")
def test_who_is_asked_sees_what_waits(client: Client) -> None:
    """A region that is asked to join, and its province, see that proposal; others see nothing of it."""
    paper = client.upload("registry", b"%PDF-1.7 naskah bergabung", "application/pdf", "region:32.75")
    body = {"region": "35.78", "document": paper}
    client.post("registry", f"/cooperations/{IDENTITY}/add-party", "region:32.75", f"{KEY}-join", body)
    wait_settled(client)
    for office in ("region:33.72", "region:35.78", "governor:35", "minister"):
        [act] = client.get("reporting", f"/cooperations/{IDENTITY}", office)["pending"]
        assert act["act"] == "bergabungnya pihak"
        assert act["awaiting"] == ["33.72", "35.78"]
        assert act["says"].startswith("Bergabungnya Kota Surabaya tanggal ")
        assert "menunggu konfirmasi Kota Surakarta dan Kota Surabaya sejak " in act["says"]
        items = client.get("reporting", f"/cooperations/{IDENTITY}/timeline", office)["items"]
        told = [one["says"] for one in items if one["says"] is not None]
        assert told[0].startswith("Kota Bekasi mengusulkan bergabungnya Kota Surabaya tanggal ")
        assert told[1].startswith("Kota Bekasi mengonfirmasi bergabungnya Kota Surabaya")
    timeline = client.get("reporting", f"/cooperations/{IDENTITY}/timeline", "region:35.78")["items"]
    assert "problem_reported" not in types(timeline)
    for office in ("region:34.71", "tkksd:34"):
        assert client.get("reporting", f"/cooperations/{IDENTITY}", office)["pending"] == []
        [listed] = client.get("reporting", "/cooperations", office, q=HEAD["title"])["items"]
        assert listed["pending"] == []
        timeline = client.get("reporting", f"/cooperations/{IDENTITY}/timeline", office)["items"]
        assert not {one for one in types(timeline) if one.startswith("act_")}


def test_a_home_province_sees_tasks_as_a_party_does(client: Client) -> None:
    """The Governor of a home province who does not supervise sees what is owed, not how the body went about it."""
    for office in ("governor:32", "region:32.75"):
        items = client.get("supervision", "/tasks", office, cooperation_id=str(IDENTITY))["items"]
        assert items
        assert {item["assignee"] for item in items} == {None}
        with pytest.raises(ProblemError) as refused:
            client.get("supervision", f"/tasks/{items[0]['task_id']}/events", office)
        assert refused.value.status == 403
    everything = client.get("supervision", "/tasks", "joint_secretariat", cooperation_id=str(IDENTITY))["items"]
    assert client.get("supervision", f"/tasks/{everything[0]['task_id']}/events", "joint_secretariat")["items"]


def test_reports_stay_in_their_chain(client: Client) -> None:
    """A province lists and reads its own reports only; regions read none; the Minister's side and auditors all."""
    period = running_half()
    body = {"kind": "R2", "office": "tkksd:32", "period": period}
    identity = client.post("reporting", "/reports", "tkksd:32", f"{KEY}-r", body)["report_id"]
    wait_settled(client)
    for office in ("tkksd:32", "governor:32", "minister", "auditor"):
        assert client.get("reporting", f"/reports/{identity}", office)["report_id"] == identity
        assert identity in [one["report_id"] for one in client.get("reporting", "/reports", office)["items"]]
    for office in ("tkksd:33", "governor:33"):
        shown = client.get("reporting", "/reports", office, period=period)["items"]
        assert {one["from_office"] for one in shown} <= {"tkksd:33", "governor:33"}
    for office, rule in (("governor:33", "own-chain"), ("region:32.75", "office-may")):
        with pytest.raises(ProblemError) as refused:
            client.get("reporting", f"/reports/{identity}", office)
        assert (refused.value.status, refused.value.problem["rule"]) == (403, rule)
