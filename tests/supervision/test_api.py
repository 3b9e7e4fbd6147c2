"""Supervision over HTTP beside a real registry and broker, on both databases: what officers and parties may do."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.access import routes
from supervision.api import waiting
from supervision.app import FOLLOWED
from tests.support.pair import Pair, running_pair
from tests.support.postgres import PostgresServer

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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both services; each test registers cooperations of its own."""
    folder = tmp_path_factory.mktemp("pair")
    registry = f"sqlite:///{folder / 'registry.sqlite'}"
    if request.param == "sqlite":
        with running_pair(folder, registry, f"sqlite:///{folder / 'supervision.sqlite'}") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.databases() as make, running_pair(folder, registry, make()) as made:
        yield made


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
    """After a party from elsewhere joined, both resolutions stand with the same fields and their days."""
    identity = pair.register("tumbuh")
    pair.tell(identity, "add-party", region="34.71")
    shown = pair.read(f"/cooperations/{identity}")
    assert [one["supervising_body"] for one in shown["resolutions"]] == ["tkksd:33", "joint_secretariat"]
    assert all(one["from"] for one in shown["resolutions"])
    last = {name: value for name, value in shown["resolutions"][-1].items() if name != "from"}
    assert last == {name: shown[name] for name in last}
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
    events = pair.client("registry").get(f"/cooperations/{identity}/events", headers=pair.headers("auditor")).json()
    assert task["causation_event_id"] == events["items"][0]["id"]
    history = pair.read(f"/tasks/{task['task_id']}/events")["items"]
    assert [one["type"] for one in history] == ["ksad.task.scheduled.v1"]


@pytest.mark.clause("P1.7", "P10.a.2")
def test_the_body_delivers_and_a_party_declines_for_itself(pair: Pair) -> None:
    """Guidance closes when each party has got or declined it; nobody declines for another."""
    task = pair.task(pair.register("beri"), "a.2")
    refused = pair.do(task, "decline", "region:33.11", {"region": "33.72", "reason": "tidak"})
    assert (refused.status_code, refused.json()["rule"]) == (403, "own-party")
    given = pair.do(task, "deliver", "tkksd:33", {"region": "33.72", "note": "rapat"})
    assert (given.status_code, given.json()["status"]) == (200, "in_progress")
    done = pair.do(task, "decline", "region:33.11", {"reason": "sudah punya"})
    assert (done.json()["status"], done.headers["ETag"]) == ("completed", f'"{done.json()["version"]}"')
    assert done.headers["Ksad-Position"] == done.json()["position"]
    headers = pair.headers("auditor") | {"Ksad-After": done.json()["position"]}
    shown = pair.client("supervision").get(f"/tasks/{task['task_id']}", headers=headers).json()
    assert (shown["status"], shown["declined"]["33.11"]["reason"]) == ("completed", "sudah punya")
    again = pair.do(task, "deliver", "tkksd:33", {"region": "33.11"})
    assert (again.status_code, again.json()["rule"], again.json()["clause"]) == (409, "task-open", "P10.a.2")


@pytest.mark.parametrize(
    ("office", "deed", "status"),
    [
        ("tkksd:33", "assign", 200),
        ("governor:33", "assign", 200),
        ("tkksd:32", "assign", 403),
        ("governor:32", "assign", 403),
        ("joint_secretariat", "assign", 403),
        ("minister", "assign", 403),
        ("region:33.72", "assign", 403),
        ("auditor", "assign", 403),
        ("operator", "assign", 403),
        ("tkksd:33", "decline", 403),
        ("region:34.71", "decline", 403),
        ("auditor", "decline", 403),
    ],
)
def test_only_the_body_its_head_and_the_parties_write(pair: Pair, office: str, deed: str, status: int) -> None:
    """The supervising body and its head work on its tasks, a party declines for itself, auditors only read."""
    identity = pair.register(f"hak-{office.replace(':', '-').replace('.', '-')}-{deed}")
    body = {"assignee": "petugas-1"} if deed == "assign" else {"reason": "tidak perlu"}
    answer = pair.do(pair.task(identity, "a.2"), deed, office, body)
    assert answer.status_code == status, answer.text


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
    paper = pair.upload(b"pertimbangan", "tkksd:33").json()
    done = pair.do(pair.task(identity, "d.2"), "complete", "tkksd:33", {"outcome": "selesai", "documents": [paper]})
    assert done.json()["status"] == "completed"
    form = {"outcome": "selesai", "evaluation": FORM, "findings": [LEGAL]}
    assert pair.do(pair.task(identity, "d.1"), "complete", "tkksd:33", form).json()["status"] == "completed"


