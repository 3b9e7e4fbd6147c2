"""The verbs that keep the log, as an operator meets them: slips end with one line that says what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ksad.reporting.keeping.command import app
from ksad.reporting.keeping.source import Source
from tests.support.forgers.audited import fill, history


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "--data-dir", "{root}", "--out", "{none}"], "no database of reporting here"),
        (["export", "--data-dir", "{data}", "--out", "{none}/x/y.tar"], "No such file"),
        (["reconcile", "--data-dir", "{root}"], "no database of reporting here"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_slip_is_told(tmp_path: Path, arguments: list[str], said: str) -> None:
    """What the operator got wrong ends with exit code 1 and one line that says what, where, and how to go on."""
    source = Source(tmp_path / "data")
    fill(source, history(source, 20, 1))
    places = {"none": tmp_path / "none", "root": tmp_path, "data": source.root}

    done = CliRunner().invoke(app, [one.format(**places) for one in arguments])

    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.startswith("ksad-reporting: ")
