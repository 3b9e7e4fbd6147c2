"""A fact that the auditor's release does not know is named and parked; it never empties a result, nor hides in one."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app
from ksad.contracts import canonical
from ksad.contracts.identifiers import event_id
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.reporting.checkpoints.signing import SigningKey
from tests.support.forgers.audited import Audited, forged, leaves_of
from tests.support.platforms.released import archive
from tests.support.text.source import ROOT

RELEASES = ROOT / "tests" / "releases"
EACH = {"tasks", "cooperations", "jurisdictions"}
"""Tables with a row for each task or cooperation, however far it was folded."""
NOTHING = hashlib.sha256(b"").hexdigest()
UNKNOWN = pytest.mark.fault(
    "audit F4",
    kind="One fact that cannot be read turns the whole result into nothing, or into a traceback, and the exit code "
    "does not tell.",
    looked="replay, diff, trace, prove-report, verify; the platform's own runner, and the compiling of reports.",
    found="diff and prove-report ended in a traceback; a report could not be compiled on a platform either, which "
    "answered 500; trace held the ids of a whole log as objects.",
)


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def odd(leaves: list[bytes], kind: str, at: int) -> tuple[list[bytes], str]:
    """The leaves with one more fact of the first cooperation, whose type nobody knows; and its stream."""
    first = orjson.loads(leaves[0])
    before = [event for event in map(orjson.loads, leaves[:at]) if event["subject"] == first["subject"]]
    number = before[-1]["streamversion"] + 1
    changed: dict[str, Any] = {
        "type": kind,
        "dataschema": f"urn:ksad:schema:{kind}",
        "streamversion": number,
        "id": str(event_id(first["subject"], number)),
        "time": orjson.loads(leaves[at - 1])["time"],
    }
    return [*leaves[:at], canonical.encode(first | changed), *leaves[at:]], first["subject"]


def rows(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a replay has written."""
    with closing(sqlite3.connect(file)) as connection:
        names = [table.name for one in PROJECTIONS for table in one.tables]
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in names}  # noqa: S608 - names from the code


@UNKNOWN
@pytest.mark.parametrize("kind", ["ksad.cooperation.ended.v9", "ksad.cooperation.blessed.v1"])
@pytest.mark.parametrize("at", [90, 400])
def test_a_replay_goes_on_beside_an_unknown_fact(
    whole: Audited, tmp_path: Path, log_key: SigningKey, kind: str, at: int
) -> None:
    """All other streams are folded, the waiting one is named with entry and type, and the exit code is not 0."""
    bad, stream = odd(leaves_of(whole.archive), kind, at)
    file = forged(whole.archive, tmp_path / "odd.tar", lambda _: bad, key=log_key, keys_dir=whole.source.keys)

    code, out, err = run("replay", file, "--as-of", "2015-03-04", "--into", tmp_path / "odd.sqlite", "--json")
    run("replay", whole.archive, "--as-of", "2015-03-04", "--into", tmp_path / "twin.sqlite")

    done = json.loads(out)
    assert code == 3
    assert f"{stream}: entry {at}, {kind}: " in err
    assert done["parked"][stream].startswith(f"entry {at}, {kind}: ")
    assert done["digest"] != NOTHING
    ours, twin = rows(tmp_path / "odd.sqlite"), rows(tmp_path / "twin.sqlite")
    assert {name: len(found) for name, found in ours.items() if name in EACH} == {
        name: len(found) for name, found in twin.items() if name in EACH
    }


@UNKNOWN
@pytest.mark.parametrize("at", [90, 250])
def test_a_comparison_goes_on_beside_an_unknown_fact(
    whole: Audited, tmp_path: Path, log_key: SigningKey, at: int
) -> None:
    """Two days differ in the same rows but for the waiting stream, which is named, and the exit code is not 0."""
    bad, stream = odd(leaves_of(whole.archive), "ksad.cooperation.blessed.v1", at)
    file = forged(whole.archive, tmp_path / "odd.tar", lambda _: bad, key=log_key, keys_dir=whole.source.keys)

    code, out, err = run("diff", file, "2015-03-01", "2015-03-04", "--json")
    twin = run("diff", whole.archive, "2015-03-01", "2015-03-04", "--json")

    def changed(text: str) -> set[str]:
        return {f"{one['table']} {one['key']}" for one in json.loads(text) if stream.partition("/")[2] not in str(one)}

    assert (code, twin[0]) == (3, 0)
    assert f"{stream}: entry {at}" in err
    assert {name for name in changed(out) if name.startswith(("tasks", "cooperations"))} == {
        name for name in changed(twin[1]) if name.startswith(("tasks", "cooperations"))
    }
    assert changed(out)


