"""Supervision over HTTP beside a real registry and broker, on both databases: what officers and parties may do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ksad.supervision.app import FOLLOWED
from tests.support.platforms.pair import Pair
from tests.support.servers.processes import wait_until

FORM = {
    "purpose_met": 3,
    "on_time": 3,
    "partner_contribution": 4,
    "coordination": 3,
    "documents_complete": 2,
    "reports_regular": 3,
    "obstacles": None,
    "impact": None,
    "recommendation": "continue",
    "rating": 4,
}
LEGAL = {"basis": "legislation", "conforms": True, "description": "sesuai"}


@pytest.mark.clause("P2", "P3")
def test_who_supervises_is_read_right_after_the_registration(pair: Pair) -> None:
    """A reading that is not older than the registration has the resolution, and where a gap was filled who was told."""
    governor = pair.read(f"/cooperations/{pair.register('solo')}")
    fields = ("tier", "supervising_body", "dispute_forum", "basis", "gap_filled", "informed")
    assert [governor[name] for name in fields] == ["governor", "tkksd:33", "governor:33", "text", False, []]
    minister = pair.read(f"/cooperations/{pair.register('yogya', ('34.71', '33.71'))}")
    assert (minister["tier"], minister["gap_filled"]) == ("minister", True)
    assert minister["informed"] == ["governor:33", "governor:34"]


@pytest.mark.clause("P3")
def test_the_past_resolutions_are_answered_with_the_days_from_which_they_held(pair: Pair) -> None:
    """After a party joined, both resolutions stand with their days; the law they rest on says how certain it is."""
    identity = pair.register("tumbuh")
    pair.tell(identity, "add-party", region="34.71")
    shown = pair.read(f"/cooperations/{identity}")
    assert [one["supervising_body"] for one in shown["resolutions"]] == ["tkksd:33", "joint_secretariat"]
    assert all(one["from"] for one in shown["resolutions"])
    last = {name: value for name, value in shown["resolutions"][-1].items() if name != "from"}
    assert last == {name: shown[name] for name in last}
    assert shown["law"]["profile"] == "ksdd-2018"
    assert (shown["law"]["basis"], shown["law"]["certainty"]) == ("memory", "partly_verified")
    assert "perlu diverifikasi" in shown["law"]["status"]
    old = next(one for one in pair.tasks(cooperation_id=identity, duty="P6.a.1.a") if one["handovers"])
    assert old["handovers"][0]["from_body"] == "tkksd:33"


def test_a_task_says_its_clause_words_due_date_and_cause(pair: Pair) -> None:
    """Whoever opens a task finds the clause it stands on, verbatim, and the event that made it owed."""
    identity = pair.register("dasar")
    task = pair.task(identity, "P10.a.2")
    whole = pair.read(f"/tasks/{task['task_id']}")
    assert whole == task
    assert task["wording"].startswith("memberikan asistensi mengenai pra studi kelayakan")
    assert (task["duty"], task["clause"], task["body"], task["status"]) == ("a.2", "P10.a.2", "tkksd:33", "open")
    assert "peraturan tidak menetapkan jangka waktu" in task["due_basis"]
    assert task["rests_on"] == {
        "trigger": {"kind": "stage_entered", "source": "P6.a; P6.b; P10.a; P10.b", "basis": "inference"},
        "closing": {"kind": "reached_every_party", "source": "P1.7", "basis": "policy"},
    }
    events = pair.client("registry").get(f"/cooperations/{identity}/events", headers=pair.headers("auditor")).json()
    assert task["causation_event_id"] == events["items"][0]["id"]
    history = pair.read(f"/tasks/{task['task_id']}/events")["items"]
    assert [one["type"] for one in history] == ["ksad.task.scheduled.v2"]


@pytest.mark.clause("P10.d.1", "P11")
def test_what_a_completion_needs_is_refused_with_rule_and_clause(pair: Pair) -> None:
    """Monitoring needs its form, oversight its findings, an opinion its document, which must have been uploaded."""
    identity = pair.implement("lengkap")
    pair.tell(identity, "report-problem", problem="bau", description="bau menyengat")
    rules = []
    for duty in ("d.1", "d.2"):
        answer = pair.do(pair.task(identity, duty), "complete", "tkksd:33", {"outcome": "selesai"})
        rules.append((answer.status_code, answer.json()["rule"], answer.json()["clause"]))
    assert rules == [(422, "evaluation-filed", "P10.d.1"), (422, "document-attached", "P10.d.2")]
    missing = {"sha256": "0" * 64, "size": 1, "media_type": "text/plain"}
    body = {"outcome": "selesai", "documents": [missing]}
    assert pair.do(pair.task(identity, "d.2"), "complete", "tkksd:33", body).json()["rule"] == "document-known"
    paper = pair.upload(b"%PDF-1.7 pertimbangan", "tkksd:33").json()
    done = pair.do(pair.task(identity, "d.2"), "complete", "tkksd:33", {"outcome": "selesai", "documents": [paper]})
    assert done.json()["status"] == "completed"
    form = {"outcome": "selesai", "evaluation": FORM, "findings": [LEGAL]}
    assert pair.do(pair.task(identity, "d.1"), "complete", "tkksd:33", form).json()["rule"] == "period-over"


@pytest.mark.clause("P10.d.3", "P10.d.5")
def test_one_document_closes_advice_and_brief(pair: Pair) -> None:
    """One command, two tasks closed, and the advice names the brief."""
    identity = pair.implement("sengketa")
    pair.tell(identity, "raise-dispute", dispute="tarif", between=["33.72", "33.11"], description="tarif")
    pair.tell(identity, "request-decision", dispute="tarif")
    advice, brief = pair.task(identity, "d.3"), pair.task(identity, "d.5")
    paper = pair.upload(b"%PDF-1.7 masukan dan bahan", "tkksd:33").json()
    body = {"outcome": "disampaikan", "documents": [paper], "satisfies": brief["task_id"]}
    answer = pair.do(advice, "complete", "tkksd:33", body)
    assert len(answer.json()["events"]) == 2
    assert pair.task(identity, "d.5")["status"] == "completed"
    assert pair.task(identity, "d.3")["completed"]["satisfies"] == brief["task_id"]


def test_a_repeat_is_answered_from_the_log_and_another_body_is_refused(pair: Pair) -> None:
    """Twenty equal commands at once make one event and equal answers; the same key with another body is 422."""
    task = pair.task(pair.register("ulang"), "a.2")
    body = {"region": "33.72", "note": "rapat"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pair.do(task, "deliver", "tkksd:33", body, key="sama"), range(20)))
    assert {one.status_code for one in answers} == {200}
    assert len({one.text for one in answers}) == 1
    pair.do(task, "assign", "tkksd:33", {"assignee": "petugas-2"})
    later = pair.do(task, "deliver", "tkksd:33", body, key="sama")
    assert later.text == answers[0].text
    other = pair.do(task, "deliver", "tkksd:33", {"region": "33.11", "note": "rapat"}, key="sama")
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency-key-reused")


def test_many_officers_at_once_lose_nothing(pair: Pair) -> None:
    """Concurrent commands on one task are all applied, or refused by a rule."""
    task = pair.task(pair.register("ramai"), "a.2")
    sent = [("deliver", "tkksd:33", {"region": code, "note": "rapat"}) for code in ("33.72", "33.11")] * 5
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: pair.do(task, *one), sent))
    assert sorted(one.status_code for one in answers) == [200, 200] + [409] * 8
    history = pair.read(f"/tasks/{task['task_id']}/events")["items"]
    assert [one["streamversion"] for one in history] == list(range(1, len(history) + 1))
    assert pair.read(f"/tasks/{task['task_id']}")["status"] == "completed"


def test_an_outdated_etag_is_refused(pair: Pair) -> None:
    """Who expects another version is told so, and nothing happens."""
    task = pair.task(pair.register("etag"), "a.2")
    body = {"assignee": "petugas-1"}
    stale = pair.do(task, "assign", "tkksd:33", body, **{"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["rule"], stale.headers["ETag"]) == (412, "version-matches", '"1"')
    assert pair.do(task, "assign", "tkksd:33", body, **{"If-Match": '"1"'}).json()["version"] == 2


def test_boards_are_paged_and_filtered(pair: Pair) -> None:
    """Pages by due date follow one another without gap or repeat; duty may be a key or a clause."""
    identity = pair.implement("halaman")
    whole = pair.tasks(cooperation_id=identity)
    pages, after = [], None
    while True:
        page = pair.read("/tasks", cooperation_id=identity, limit=4, **({"after": after} if after else {}))
        pages += page["items"]
        after = page["next"]
        if after is None:
            break
    assert pages == whole
    assert [one["due_on"] for one in whole] == sorted(one["due_on"] for one in whole)
    assert pair.tasks(cooperation_id=identity, duty="P11") == pair.tasks(cooperation_id=identity, duty="oversight")
    assert {one["status"] for one in pair.tasks(cooperation_id=identity, status="completed")} == {"completed"}
    assert {one["body"] for one in pair.tasks(body="tkksd:33")} == {"tkksd:33"}


def test_a_position_that_is_not_reached_is_not_pretended(pair: Pair) -> None:
    """A reading not older than a far future waits (as long as it says) and then says so."""
    identity = pair.register("nanti")
    headers = pair.headers("auditor") | {"Ksad-After": "registry:999999", "Ksad-Wait": "0.2"}
    answer = pair.client("supervision").get(f"/cooperations/{identity}", headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (503, "reading-current")


def test_bad_requests_are_answered_with_problems(pair: Pair) -> None:
    """Unknown tasks, unknown fields, missing keys and future dates each name their rule."""
    task = pair.task(pair.register("buruk"), "a.2")
    nowhere = {"task_id": "00000000-0000-5000-8000-000000000000"}
    assert pair.do(nowhere, "assign", "tkksd:33", {"assignee": "a"}).json()["rule"] == "task-known"
    assert pair.do(task, "assign", "tkksd:33", {"assignee": "a", "x": 1}).json()["rule"] == "request-valid"
    assert pair.do(task, "assign", "tkksd:33", {"assignee": "Nama Orang"}).status_code == 422
    future = pair.do(task, "assign", "tkksd:33", {"assignee": "a", "on": "2999-01-01"})
    assert future.json()["rule"] == "date-not-future"
    early = pair.do(task, "assign", "tkksd:33", {"assignee": "a", "on": "1990"})
    assert early.json()["rule"] == "task-in-order"
    keyless = pair.client("supervision").post(
        f"/tasks/{task['task_id']}/assign", json={"assignee": "a"}, headers=pair.headers("tkksd:33")
    )
    assert (keyless.status_code, keyless.json()["rule"]) == (400, "idempotency-key-present")


@pytest.mark.clause("P5(1)", "P9(1)")
def test_bodies_are_listed_with_what_they_owe_and_how_they_were_established(pair: Pair) -> None:
    """Who owes what, by state; the decision that established a body stands beside it."""
    pair.register("badan")
    decision = {
        "body": "tkksd:33",
        "decision_number": "120/1/2010",
        "decided_on": "2010-01-04",
        "seat": "Sekretariat Daerah",
        "members": ["Sekretaris Daerah"],
    }
    pair.record("/bodies", "governor:33", decision)
    listed = {one["body"]: one for one in pair.read("/bodies")["items"]}
    assert listed["tkksd:33"]["established"]["decision_number"] == "120/1/2010"
    assert listed["tkksd:33"]["tasks"]["open"] > 0
    assert listed["tkksd:33"]["cooperations"] > 0


def test_the_status_says_how_far_supervision_is(pair: Pair) -> None:
    """Operators see head, lag and what needs care; others do not."""
    pair.register("keadaan")
    wait_until(lambda: pair.read("/status", "operator")["head"] > 0, what="what follows from the registration")
    status = pair.read("/status", "operator")
    assert (status["service"], status["parked"], status["quarantined"], status["faults"]) == ("supervision", 0, 0, [])
    assert status["head"] > 0
    assert pair.ask("/status", "auditor").status_code == 403
    assert pair.read("/parked", "operator") == {"items": []}
    assert pair.client("supervision").get("/readyz").status_code == 200
    assert "ksad.log.supervision.>" not in FOLLOWED
