"""The registry over HTTP, as clerks, operators and auditors use it, on both databases with a real broker."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ksad.chassis.access import endpoints
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import load_text as law_text
from ksad.contracts.regions import load_text as regions_text
from ksad.contracts.regions import sha256
from tests.support.platforms.speaking import DECIDED, HEAD, Speak, path
from tests.support.servers.schemas import ON_SQLITE


@ON_SQLITE
def test_the_anonymous_caller_is_refused(speak: Speak) -> None:
    """Without a token every route but health and metrics answers 401 with a problem."""
    client = speak("operator")._client
    app: Any = client.app
    asking = [endpoint for endpoint in endpoints(app) if endpoint.action is not None]
    for endpoint in asking:
        answer = client.request(endpoint.method, endpoint.path.replace("{cooperation_id}", str(cooperation_id("a"))))
        assert answer.status_code == 401, endpoint
        assert answer.headers["content-type"] == "application/problem+json"
    assert len(asking) > 30


def test_a_repeat_is_answered_from_the_log(speak: Speak) -> None:
    """Twenty equal posts at once make one event set and get equal answers; another body under the key is 422."""
    clerk = speak("region:33.72")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: clerk.post("/cooperations", "k", {"key": "a", **HEAD}), range(20)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(clerk.get(path("a", "events")).json()["items"]) == 1
    other = clerk.post("/cooperations", "k", {"key": "b", **HEAD})
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency-key-reused")


def test_fifty_commands_at_once_on_one_cooperation(speak: Speak) -> None:
    """All of fifty concurrent commands are applied, none is lost, none twice."""
    clerk = speak("region:33.72")
    assert clerk.post("/cooperations", "k", {"key": "a", **HEAD}).status_code == 201

    def report(number: int) -> int:
        body = {"problem": f"p{number}", "description": "x"}
        answer = clerk.post(path("a", "report-problem"), f"p-{number}", body)
        for _ in range(20):
            # Where the machine stalls, a command is asked to come again, and does with the same key.
            if answer.status_code != 503 and answer.json().get("rule") != "changed-meanwhile":
                break
            answer = clerk.post(path("a", "report-problem"), f"p-{number}", body)
        return int(answer.status_code)

    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(report, range(50)))

    assert set(statuses) == {200}
    shown = clerk.get(path("a")).json()
    assert (shown["version"], len(shown["problems"])) == (51, 50)


def test_an_etag_guards_against_a_lost_update(speak: Speak) -> None:
    """With If-Match a command is carried out on that version only; a wrong one is 412 and changes nothing."""
    clerk = speak("region:33.72")
    tag = clerk.post("/cooperations", "k", {"key": "a", **HEAD}).headers["ETag"]
    body = {"problem": "p", "description": "x"}

    stale = clerk.post(path("a", "report-problem"), "k2", body, **{"If-Match": '"9"'})
    fresh = clerk.post(path("a", "report-problem"), "k3", body, **{"If-Match": tag})

    assert (stale.status_code, stale.json()["rule"]) == (412, "version-matches")
    assert (fresh.status_code, fresh.headers["ETag"]) == (200, '"2"')


@ON_SQLITE
def test_only_a_party_records_for_itself(speak: Speak) -> None:
    """A region that is no party, a foreign TKKSD and an auditor are refused with rule and clause."""
    assert speak("region:33.72").post("/cooperations", "k", {"key": "a", **HEAD}).status_code == 201
    body = {"problem": "p", "description": "x"}
    for office, status in (("region:34.71", 403), ("tkksd:34", 403), ("auditor", 403), ("tkksd:33", 200)):
        answer = speak(office).post(path("a", "report-problem"), f"k-{office}", body)
        assert status == answer.status_code, office
    refused = speak("region:34.71").post(path("a", "report-problem"), "z", body).json()
    assert (refused["rule"], refused["clause"]) == ("is-party", "P1.3")


@ON_SQLITE
def test_a_governor_settles_only_where_he_is_the_forum(speak: Speak) -> None:
    """The Governor of the province decides; a Governor whose province is a party never does."""
    for key, parties in (("a", ["33.72", "33.13"]), ("b", ["33", "33.72"])):
        speak("region:33.72").post("/cooperations", key, {"key": key, **HEAD, "parties": parties})
        body = {"dispute": "d", "between": parties, "description": "x"}
        assert speak("region:33.72").post(path(key, "raise-dispute"), f"r-{key}", body).status_code == 200
    governor = speak("governor:33")
    sent = governor._headers | {"Content-Type": "application/pdf"}
    paper = governor._client.post("/documents", content=b"%PDF-1.7 keputusan", headers=sent).json()
    body = {"dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "1", "document": paper}

    assert governor.post(path("b", "settle-dispute"), "s1", body).status_code == 403
    assert speak("governor:34").post(path("a", "settle-dispute"), "s2", body).status_code == 403
    assert governor.post(path("a", "settle-dispute"), "s3", body).status_code == 200


@ON_SQLITE
def test_a_correction_keeps_the_rules(speak: Speak) -> None:
    """A correctable field is corrected; another field, a foreign event or a broken rule is refused."""
    clerk = speak("region:33.72")
    event = clerk.post("/cooperations", "k", {"key": "a", **HEAD}).json()["events"][0]
    cases = [
        ({"corrects": event, "fields": {"title": "Judul benar"}}, 200, None),
        ({"corrects": event, "fields": {"parties": ["33.72", "34.71"]}}, 422, "field-correctable"),
        ({"corrects": event, "fields": {"title": ""}}, 422, "correction-fits"),
        ({"corrects": str(cooperation_id("x")), "fields": {"title": "x"}}, 404, "corrects-own-event"),
    ]
    for number, (body, status, rule) in enumerate(cases):
        answer = clerk.post(path("a", "correct"), f"c{number}", {**body, "reason": "salah ketik"})
        assert (status, rule) == (answer.status_code, answer.json().get("rule")), body


@ON_SQLITE
def test_corrected_values_count_from_then_on(speak: Speak) -> None:
    """After a correction the register shows the corrected value, and rules are held against it."""
    clerk = speak("region:33.72")
    clerk.post("/cooperations", "k", {"key": "a", **HEAD})
    team = speak("tkksd:33")
    numbers = {"33.72": "1", "33.13": "2"}
    naskah = team.upload(b"%PDF-1.7 naskah")
    steps: list[tuple[str, dict[str, object]]] = [
        ("enter-stage", {"stage": "negotiation"}),
        ("enter-stage", {"stage": "signing"}),
        ("sign-accord", {"numbers": numbers, "document": naskah}),
        ("sign-agreement", {"numbers": numbers, "ends_on": "2030-01-01", "document": naskah}),
    ]
    answers = [team.post(path("a", action), f"s{number}", body) for number, (action, body) in enumerate(steps)]
    assert [answer.status_code for answer in answers] == [200] * len(steps)
    signed = answers[-1].json()["events"][2]
    body = {"corrects": signed, "fields": {"ends_on": "2032-01-01"}, "reason": "salah ketik"}
    assert team.post(path("a", "correct"), "c", body).status_code == 200

    assert clerk.get(path("a")).json()["ends_on"] == "2032-01-01"
    extension = {"numbers": numbers, "ends_on": "2031-01-01", "document": naskah}
    assert clerk.post(path("a", "extend"), "e", extension).json()["rule"] == "extension-is-longer"


@pytest.mark.clause("P5(1)", "P5(2)", "P5(3)", "P5(4)", "P9(1)", "P9(2)", "P9(3)", "P9(4)")
@ON_SQLITE
def test_bodies_are_established_by_decision(speak: Speak) -> None:
    """The Minister records the Joint Secretariat's decision, a Governor that of his own TKKSD only."""
    fields = {"decided_on": "2010-01-04", "seat": "Sekretariat Daerah", "members": ["Sekretaris Daerah"]}
    minister = {"body": "joint_secretariat", "decision_number": "Kepmendagri 1/2010", **fields}
    own = {"body": "tkksd:33", "decision_number": "Kepgub 2/2010", **fields}

    assert speak("minister").post("/bodies", "b1", minister).status_code == 200
    assert speak("governor:33").post("/bodies", "b2", own).status_code == 200
    assert speak("governor:34").post("/bodies", "b3", own).status_code == 403


