"""Who may read and do what with a task: the body and its head, the parties, auditors."""

import pytest

from tests.support.platforms.pair import Pair


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
    again = pair.do(task, "deliver", "tkksd:33", {"region": "33.11", "note": "rapat"})
    assert (again.status_code, again.json()["rule"], again.json()["clause"]) == (409, "task-open", "P10.a.2")


@pytest.mark.parametrize(
    ("office", "command", "status"),
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
def test_only_the_body_its_head_and_the_parties_write(pair: Pair, office: str, command: str, status: int) -> None:
    """The supervising body and its head work on its tasks, a party declines for itself, auditors only read."""
    identity = pair.register(f"hak-{office.replace(':', '-').replace('.', '-')}-{command}")
    body = {"assignee": "petugas-1"} if command == "assign" else {"reason": "tidak perlu"}
    answer = pair.do(pair.task(identity, "a.2"), command, office, body)
    assert answer.status_code == status, answer.text


@pytest.mark.clause("P10.d.2", "P10.d.3")
def test_advice_is_not_for_parties_and_opinions_and_guidance_are(pair: Pair) -> None:
    """A party reads its cooperations' tasks: what is addressed or was delivered to it, no advice and no findings."""
    identity = pair.implement("rahasia")
    pair.tell(identity, "report-problem", problem="bau", description="bau")
    pair.tell(identity, "raise-dispute", dispute="tarif", between=["33.72", "33.11"], description="tarif")
    secret, told, law = (pair.upload(text, "tkksd:33").json() for text in (b"%PDF-1.7 a", b"%PDF-1.7 b", b"%PDF-1.7 c"))
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


@pytest.mark.fault("http A1")
def test_a_region_is_known_by_its_lineage(pair: Pair) -> None:
    """After the region's code changed it is reached under either code, and speaks under the one of today only."""
    identity = pair.register("papua", ("93.01", "93.02"))
    task = pair.task(identity, "a.2")
    refused = pair.do(task, "decline", "region:91.16", {"reason": "sudah ada"})
    assert (refused.status_code, refused.json()["rule"]) == (403, "own-party")
    assert pair.do(task, "deliver", "tkksd:93", {"region": "91.01", "note": "rapat"}).status_code == 200
    assert pair.read(f"/tasks/{task['task_id']}")["remaining"] == ["93.02"]
    assert pair.do(task, "decline", "region:93.02", {"region": "91.16", "reason": "sudah ada"}).status_code == 200


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
