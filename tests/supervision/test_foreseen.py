"""A dry run says what an act brings about, and nothing is recorded: held against what supervision then does."""

import uuid
from typing import Any

from ksad.supervision.domain.commands import COMMANDS
from tests.support.platforms.pair import HEAD, Pair

DRY = {"Ksad-Dry-Run": "true"}


def foresee(pair: Pair, place: str, office: str, body: dict[str, Any]) -> Any:
    """What an act would bring about."""
    answer = pair.send("registry", place, office, body, **DRY)
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is True
    return answer.json()


def scheduled(pair: Pair, identity: str) -> dict[str, str]:
    """The duties that supervision has scheduled, by their tasks."""
    return {one["task_id"]: one["duty"] for one in pair.tasks(cooperation_id=identity)}


def test_what_is_foreseen_is_what_comes(pair: Pair) -> None:
    """Registering, entering a stage, a problem: body and duties are those that supervision then records."""
    key, clerk = f"kira-{uuid.uuid4().hex[:8]}", "region:33.72"
    parties = ["33.72", "33.11"]
    said = foresee(pair, "/cooperations", clerk, {"key": key, "parties": parties, **HEAD})
    assert (said["supervising_body"], said["supervisor_name"]) == ("tkksd:33", "TKKSD Provinsi Jawa Tengah")
    assert pair.client("registry").get("/cooperations", params={"key": key}, headers=pair.headers(clerk)).is_error
    identity = pair.register(key)
    known = scheduled(pair, identity)
    assert {one["duty"] for one in said["duties"]} == set(known.values())
    for command, body in (
        ("enter-stage", {"stage": "negotiation"}),
        ("report-problem", {"problem": "bau", "description": "bau"}),
    ):
        said = foresee(pair, f"/cooperations/{identity}/{command}", clerk, body)
        pair.tell(identity, command, **body)
        after = scheduled(pair, identity)
        assert {one["duty"] for one in said["duties"]} == {after[one] for one in after.keys() - known.keys()}, command
        known = after


def test_a_dry_run_asks_whom_the_act_would_ask(pair: Pair) -> None:
    """An act of several says whose confirmation it waits for; what breaks a rule is refused as when it is sent."""
    identity = pair.register(f"kira-{uuid.uuid4().hex[:8]}")
    place = f"/cooperations/{identity}"
    refused = pair.send("registry", f"{place}/resolve-problem", "region:33.72", {"problem": "x", "outcome": "y"}, **DRY)
    sent = pair.send("registry", f"{place}/resolve-problem", "region:33.72", {"problem": "x", "outcome": "y"})
    assert (refused.status_code, refused.json()["rule"]) == (sent.status_code, sent.json()["rule"])
    pair.tell(identity, "enter-stage", stage="negotiation")
    pair.tell(identity, "enter-stage", stage="signing")
    paper = pair._paper("region:33.72")
    body = {"numbers": {"33.72": "1", "33.11": "2"}, "document": paper}
    said = foresee(pair, f"{place}/sign-accord", "region:33.72", body)
    assert (said["state"], said["awaiting"]) == (
        "proposed",
        [{"region": "33.11", "name": "Kabupaten Sukoharjo"}],
    )
    shown = pair.client("registry").get(place, headers=pair.headers("region:33.72")).json()
    assert shown["pending"] == []
    wrong = {**DRY, "Ksad-Dry-Run": "yes"}
    assert pair.send("registry", f"{place}/sign-accord", "region:33.72", body, **wrong).status_code == 422


def test_each_act_on_a_task_does_what_was_foreseen(pair: Pair) -> None:
    """Of every act on a task the dry run says facts, state, whom it leaves and what is done; and it records nothing."""
    identity = pair.implement(f"kira-{uuid.uuid4().hex[:8]}")
    guidance = next(one for one in pair.tasks(cooperation_id=identity) if len(one["remaining"]) == 2)
    team = "tkksd:33"
    told: dict[str, Any] = {}
    told |= done_as_foreseen(pair, guidance, "assign", team, {"assignee": "petugas-1"})
    told |= done_as_foreseen(pair, guidance, "open-reminder", team, {"reminder": "assigned"})
    told |= done_as_foreseen(pair, guidance, "deliver", team, {"region": "33.72", "note": "rapat"})
    assert [one["region"] for one in told["deliver"]["awaiting"]] == ["33.11"]
    delivered = pair.read(f"/tasks/{guidance['task_id']}/events", team)["items"][-1]
    mended = {"corrects": delivered["id"], "reason": "salah ketik", "fields": {"note": "rapat daring"}}
    told |= done_as_foreseen(pair, guidance, "correct", team, mended)
    told |= done_as_foreseen(pair, guidance, "decline", "region:33.11", {"reason": "cukup"})
    assert [one["task_id"] for one in told["decline"]["completes"]] == [guidance["task_id"]]
    oversight = next(one for one in pair.tasks(cooperation_id=identity) if one["duty"] == "oversight")
    due = {"who": "region:33.72", "what": "lengkapi naskah", "by": "2099-01-31"}
    finding = {"basis": "legislation", "conforms": False, "description": "naskah belum lengkap", "follow_up": due}
    paper = pair.upload(b"%PDF-1.7 berita acara\n", team).json()
    outcome = {"outcome": "diperiksa", "findings": [finding], "documents": [paper]}
    told |= done_as_foreseen(pair, oversight, "complete", team, outcome)
    assert [(one["finding"], one["name"], one["by"]) for one in told["complete"]["follow_ups"]] == [
        (1, "Kota Surakarta", "2099-01-31")
    ]
    closing = {"finding": 1, "outcome": "naskah lengkap", "documents": [paper]}
    told |= done_as_foreseen(pair, oversight, "close-follow-up", team, closing)
    assert set(COMMANDS) - set(told) == {"acknowledge"}


def done_as_foreseen(pair: Pair, task: dict[str, Any], act: str, office: str, body: dict[str, Any]) -> dict[str, Any]:
    """Tries an act, sees that nothing was recorded, and holds what was said against what the act does."""
    place = f"/tasks/{task['task_id']}"
    before, events = pair.read(place), pair.read(f"{place}/events", "tkksd:33")["items"]
    tried = pair.do(task, act, office, body, key=f"{act}-1", **DRY)
    assert tried.status_code == 200, tried.text
    said = tried.json()
    assert pair.read(place) == before
    done = pair.do(task, act, office, body, key=f"{act}-1")
    assert done.status_code == 200, done.text
    assert set(done.json()["events"]).isdisjoint({one["id"] for one in events})
    after, made = pair.read(place), pair.read(f"{place}/events", "tkksd:33")["items"][len(events) :]
    assert [(one["type"].rpartition(".")[0], one["occurredon"], one["data"]) for one in made] == [
        (fact["name"], fact["on"], fact["says"]) for fact in said["facts"]
    ]
    assert (said["status"], [one["region"] for one in said["awaiting"]]) == (after["status"], after["remaining"])
    return {act: said}