@ON_SQLITE
def test_days_pass_one_by_one(speak: Speak) -> None:
    """Days are recorded ascending and without gaps, never before they are over, each once."""
    operator = speak("operator")
    for key, day, status in (
        ("d1", "2026-01-05", 200),
        ("d1", "2026-01-05", 200),
        ("d2", "2026-01-05", 409),
        ("d3", "2026-01-07", 409),
        ("d4", "2026-01-06", 200),
        ("d5", "2999-01-01", 409),
    ):
        assert status == operator.post("/days", key, {"day": day}).status_code, (key, day)
    assert operator.get("/days/last").json().items() >= {"day": "2026-01-06"}.items()


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"not json", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"key": "a"}', "application/json", 422),
        (json.dumps({"key": "A B", **HEAD}).encode(), "application/json", 422),
        (json.dumps({"key": "a", **HEAD, "surprise": 1}).encode(), "application/json", 422),
        (b"x" * 10_000_000, "application/json", 413),
        (json.dumps({"key": "a", **HEAD, "title": "e\u0301"}).encode(), "application/json", 422),
    ],
)
@ON_SQLITE
def test_bad_bodies_get_problems(speak: Speak, content: bytes, media_type: str, status: int) -> None:
    """Text that is no JSON, lacks or invents fields, or is too large is refused with a problem that names the rule."""
    clerk = speak("region:33.72")
    headers = clerk._headers | {"Idempotency-Key": "k", "Content-Type": media_type}
    answer = clerk._client.post("/cooperations", content=content, headers=headers)

    assert status == answer.status_code
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rule"]
    assert answer.json()["detail"]