@pytest.mark.clause("P10.d.3", "P10.d.5")
def test_one_document_closes_advice_and_brief(pair: Pair) -> None:
    """One command, two tasks closed, and the advice names the brief."""
    identity = pair.implement("sengketa")
    pair.tell(identity, "raise-dispute", dispute="tarif", between=["33.72", "33.11"], description="tarif")
    pair.tell(identity, "request-decision", dispute="tarif")
    advice, brief = pair.task(identity, "d.3"), pair.task(identity, "d.5")
    paper = pair.upload(b"masukan dan bahan", "tkksd:33").json()
    body = {"outcome": "disampaikan", "documents": [paper], "satisfies": brief["task_id"]}
    answer = pair.do(advice, "complete", "tkksd:33", body)
    assert len(answer.json()["events"]) == 2
    assert pair.task(identity, "d.5")["status"] == "completed"
    assert pair.task(identity, "d.3")["completed"]["satisfies"] == brief["task_id"]


@pytest.mark.clause("P10.d.2", "P10.d.3")
def test_advice_is_not_for_parties_and_opinions_and_guidance_are(pair: Pair) -> None:
    """A party reads its cooperations' tasks: what is addressed or was delivered to it, no advice and no findings."""
    identity = pair.implement("rahasia")
    pair.tell(identity, "report-problem", problem="bau", description="bau")
    pair.tell(identity, "raise-dispute", dispute="tarif", between=["33.72", "33.11"], description="tarif")
    secret, told, law = (pair.upload(text, "tkksd:33").json() for text in (b"masukan", b"pertimbangan", b"peraturan"))
    advice, opinion, guidance = (pair.task(identity, duty) for duty in ("d.3", "d.2", "a.1.a"))
    pair.do(advice, "complete", "tkksd:33", {"outcome": "disampaikan", "documents": [secret]})
    pair.do(opinion, "complete", "tkksd:33", {"outcome": "diberikan", "documents": [told]})
    pair.do(guidance, "deliver", "tkksd:33", {"region": "33.72", "documents": [law]})
    assert list(pair.read(f"/tasks/{advice['task_id']}", "region:33.72")["completed"]) == ["on"]
    assert pair.read(f"/tasks/{opinion['task_id']}", "region:33.72")["completed"]["documents"] == [told]

    def got(task: dict[str, object], document: dict[str, str], office: str) -> int:
        return pair.ask(f"/tasks/{task['task_id']}/documents/{document['sha256']}", office).status_code

    assert [got(advice, secret, office) for office in ("tkksd:33", "region:33.72")] == [200, 404]
    assert [got(opinion, told, office) for office in ("tkksd:33", "region:33.72")] == [200, 200]
    assert [got(guidance, law, office) for office in ("region:33.72", "region:33.11")] == [200, 404]
    assert pair.ask(f"/tasks/{guidance['task_id']}", "region:32.75").status_code == 404
    assert not pair.tasks("region:32.75", cooperation_id=identity)
    assert pair.ask(f"/tasks/{opinion['task_id']}/events", "region:33.72").status_code == 403


def test_a_region_is_known_by_its_lineage(pair: Pair) -> None:
    """After the region's code changed its office still speaks for the party, and is reached under either code."""
    identity = pair.register("papua", ("93.01", "93.02"))
    task = pair.task(identity, "a.2")
    assert pair.do(task, "deliver", "tkksd:93", {"region": "91.01"}).status_code == 200
    assert pair.read(f"/tasks/{task['task_id']}")["remaining"] == ["93.02"]


