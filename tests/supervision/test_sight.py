"""What a party, a former party, its province and a stranger read of a cooperation and its duties, over HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ksad.contracts.identifiers import cooperation_id
from tests.support.platforms.pair import HEAD, Pair

PARTIES = ("33.72", "34.71", "35.22")
LEFT = "region:34.71"
CALLED = {"follow_up": {"who": LEFT, "by": "2099-12-31", "what": "menyampaikan laporan"}}


def days_ago(count: int) -> str:
    """A day of the past."""
    return (datetime.now(UTC) + timedelta(hours=7) - timedelta(days=count)).date().isoformat()


def key() -> str:
    """A key that no other test has."""
    return f"lihat-{uuid.uuid4().hex[:8]}"


def registered(pair: Pair) -> str:
    """A cooperation of three provinces with a problem, which one of the parties has left since."""
    name = key()
    identity = str(cooperation_id(name))
    pair.record("/cooperations", "region:33.72", {"key": name, "parties": PARTIES, "on": days_ago(10), **HEAD})
    pair.tell(identity, "report-problem", "region:33.72", problem="bau", description="bau", on=days_ago(8))
    pair.tell(identity, "withdraw-party", LEFT, region="34.71", on=days_ago(5))
    pair.tell(identity, "report-problem", "region:33.72", problem="debu", description="debu")
    pair.tell(identity, "enter-stage", "region:33.72", stage="negotiation")
    return identity


def events(pair: Pair, identity: str, office: str) -> list[dict[str, Any]]:
    """The events that an office sees in the registry."""
    answer = pair.client("registry").get(f"/cooperations/{identity}/events", headers=pair.headers(office))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize("office", [LEFT, "tkksd:34", "governor:34"])
def test_a_former_party_keeps_its_own_time(pair: Pair, office: str) -> None:
    """Whoever left, and its province, still sees what was for parties until its last day, and nothing after it."""
    identity = registered(pair)
    problems = [one["data"]["problem"] for one in events(pair, identity, office) if "problem" in one["data"]]
    assert problems == ["bau"]
    everybody = [one["data"]["problem"] for one in events(pair, identity, "region:35.22") if "problem" in one["data"]]
    assert everybody == ["bau", "debu"]
    shown = pair.client("registry").get(f"/cooperations/{identity}", headers=pair.headers(office)).json()
    assert "problems" not in shown
    duties = {one["duty"] for one in pair.tasks(office, cooperation_id=identity)}
    # All of it was recorded today, so that no duty arose while it was a party.
    assert duties == set()
    later = pair.task(identity, "b.1")
    assert pair.ask(f"/tasks/{later['task_id']}", office).status_code == 404
    assert pair.ask(f"/tasks/{later['task_id']}", "region:35.22").status_code == 200


@pytest.mark.fault(
    "http A11",
    kind="who sees a fact does not see that it was corrected",
    looked="events and timelines in registry and reporting, feeds, by every audience",
    found="a former party would not have seen corrections of what it has",
)
def test_a_correction_is_seen_by_whoever_sees_what_it_corrects(pair: Pair) -> None:
    """A stranger sees that a public title was corrected, and of a problem neither the fact nor its correction."""
    name = key()
    identity = pair.register(name, PARTIES)
    problem = pair.tell(identity, "report-problem", problem="bau", description="bau")["events"][0]
    first = events(pair, identity, "auditor")[0]["id"]
    body = {"corrects": first, "reason": "salah ketik", "fields": {"title": "Sampah bersama"}}
    pair.tell(identity, "correct", **body)
    pair.tell(identity, "correct", corrects=problem, reason="salah ketik", fields={"description": "lain"})
    corrected = [one["data"]["corrects"] for one in events(pair, identity, "region:91.03") if "corrects" in one["data"]]
    assert corrected == [first]
    theirs = [one["data"]["corrects"] for one in events(pair, identity, LEFT) if "corrects" in one["data"]]
    assert theirs == [first, problem]


@pytest.mark.fault(
    "http A13",
    kind="what was said to one is read by all",
    looked="notes of deliveries, reasons of refusals, their documents; boards of parties and of home provinces; feeds",
    found="a home province read no document at all that was given to its own party",
)
def test_a_party_does_not_read_what_another_was_told(pair: Pair) -> None:
    """Notes and documents are for the party that they were given to, and its province; the others see the day."""
    identity = pair.register(key(), PARTIES)
    task = pair.task(identity, "a.2")
    document = pair.upload(b"%PDF-1.7 " + uuid.uuid4().bytes, "joint_secretariat").json()
    given = {"region": "33.72", "documents": [document], "note": "untuk Surakarta"}
    assert pair.do(task, "deliver", "joint_secretariat", given).status_code == 200
    declined = pair.do(task, "decline", LEFT, {"region": "34.71", "reason": "sudah punya"})
    assert declined.status_code == 200, declined.text
    path = f"/tasks/{task['task_id']}"
    for office, own in (("region:33.72", True), ("tkksd:33", True), (LEFT, False), ("governor:35", False)):
        shown = pair.read(path, office)
        assert ("note" in shown["delivered"]["33.72"]) is own
        assert shown["delivered"]["33.72"]["on"]
        assert ("reason" in shown["declined"]["34.71"]) is (office == LEFT)
        assert (pair.ask(f"{path}/documents/{document['sha256']}", office).status_code == 200) is own
    assert pair.read(path, "joint_secretariat")["delivered"]["33.72"]["note"] == "untuk Surakarta"


@pytest.mark.fault(
    "law L15",
    kind="whoever knows a name is let in",
    looked="documents of registry, supervision and reporting, by hash; tasks and reports by id",
    found="nothing else: supervision, reports and feeds ask sight",
)
def test_a_document_of_the_registry_is_read_by_sight(pair: Pair) -> None:
    """A document is read where a fact names it that the office sees; by its hash alone only by who sees everything."""
    identity = pair.register(key(), PARTIES)
    client = pair.client("registry")
    headers = pair.headers("region:33.72") | {"Content-Type": "application/pdf"}
    document = client.post("/documents", content=b"%PDF-1.7 " + uuid.uuid4().bytes, headers=headers).json()
    name = f"/cooperations/{identity}/documents/{document['sha256']}"
    assert client.get(name, headers=pair.headers("auditor")).status_code == 404
    pair.tell(identity, "enter-stage", stage="negotiation")
    pair.tell(identity, "enter-stage", stage="signing")
    pair.tell(identity, "sign-accord", numbers=dict.fromkeys(PARTIES, "1"), document=document)
    for office in (LEFT, "region:91.03", "auditor"):
        assert client.get(name, headers=pair.headers(office)).status_code == 200
    other = f"/cooperations/{pair.register(key(), PARTIES)}/documents/{document['sha256']}"
    assert client.get(other, headers=pair.headers("auditor")).status_code == 404
    by_hash = f"/documents/{document['sha256']}"
    assert client.get(by_hash, headers=pair.headers("auditor")).status_code == 200
    refused = client.get(by_hash, headers=pair.headers("region:33.72"))
    assert (refused.status_code, refused.json()["rule"]) == (403, "document-by-cooperation")


def test_parties_see_what_was_found_and_not_what_was_advised(pair: Pair) -> None:
    """Of a duty that is done parties read outcome and findings; of advice, a memorandum to the Minister, the day."""
    identity = pair.implement(key(), PARTIES)
    pair.tell(identity, "raise-dispute", dispute="batas", between=list(PARTIES[:2]), description="batas")
    document = pair.upload(b"%PDF-1.7 " + uuid.uuid4().bytes, "joint_secretariat").json()
    advice = pair.task(identity, "d.3")
    done = {"outcome": "sebaiknya ditolak", "documents": [document], "findings": [], "evaluation": None}
    assert pair.do(advice, "complete", "joint_secretariat", done).status_code == 200
    path = f"/tasks/{advice['task_id']}"
    assert set(pair.read(path, LEFT)["completed"]) == {"on"}
    assert pair.read(path, "joint_secretariat")["completed"]["outcome"] == "sebaiknya ditolak"
    owed = pair.tasks(cooperation_id=identity, duty="oversight")
    oversight = next(one for one in owed if one["occasion"] is None)
    finding = {"basis": "legislation", "conforms": False, "description": "belum ada laporan", **CALLED}
    found = {"outcome": "diperiksa", "documents": [], "findings": [finding], "evaluation": None}
    assert pair.do(oversight, "complete", "joint_secretariat", found).status_code == 200
    seen = pair.read(f"/tasks/{oversight['task_id']}", LEFT)["completed"]
    assert seen["findings"][0]["description"] == "belum ada laporan"
    assert "documents" not in seen


def test_an_officer_delivers_what_the_register_proposes(pair: Pair) -> None:
    """The proposal of the day is shown to the supervising side only, and goes to the party as a document."""
    name = key()
    pair.implement(name, PARTIES[:2])
    task = pair.task(pair.register(key(), PARTIES), "a.1.c")
    path = f"/tasks/{task['task_id']}"
    proposal = pair.read(f"{path}/proposal", "joint_secretariat")
    [listed] = [one for one in proposal["content"]["daftar"] if one["kunci"] == name]
    assert [one["jenis"] for one in listed["naskah"]] == ["kesepakatan", "perjanjian"]
    assert pair.ask(f"{path}/proposal", "region:33.72").status_code == 404
    empty = pair.do(task, "deliver", "joint_secretariat", {"region": "33.72"})
    assert (empty.status_code, empty.json()["rule"]) == (422, "delivery-has-content")
    given = {"region": "33.72", "proposed": True}
    assert pair.do(task, "deliver", "joint_secretariat", given).status_code == 200
    [document] = pair.read(path, "region:33.72")["delivered"]["33.72"]["documents"]
    answer = pair.ask(f"{path}/documents/{document['sha256']}", "region:33.72")
    assert answer.json()["tentang"] == proposal["content"]["tentang"]
    other = pair.task(pair.register(key(), PARTIES), "a.2")
    refused = pair.do(other, "deliver", "joint_secretariat", given)
    assert (refused.status_code, refused.json()["rule"]) == (404, "proposal-known")
