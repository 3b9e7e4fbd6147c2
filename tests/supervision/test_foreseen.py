"""A dry run says what an act brings about, and nothing is recorded: held against what supervision then does."""

import uuid
from typing import Any

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