def test_a_repeat_is_answered_from_the_log_and_another_body_is_refused(pair: Pair) -> None:
    """Twenty equal commands at once make one event and equal answers; the same key with another body is 422."""
    task = pair.task(pair.register("ulang"), "a.2")
    body = {"region": "33.72"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pair.do(task, "deliver", "tkksd:33", body, key="sama"), range(20)))
    assert {one.status_code for one in answers} == {200}
    assert len({one.text for one in answers}) == 1
    pair.do(task, "assign", "tkksd:33", {"assignee": "petugas-2"})
    later = pair.do(task, "deliver", "tkksd:33", body, key="sama")
    assert later.text == answers[0].text
    other = pair.do(task, "deliver", "tkksd:33", {"region": "33.11"}, key="sama")
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency-key-reused")


def test_many_officers_at_once_lose_nothing(pair: Pair) -> None:
    """Concurrent commands on one task are all applied, or refused by a rule."""
    task = pair.task(pair.register("ramai"), "a.2")
    deeds = [("deliver", "tkksd:33", {"region": code}) for code in ("33.72", "33.11")] * 5
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: pair.do(task, *one), deeds))
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


def test_a_correction_changes_what_is_shown_and_never_the_history(pair: Pair) -> None:
    """The reason of a declining party is corrected by itself; its event stays in the log."""
    task = pair.task(pair.register("betul"), "a.2")
    declined = pair.do(task, "decline", "region:33.11", {"reason": "salah"}).json()
    body = {"corrects": declined["events"][0], "reason": "salah ketik", "fields": {"reason": "sudah ada tenaga"}}
    assert pair.do(task, "correct", "region:33.72", body).status_code == 403
    assert pair.do(task, "correct", "region:33.11", body).status_code == 200
    assert pair.read(f"/tasks/{task['task_id']}")["declined"]["33.11"]["reason"] == "sudah ada tenaga"
    history = pair.read(f"/tasks/{task['task_id']}/events")["items"]
    assert [one["data"].get("reason") for one in history[1:]] == ["salah", "salah ketik"]
    fields = body | {"fields": {"region": "33.72"}}
    assert pair.do(task, "correct", "region:33.11", fields).json()["rule"] == "field-correctable"


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


def test_a_position_that_is_not_reached_is_not_pretended(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading not older than a far future waits (five seconds; here less) and then says so."""
    monkeypatch.setattr(waiting, "WAIT_SECONDS", 0.2)
    identity = pair.register("nanti")
    headers = pair.headers("auditor") | {"Ksad-After": "registry:999999"}
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
    assert early.json()["rule"] == "date-after-scheduled"
    keyless = pair.client("supervision").post(
        f"/tasks/{task['task_id']}/assign", json={"assignee": "a"}, headers=pair.headers("tkksd:33")
    )
    assert (keyless.status_code, keyless.json()["rule"]) == (400, "idempotency-key-present")


def test_every_route_but_the_operating_ones_asks_for_a_caller(pair: Pair) -> None:
    """Default deny: without a token everything answers 401."""
    client = pair.client("supervision")
    app: object = client.app
    asked = routes(app)  # type: ignore[arg-type] # Starlette's client knows any ASGI app
    assert {route for _, route, action in asked if action is None} <= {"/livez", "/readyz", "/metrics", "/openapi.json"}
    for method, route, action in asked:
        if action is not None:
            path = route.replace("{task_id}", "00000000-0000-5000-8000-000000000000").replace("{sha256}", "0" * 64)
            path = path.replace("{cooperation_id}", "00000000-0000-5000-8000-000000000000")
            assert client.request(method, path).status_code == 401, (method, route)


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
    status = pair.read("/status", "operator")
    assert (status["service"], status["parked"], status["quarantined"], status["faults"]) == ("supervision", 0, 0, [])
    assert status["head"] > 0
    assert pair.ask("/status", "auditor").status_code == 403
    assert pair.read("/parked", "operator") == {"items": []}
    assert pair.client("supervision").get("/readyz").status_code == 200
    assert "ksad.log.supervision.>" not in FOLLOWED
