"""Every verb on one running platform: a table for people, one JSON document for programs, stable exit codes."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import httpx
import pytest

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running, wait_settled
from tests.support.platforms.command import SHAPES, keeps, ksad, shape
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("cli")
HISTORY = """
format: ksad-history/1
cooperations:
  - key: sampah
    title: Sampah Solo Raya
    object: pengolahan sampah
    affair: lingkungan_hidup
    parties: ["33.72", "33.11"]
    history:
      - {on: "2019", do: register, stage: implementation_and_termination, legacy: true}
      - {on: "2019", do: sign_agreement, legacy: true, numbers: {"33.72": "1", "33.11": "2"}, ends_on: "2030-01-01"}
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform on a simulated clock with one cooperation and two days."""
    root = tmp_path_factory.mktemp("cli")
    (root / "history.yaml").write_text(HISTORY)
    with running(Folder(root / "data"), starts_on=date(2026, 1, 5)) as started:
        root = started.folder.root
        assert (
            ksad("import", root.parent / "history.yaml", "--office", "joint_secretariat", "--data-dir", root).code == 0
        )
        # No day since the opening is left out, also where a later one is asked for first.
        assert "2 days passed" in ksad("pass-day", "--through", "2026-01-06", "--data-dir", root).out
        with started.client() as client:
            wait_settled(client)
            wait_until(lambda: _signed(started), seconds=30, what="a signed head over the whole journal")
        yield started


def _signed(platform: Platform) -> bool:
    with platform.client() as client:
        found = client.get("reporting", "/status", "operator")
    return bool(found["signed"]["size"] == found["journal"]["size"] > 0)


VERBS = {
    "import": ["import", "{root}/../history.yaml", "--office", "joint_secretariat"],
    "import --check": ["import", "{root}/../history.yaml", "--office", "joint_secretariat", "--check"],
    "pass-day": ["pass-day", "--through", "2026-01-08"],
    "status": ["status"],
    "rebuild": ["rebuild"],
    "rebuild PROJECTION": ["rebuild", "register"],
    "rebuild --check": ["rebuild", "--check"],
    "park list": ["park", "list"],
    "park retry": ["park", "retry"],
    "park dismiss": ["park", "dismiss"],
    "token": ["token", "--office", "governor:33"],
    "backup": ["backup", "{new}/backup"],
    "feeds provision": ["feeds", "provision"],
    "feeds rotate": ["feeds", "rotate", "33"],
    "feeds revoke": ["feeds", "revoke", "34"],
    "feed follow": ["feed", "follow", "--province", "33", "--into", "sqlite:{new}/feed.sqlite", "--once"],
    "audit export": ["audit", "export", "--out", "{new}/archive.tar"],
    "audit reconcile": ["audit", "reconcile"],
}


def test_every_verb_has_its_shape() -> None:
    """Each verb is offered in words of its own, and held by a shape, but for the benchmark and what needs a cluster."""
    known = {verb.split()[0] for verb in SHAPES}
    rows = [line.split() for line in ksad("--help").out.splitlines() if line.startswith("│ ") and line[2] != " "]
    said = {words[1]: words[2] for words in rows if not words[1].startswith("-")}
    assert {"import", "status", "feeds", "audit"} <= said.keys()
    assert said.keys() - known == {"bench", "cluster"}
    assert [verb for verb, word in said.items() if not word.isalpha()] == []


def test_a_shape_only_grows() -> None:
    """A program that reads a field goes on working: new fields are welcome, a missing or changed one is found."""
    golden = {"items": [{"name": "str"}], "counts": {"*": "int"}}
    assert keeps(golden, shape({"items": [{"name": "a", "new": 1}], "counts": {"a.1": 1, "b.2": 2}, "more": None}))
    assert keeps(golden, shape({"items": [], "counts": {}}))
    assert not keeps(golden, shape({"items": [{"name": 1}], "counts": {}}))
    assert not keeps(golden, shape({"items": []}))


@pytest.mark.parametrize("verb", VERBS)
def test_json_keeps_its_shape(platform: Platform, tmp_path: Path, verb: str) -> None:
    """With --json a verb writes one document whose fields and types programs rely on, and nothing else to stdout."""
    places = {"root": platform.folder.root, "new": tmp_path}
    words = [word.format(**places) for word in VERBS[verb]]
    answer = ksad(*words, "--data-dir", platform.folder.root, "--json")
    assert answer.code == 0, answer.err
    assert keeps(SHAPES[verb], shape(answer.json)), shape(answer.json)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in {"audit export", "audit reconcile"}])
def test_people_get_words(platform: Platform, tmp_path: Path, verb: str) -> None:
    """Without --json a verb tells people what it did, and says nothing on stderr when all is well."""
    words = [word.format(root=platform.folder.root, new=tmp_path) for word in VERBS[verb]]
    answer = ksad(*words, "--data-dir", platform.folder.root)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.strip()
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json


def test_a_rebuild_is_taken_back(platform: Platform) -> None:
    """One command makes the rows before the last rebuild live again, at the head of the log."""
    root = platform.folder.root
    assert ksad("rebuild", "recap", "--data-dir", root).code == 0
    rebuilt = ksad("status", "--data-dir", root, "--json").json["services"]["reporting"]["projections"]
    answer = ksad("rebuild", "recap", "--back", "--data-dir", root, "--json")
    assert answer.code == 0, answer.err
    live = {row["projection"]: row["generation"] for row in rebuilt if row["status"] == "live"}
    assert answer.json["generation"] < live["recap"]
    assert keeps(SHAPES["rebuild --back"], shape(answer.json))


def test_the_archive_verbs_keep_their_shapes(platform: Platform, tmp_path: Path) -> None:
    """What an auditor asks of an archive, offline, and a restore from it, have stable shapes and codes, too."""
    root, archive = platform.folder.root, tmp_path / "archive.tar"
    assert ksad("audit", "export", "--data-dir", root, "--out", archive).code == 0
    restore = ["restore", "--from", archive, "--key", root / "keys" / "public.vkeys"]
    calls = {
        "audit verify": ["audit", "verify", archive, "--key", root / "keys" / "public.vkeys"],
        "audit replay": ["audit", "replay", archive, "--as-of", "2026-01-05", "--into", tmp_path / "r.sqlite"],
        "audit trace": ["audit", "trace", archive, "sampah"],
        "audit diff": ["audit", "diff", archive, "2026-01-05", "2026-01-05"],
        "restore-drill": ["restore-drill", *restore[1:], "--data-dir", root],
        "restore": [*restore, "--data-dir", tmp_path / "restored"],
    }
    for verb, words in calls.items():
        answer = ksad(*words, "--json")
        assert answer.code == 0, (verb, answer.err)
        assert keeps(SHAPES[verb], shape(answer.json)), (verb, shape(answer.json))
    drilled = ksad("status", "--data-dir", root, "--json").json["restore_drill"]
    assert (drilled["ok"], drilled["source"]) == (True, str(archive))
    with platform.client() as client:
        told = httpx.get(f"{client.endpoints['reporting']}/metrics", timeout=30, trust_env=False).text
    (moment,) = re.findall(r"^ksad_restore_drill_timestamp_seconds\S* (\S+)$", told, re.MULTILINE)
    assert float(moment) == datetime.fromisoformat(drilled["at"]).timestamp()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["status", "--data-dir", "{new}/none"], 4, "ksad up"),
        (["rebuild", "--data-dir", "{new}/none"], 4, "--data-dir"),
        (["down", "--data-dir", "{new}/none"], 4, "nothing to end"),
        (["up", "--data-dir", "{root}"], 4, "already runs"),
        (["up", "--detach", "--data-dir", "{root}"], 4, "already runs"),
        (["rebuild", "nothing", "--data-dir", "{root}"], 1, "register"),
        (["rebuild", "--back", "--data-dir", "{root}"], 2, "PROJECTION"),
        (["rebuild", "nothing", "--back", "--data-dir", "{root}"], 1, "register"),
        (["token", "--office", "governor:99", "--data-dir", "{root}"], 1, "governor:NN"),
        (["feeds", "rotate", "99", "--data-dir", "{root}"], 1, "33"),
        (["backup", "{root}", "--data-dir", "{root}"], 1, "new folder"),
        (["import", "{new}/none.yaml", "--office", "joint_secretariat", "--data-dir", "{root}"], 1, "none.yaml"),
        (["pass-day", "--through", "2999-01-01", "--data-dir", "{root}"], 1, "check the year"),
        (["pass-day", "--through", "tomorrow", "--data-dir", "{root}"], 2, "YYYY-MM-DD"),
        (["up", "--simulated", "2026-02-30", "--data-dir", "{root}"], 2, "YYYY-MM-DD"),
        (["status"], 2, "--data-dir"),
        (["juggle"], 2, "juggle"),
        (["feed", "follow", "--province", "99", "--into", "sqlite:{new}/x", "--data-dir", "{root}"], 1, "no province"),
    ],
)
def test_errors_say_how_to_mend_them(
    platform: Platform, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    """An error is one message on stderr that names what, where or how, with its documented exit code; no traceback."""
    answer = ksad(*[word.format(root=platform.folder.root, new=tmp_path) for word in words])
    assert answer.code == code
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_the_data_folder_may_come_from_the_environment(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """KSAD_DATA_DIR stands in for --data-dir, so that an operator types it once."""
    monkeypatch.setenv("KSAD_DATA_DIR", str(platform.folder.root))
    assert ksad("status").code == 0


def test_status_counts_what_it_says(platform: Platform) -> None:
    """Head, positions, lag in events and in seconds are those of the services; late tasks those of the boards."""
    report = ksad("status", "--data-dir", platform.folder.root, "--json").json
    with platform.client() as client:
        late = [client.get("supervision", "/tasks", "auditor", status=state) for state in ("overdue", "escalated")]
        journal = client.get("reporting", "/status", "operator")["journal"]
    assert report["tasks_late"] == sum(len(page["items"]) for page in late)
    assert report["head"]["size"] >= sum(one["head"] for one in report["services"].values()) > 0
    assert report["head"] == journal
    assert all(
        {"lag_events", "lag_seconds", "relayed", "followed"} <= one.keys() for one in report["services"].values()
    )


def test_late_tasks_are_counted(platform: Platform) -> None:
    """A monitoring that nobody does is late in the status once its day is over."""
    root = platform.folder.root
    assert ksad("pass-day", "--through", "2026-08-31", "--data-dir", root).code == 0
    with platform.client() as client:
        wait_settled(client)
        assert client.get("supervision", f"/cooperations/{cooperation_id('sampah')}", "auditor")["tier"] == "governor"
    assert ksad("status", "--data-dir", root, "--json").json["tasks_late"] > 0
