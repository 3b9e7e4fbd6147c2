"""Feed rule 2 on a running platform: a new one begins with it, an old one gets it by a decision, and both verify."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.chassis.client import Client, ProblemError
from ksad.chassis.database import Database
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import pass_days, running
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from tests.support.platforms.command import ksad
from tests.support.platforms.evidence import settle
from tests.support.platforms.released import received, unpacked
from tests.support.platforms.subscribed import Ministry

LAST_DAY = date(2026, 1, 23)
PROVINCES = ("31", "32", "33", "34", "35")
DECISION = {"version": 2, "decision_number": "100.2.1/7/2026", "decided_on": "2026-01-20"}
ENDING = ("ksad.task.completed.v1", "ksad.task.cancelled.v1")


def fed(folder: Folder, province: str) -> list[dict[str, Any]]:
    """A province's feed, as the platform's folder has it."""
    database = Database(folder.database_url("reporting"))
    try:
        feeds = Feeds(database, Journal(database))
        with database.read() as connection:
            return [orjson.loads(raw) for raw in feeds.leaves(connection, province, 0, 100_000)]
    finally:
        database.close()


def unended(events: list[dict[str, Any]], ended: set[str]) -> set[str]:
    """Duties of which these events tell the beginning and not the end, though they have ended."""
    begun = {one["subject"] for one in events if one["type"] == "ksad.task.scheduled.v1"}
    told = {one["subject"] for one in events if one["type"] in ENDING}
    return begun & ended - told


def refused(client: Client, office: str, key: str, body: dict[str, Any]) -> tuple[int, str]:
    """Status and rule with which an adoption is refused."""
    with pytest.raises(ProblemError) as found:
        client.post("reporting", "/feed-rule", office, key, body)
    return found.value.status, found.value.rule


@pytest.mark.xdist_group("feeds")
def test_a_new_platform_begins_with_the_newest_rule(ministry: Ministry, tmp_path: Path) -> None:
    """Its first start adopts it before any feed has an entry, nobody adopts it again, and its archive verifies."""
    folder = ministry.folder
    with ministry.platform.client() as client:
        began = client.get("reporting", "/feed-rule")
        assert (began["held"], began["adopted"], began["recorded_by"]) == (2, 2, "operator")
        assert refused(client, "minister", "again", DECISION | {"decided_on": "2026-01-05"}) == (409, "feed-rule-later")
    file = tmp_path / "new.tar"
    assert ksad("audit", "export", "--data-dir", folder.root, "--out", file).code == 0
    assert ksad("audit", "verify", file, "--key", folder.keys / "public.vkeys").code == 0


def told_alone(completed: dict[str, Any] | None) -> bool:
    """Whether an old duty ended with nothing but a document, which may be advice: the supervisor alone is told."""
    return bool(completed and completed["documents"] and not completed["findings"] and not completed["evaluation"])


@pytest.mark.timeout(300)
def test_an_old_platform_gets_the_rule_by_a_decision(tmp_path: Path) -> None:
    """Only Minister and Secretariat adopt it; feeds go on without a break, and the archive verifies across it."""
    folder = unpacked("folder", tmp_path)
    with running(folder) as platform, platform.client() as client:
        pass_days(folder, client, LAST_DAY + timedelta(days=1))
        settle(platform.endpoints)
        before = {province: fed(folder, province) for province in PROVINCES}
        assert client.get("reporting", "/feed-rule")["held"] == 1
        assert refused(client, "operator", "a", {"version": 2})[0] == 403
        assert refused(client, "tkksd:32", "b", DECISION)[0] == 403
        assert refused(client, "minister", "c", {"version": 2}) == (422, "decision-named")
        assert refused(client, "minister", "d", DECISION | {"decided_on": "2026-12-31"}) == (422, "date-not-future")
        assert refused(client, "minister", "e", DECISION | {"version": 3}) == (422, "feed-rule-known")
        adopted = ksad(
            *("feeds", "adopt-rule", "--version", "2", "--number", DECISION["decision_number"]),
            *("--on", DECISION["decided_on"], "--office", "joint_secretariat", "--data-dir", folder.root, "--json"),
        )
        assert adopted.code == 0, adopted.out
        settle(platform.endpoints)
        pass_days(folder, client, LAST_DAY + timedelta(days=2))
        settle(platform.endpoints)
        told = ksad("feeds", "rule", "--data-dir", folder.root, "--json").json
        assert (told["held"], told["recorded_by"]) == (2, "joint_secretariat")
        assert (told["decision_number"], told["decided_on"]) == (DECISION["decision_number"], DECISION["decided_on"])
        tasks = client.get("supervision", "/tasks?limit=1000", "auditor")["items"]
        closed = [one for one in tasks if one["status"] in {"completed", "cancelled"}]
        ended = {f"task/{one['task_id']}" for one in closed if not told_alone(one["completed"])}
        after = {province: fed(folder, province) for province in PROVINCES}

    assert any(unended(events, ended) for events in before.values())
    for province in PROVINCES:
        assert after[province][: len(before[province])] == before[province]
        assert unended(after[province], ended) == set(), province
    file, kept = tmp_path / "later.tar", received(tmp_path)
    assert ksad("audit", "export", "--data-dir", folder.root, "--out", file).code == 0
    verified = ksad(
        *("audit", "verify", file, "--key", folder.keys / "public.vkeys", "--since", kept / "checkpoint-half-way"),
        *("--feed", f"33={kept / 'feed-33.sqlite'}", "--feed", f"34={kept / 'feed-34.jsonl'}"),
    )
    assert verified.code == 0, verified.out
    assert ksad("audit", "reconcile", "--data-dir", folder.root).code == 0
    new = tmp_path / "new"
    restored = ksad("restore", "--from", file, "--data-dir", new, "--keys", folder.keys)
    assert restored.code == 0, restored.out
    assert {province: fed(Folder(new), province) for province in PROVINCES} == after