@UNKNOWN
def test_a_trace_tells_an_unknown_fact(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """A trace shows a fact of an unknown type by its name, in its place."""
    bad, _ = odd(leaves_of(whole.archive), "ksad.cooperation.blessed.v1", 250)
    file = forged(whole.archive, tmp_path / "odd.tar", lambda _: bad, key=log_key)
    key = orjson.loads(bad[0])["data"]["key"]

    code, out, _ = run("trace", file, key)

    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if "cooperation blessed" in line] == ["250"]


UNVERIFIED = pytest.mark.fault(
    "audit F11",
    kind="A result is told of evidence that nobody has verified, without a word of it.",
    looked="Each command of ksad-audit, ksad feed follow, ksad restore, export, the guide in the archive.",
    found="restore (audit F1); the guide (audit F8).",
)
ASKED = {
    "replay": ["--as-of", "2015-03-04", "--into", "{into}"],
    "diff": ["2015-03-01", "2015-03-04"],
    "trace": ["naskah"],
    "prove-report": ["--all"],
}


NO_REPORT = {"prove-report": 1}
"""How a command ends that has nothing to work on: the archive of these tests has no report."""


@UNVERIFIED
@pytest.mark.parametrize("verb", ASKED)
def test_nothing_is_done_with_what_does_not_verify(whole: Audited, tmp_path: Path, verb: str) -> None:
    """Given keys, each command verifies first, and of a broken archive it says only what is broken."""
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves[:150], *leaves[151:]])
    into = tmp_path / "into.sqlite"
    asked = [one.format(into=into) for one in ASKED[verb]]

    code, out, err = run(verb, bad, *asked, "--key", whole.keys)
    good = run(verb, whole.archive, *asked, "--key", whole.keys)

    assert (code, out, into.exists()) == (3, "", verb == "replay")
    assert "does not verify" in err
    assert "FAILED tree" in err
    assert good[0] == NO_REPORT.get(verb, 0)
    assert "NOT" not in good[2]


@UNVERIFIED
@pytest.mark.parametrize("verb", ASKED)
def test_without_keys_each_command_says_that_nothing_was_verified(whole: Audited, tmp_path: Path, verb: str) -> None:
    """Without keys a result is told, and so is, in capitals, that it may be of anything."""
    code, _, err = run(verb, whole.archive, *[one.format(into=tmp_path / "into") for one in ASKED[verb]])

    assert code == NO_REPORT.get(verb, 0)
    assert "NOTHING WAS VERIFIED" in err


@UNVERIFIED
def test_a_proof_of_unverified_reports_ends_with_that(tmp_path: Path) -> None:
    """Reports of a file that nobody verified may all hold, and the last line of the verdict says that it was not."""
    file = archive(tmp_path)

    code, out, _ = run("prove-report", file, "--all")
    verified = run("prove-report", file, "--all", "--key", RELEASES / "319cae9" / "public.vkeys")

    assert (code, verified[0]) == (0, 0)
    last, last_verified = out.splitlines()[-1], verified[1].splitlines()[-1]
    assert last.startswith("everything holds")
    assert "NOTHING WAS VERIFIED" in last
    assert "VERIFIED" not in last_verified
    assert sum("printed: printed form not checked" in one for one in out.splitlines()) == 4
    assert json.loads(run("prove-report", file, "--all", "--json")[1])["verified"] is False


HIDING = "ok\x1b[2K\x1b[1A\r\u202egnp\u200b\x9b2K"


@pytest.mark.fault(
    "audit F10",
    kind="Text of somebody else reaches a terminal, a letter or a page as it is, and is obeyed instead of shown.",
    looked="Every line that ksad-audit writes, to stdout and stderr, in JSON, names of files in an archive included.",
    found="Line ends inside values, C1 controls, the details of checks, JSON with characters that turn lines.",
)
@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("verb", ["trace", "diff"])
def test_nothing_hides_in_a_line(
    whole: Audited, tmp_path: Path, log_key: SigningKey, verb: str, form: list[str]
) -> None:
    """Characters that a terminal obeys are escaped in whatever is written, and the same words remain for programs."""

    def hiding(leaves: list[bytes]) -> list[bytes]:
        at = next(at for at, raw in enumerate(leaves) if at > 110 and b'"ksad.cooperation.registered.v1"' in raw)
        event = orjson.loads(leaves[at])
        event["data"] |= {"title": HIDING, "key": "tersembunyi"}
        return [*leaves[:at], canonical.encode(event), *leaves[at + 1 :]]

    file = forged(whole.archive, tmp_path / "bad.tar", hiding, key=log_key)
    key = orjson.loads(next(raw for raw in leaves_of(file) if HIDING.encode()[-5:] in raw))["subject"].partition("/")[2]

    _, out, _ = run(verb, file, *({"trace": [key], "diff": ASKED["diff"]}[verb]), *form)

    assert "gnp" in out
    assert not set("\x1b\r\u202e\u200b\x9b") & set(out)
    if form:
        assert HIDING in str(json.loads(out)) or HIDING.encode("unicode_escape").decode() in str(json.loads(out))
