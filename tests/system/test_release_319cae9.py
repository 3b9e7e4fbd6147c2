"""What release 319cae9 wrote goes on under this one: its data folder, its PostgreSQL databases and its archive."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.client import Client, ProblemError
from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import pass_days, running
from tests.support.platforms.command import ksad
from tests.support.platforms.evidence import journal, settle
from tests.support.platforms.released import archive, expected, loaded, received, unpacked
from tests.support.servers.postgres import PostgresServer

ANCHOR = "ksad.anchor.feeds_anchored.v1"
LAST_DAY = date(2026, 1, 23)
REPORTS = [one["report_id"] for one in expected("sqlite")["answers"]["reports"].values()]


@pytest.fixture(params=["sqlite", "postgres"])
def released(
    request: pytest.FixtureRequest, tmp_path: Path, on_postgres: Callable[[Callable[[], str]], None]
) -> Iterator[tuple[Folder, dict[str, Any]]]:
    """The platform of the old release on either database, and what that said of it."""
    if request.param == "sqlite":
        yield unpacked("folder", tmp_path), expected("sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.databases() as make:
        urls = {service: make() for service in SERVICES}
        loaded(urls)
        chosen = iter(urls.values())
        on_postgres(lambda: next(chosen))
        yield unpacked("folder-postgres", tmp_path), expected("postgres")


def facts(leaves: list[bytes]) -> Counter[str]:
    """How many facts of each type there are; how many anchors depends on how fast the days pass."""
    kinds = Counter(orjson.loads(raw)["type"] for raw in leaves)
    del kinds[ANCHOR]
    return kinds


def repeated(client: Client, commands: list[dict[str, Any]]) -> list[Any]:
    """What the platform answers when the old release's commands are sent again with their keys.

    Of the operator's it answers that they are not the operator's any more: they made law.
    """
    answers: list[Any] = []
    for one in commands:
        sent = (one["service"], one["path"], one["office"], one["key"], one["body"])
        if one["office"] != "operator":
            answers.append(client.post(*sent))
            continue
        with pytest.raises(ProblemError) as refused:
            client.post(*sent)
        assert (refused.value.status, refused.value.rule) == (403, "office-may"), one["path"]
        answers.append(one["answer"])
    return answers


def told_then(now: Any, was: Any) -> Any:
    """What is told now, in the fields that were told then: answers may have more since, and no less."""
    if isinstance(now, dict) and isinstance(was, dict):
        return {name: told_then(value, was[name]) for name, value in now.items() if name in was}
    if isinstance(now, list) and isinstance(was, list) and len(now) == len(was):
        return [told_then(one, then) for one, then in zip(now, was, strict=True)]
    return now


@pytest.mark.timeout(300)
def test_a_platform_of_the_old_release_goes_on(released: tuple[Folder, dict[str, Any]]) -> None:
    """It starts without concerns, tells the same, answers repeats, rebuilds identically and lets days pass."""
    folder, old = released
    told = old["answers"]
    with running(folder) as platform, platform.client() as client:
        settle(platform.endpoints)
        # The old release recorded that codes end; only offices of today get tokens.
        issuer = LocalIssuer(folder.issuer)
        ended = {one["office"] for one in told["repeatable_commands"]} - platform.endpoints["tokens"].keys()
        platform.endpoints["tokens"] |= {office: issuer.issue(office) for office in ended}
        status = ksad("status", "--data-dir", folder.root, "--json")
        assert (status.code, status.json["attention"]) == (0, [])
        assert client.get("reporting", "/status", "operator")["journal"] == told["head"]
        assert (
            sha256(b"".join(raw + b"\n" for raw in journal(folder))).hexdigest() == (old["stored"]["sha256_of_journal"])
        )
        listed = {one["key"]: one for one in client.get("reporting", "/cooperations?limit=100", "auditor")["items"]}
        assert listed.keys() == told["cooperations_by_key"].keys()
        for key, was in told["cooperations_by_key"].items():
            resolved = client.get("supervision", f"/cooperations/{was['cooperation_id']}", "auditor")
            now = listed[key] | resolved
            same = ("cooperation_id", "stage", "status", "tier", "supervising_body")
            assert {name: now[name] for name in same} == {name: was[name] for name in same}
        was = [one["answer"] for one in told["repeatable_commands"]]
        assert told_then(repeated(client, told["repeatable_commands"]), was) == was
        assert ksad("rebuild", "--check", "--data-dir", folder.root, "--json").json["identical"] is True

        more = old["after_more_days"]
        through = date.fromisoformat(more["through"])
        assert pass_days(folder, client, through)[0] == LAST_DAY + timedelta(days=1)
        settle(platform.endpoints)
        tasks = client.get("supervision", "/tasks?limit=1000", "auditor")["items"]
        assert Counter(one["status"] for one in tasks) == more["tasks_by_status"]
        assert facts(journal(folder)) == {name: n for name, n in more["events_by_type"].items() if name != ANCHOR}


def test_an_archive_of_the_old_release_verifies(tmp_path: Path) -> None:
    """Scenario 26: every check holds with what outsiders kept, the replay gives as many rows, each report is proved."""
    old, file, kept = expected("sqlite"), archive(tmp_path), received(tmp_path)
    keys = unpacked("folder", tmp_path).keys / "public.vkeys"

    verified = ksad(
        *("audit", "verify", file, "--key", keys, "--since", kept / "checkpoint-half-way"),
        *("--feed", f"33={kept / 'feed-33.sqlite'}", "--feed", f"34={kept / 'feed-34.jsonl'}", "--json"),
    )

    assert (verified.code, verified.json["ok"]) == (0, True)
    assert {one["name"] for one in old["verify"]["checks"]} <= {one["name"] for one in verified.json["checks"]}
    for day, was in old["replay"].items():
        replayed = ksad("audit", "replay", file, "--as-of", day, "--into", tmp_path / f"{day}.sqlite", "--json").json
        # The recapitulation counts agreements now, the register has a row for each fact to verify, tasks one for each
        # time at which they were owed, words are new, and rows say more: as many of the others, from as many entries.
        grown = {"recap", "register", "tasks"}
        assert all(replayed["rows"][name] >= was["rows"][name] for name in grown)
        assert (replayed["entries"], replayed["parked"]) == (was["entries"], was["parked"])
        assert {name: n for name, n in replayed["rows"].items() if name not in {*grown, "words"}} == {
            name: n for name, n in was["rows"].items() if name not in grown
        }
    for report in REPORTS:
        assert ksad("audit", "prove-report", file, report).code == 0
