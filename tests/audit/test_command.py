"""``ksad-audit`` as an auditor meets it: stable JSON and exit codes, errors that say what to do, no service needed."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app
from tests.support.forgers.audited import Audited, forged


def run(*arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command."""
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_a_verdict_for_programs(whole: Audited, tmp_path: Path) -> None:
    """Exit code 0 and ok only if all holds, 3 otherwise; each check has a name, a verdict, a detail and an index."""
    code, out, _ = run("verify", whole.archive, "--key", whole.keys, "--json")
    found: dict[str, Any] = json.loads(out)
    assert (code, found["ok"]) == (0, True)
    assert all(set(one) == {"name", "ok", "detail", "first_bad", "up_to", "noted"} for one in found["checks"])

    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: [*leaves[:150], *leaves[151:]])
    code, out, _ = run("verify", bad, "--key", whole.keys, "--json")
    broken = {one["name"]: one["first_bad"] for one in json.loads(out)["checks"] if not one["ok"]}
    assert (code, json.loads(out)["ok"], broken["tree"]) == (3, False, 150)
    assert [one["name"] for one in json.loads(out)["checks"]] == [one["name"] for one in found["checks"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "{archive}", "--key", "{none}"], "no public keys can be read here"),
        (["verify", "{archive}", "--key", "{note}"], "a line is NAME+ID+BASE64"),
        (["verify", "{archive}", "--key", "{keys}", "--since", "{none}"], "No such file"),
        (["verify", "{archive}", "--key", "{keys}", "--since", "{keys}"], "a checkpoint is what /checkpoint"),
        (["verify", "{archive}", "--key", "{keys}", "--feed", "jateng={keys}"], "write NN=FILE"),
        (["verify", "{archive}", "--key", "{keys}", "--feed", "33={none}"], "there is no file"),
        (
            ["verify", "{archive}", "--key", "{keys}", "--feed", "33={keys}", "--feed", "33={note}"],
            "one province twice",
        ),
        (["replay", "{archive}", "--as-of", "juni", "--into", "{none}"], "write YYYY-MM-DD"),
        (["replay", "{archive}", "--as-of", "2001-01-01", "--into", "{none}"], "no day on or before"),
        (["replay", "{archive}", "--as-of", "2015-03-05", "--into", "{none}"], "archive is 2015-03-04: nothing in it"),
        (["diff", "{archive}", "2015-03-02", "2015-03-05"], "archive is 2015-03-04: nothing in it tells of 2015-03-05"),
        (["replay", "{archive}", "--as-of", "2015-03-02", "--into", "{keys}"], "name a new file"),
        (["replay", "{archive}", "--as-of", "2015-03-02", "--into", "{none}/x/y"], "there is no folder"),
        (
            ["replay", "{note}", "--as-of", "2015-03-02", "--into", "{none}"],
            "no whole tar file: truncated header; copy or export it again",
        ),
        (["trace", "{archive}", "tak-ada"], "its key in the register"),
        (["prove-report", "{archive}", "tak-ada"], "it has: none"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_slip_is_told(whole: Audited, tmp_path: Path, arguments: list[str], said: str) -> None:
    """What the auditor got wrong ends with exit code 1 and one line that says what, where, and how to go on."""
    (tmp_path / "note").write_bytes(whole.kept[0])
    places = {
        "archive": whole.archive,
        "keys": whole.keys,
        "note": tmp_path / "note",
        "none": tmp_path / "none",
    }

    code, out, err = run(*[one.format(**places) for one in arguments])

    assert (code, out) == (1, "")
    assert said in err
    assert err.startswith("ksad-audit: ")
    assert "Traceback" not in err


def test_lines_say_something(whole: Audited) -> None:
    """A difference names the value that differs, and a fact of a trace what it says, also where that is a table."""
    _, changes, _ = run("diff", whole.archive, "2015-03-01", "2015-03-04")
    _, facts, _ = run("trace", whole.archive, "naskah")

    assert [line for line in changes.splitlines() if line.startswith("    :")] == []
    assert "numbers: 33.11 2/2015, 33.72 1/2015" in facts
    assert f"document: {hashlib.sha256(b'%PDF-1.7 naskah').hexdigest()};" in facts