@ON_SQLITE
def test_a_command_needs_its_key(speak: Speak) -> None:
    """A write without Idempotency-Key, or with one that has spaces, is 400."""
    clerk = speak("region:33.72")
    for headers in ({}, {"Idempotency-Key": "a b"}, {"Idempotency-Key": "x" * 129}):
        answer = clerk._client.post("/cooperations", json={"key": "a", **HEAD}, headers=clerk._headers | headers)
        assert (answer.status_code, answer.json()["rule"]) == (400, "idempotency-key-present")


@ON_SQLITE
def test_reference_data_must_be_whole(speak: Speak) -> None:
    """A wrong hash, an unreadable table or a profile with a gap is refused; the same content again changes nothing."""
    minister = speak("minister")
    text = regions_text()
    same = {"kind": "regions", "name": "regions", "content": text, "sha256": sha256(text), "source": "uji", **DECIDED}
    gap = law_text("ksad-2009").replace("trigger =", "trigge =", 1)

    assert minister.post("/references", "r1", same).json()["changed"] is False
    assert minister.post("/references", "r2", same | {"sha256": "0" * 64}).status_code == 422
    bad = {"content": gap, "sha256": sha256(gap), "kind": "profile", "name": "ksad-2009", "source": "uji", **DECIDED}
    refused = minister.post("/references", "r3", bad)
    assert (refused.status_code, refused.json()["rule"]) == (422, "reference-readable")


def test_a_document_is_uploaded_before_a_fact_names_it(speak: Speak) -> None:
    """A fact, or a correction, that names a document which nobody keeps would spoil every archive: it is refused."""
    clerk = speak("tkksd:33")
    head = {**HEAD, "stage": "implementation_and_termination", "legacy": True, "on": "2019"}
    assert clerk.post("/cooperations", "k", {"key": "a", **head}).status_code == 201
    paper: dict[str, Any] = {
        "sha256": hashlib.sha256(b"%PDF-1.7 bukti").hexdigest(),
        "size": 14,
        "media_type": "application/pdf",
    }
    proof = {"item": "a", "document": paper}

    refused = clerk.post(path("a", "complete-termination-item"), "i1", proof)
    assert (refused.status_code, refused.json()["rule"]) == (422, "document-known")
    upload = clerk._client.post(
        "/documents", content=b"%PDF-1.7 bukti", headers=clerk._headers | {"Content-Type": "application/pdf"}
    )
    assert upload.json() == paper
    done = clerk.post(path("a", "complete-termination-item"), "i2", proof)
    assert done.status_code == 200
    correction = {"corrects": done.json()["events"][0], "reason": "berkas lain"}
    for sha256_, rule in (("0" * 64, "document-known"), ("x", "correction-fits"), (paper["sha256"], None)):
        fields = {"document": paper | {"sha256": sha256_}}
        answer = clerk.post(path("a", "correct"), f"c-{sha256_[:2]}", {**correction, "fields": fields})
        assert answer.json().get("rule") == rule


@ON_SQLITE
def test_only_the_ministry_pins_a_profile(speak: Speak) -> None:
    """Neither a party nor the operator may choose the law; the Ministry may, among the profiles that were adopted."""
    speak("region:33.72").post("/cooperations", "k", {"key": "a", **HEAD})
    pin = {"profile": "ksad-2009", "reason": "surat Dirjen 1/2026", **DECIDED}
    assert speak("region:33.72").post(path("a", "pin-profile"), "p1", pin).status_code == 403
    assert speak("operator").post(path("a", "pin-profile"), "p1", pin).status_code == 403
    unknown = speak("joint_secretariat").post(path("a", "pin-profile"), "p2", pin | {"profile": "ksad-1999"})
    assert (unknown.status_code, unknown.json()["rule"]) == (422, "profile-known")
    assert speak("joint_secretariat").post(path("a", "pin-profile"), "p3", {"profile": "ksad-2009"}).status_code == 422
    assert speak("minister").post(path("a", "pin-profile"), "p4", pin).status_code == 200
    assert speak("auditor").get(path("a")).json()["profile"] == "ksad-2009"


@ON_SQLITE
def test_a_cooperation_says_what_the_office_may_do(speak: Speak) -> None:
    """With the version that it speaks of; of what nobody knows it says 404."""
    clerk = speak("region:33.72")
    tag = clerk.post("/cooperations", "k", {"key": "a", **HEAD}).headers["ETag"]

    answer = clerk.get(path("a", "may"))

    acts = {one["act"]: one for one in answer.json()["acts"]}
    assert answer.headers["ETag"] == tag
    assert (acts["report-problem"]["allowed"], acts["sign-accord"]["refusal"]["clause"]) == (True, "P4.c")
    assert clerk.get(path("b", "may")).status_code == 404
