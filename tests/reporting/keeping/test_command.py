"""The verbs that keep the log, as an operator meets them: slips end with one line that says what to do."""

from pathlib import Path

import pytest

from ksad.chassis.verbs import run
from ksad.local.machine.calling import settings_of
from ksad.local.machine.folder import Folder
from ksad.reporting.__main__ import SERVICE, app
from tests.support.forgers.audited import fill, history


@pytest.mark.parametrize(
    ("on", "arguments", "said"),
    [
        ("{root}", ["export", "--out", "{none}"], "no database of reporting here"),
        ("{data}", ["export", "--out", "{none}/x/y.tar"], "No such file"),
        ("{root}", ["reconcile"], "no database of reporting here"),
    ],
    ids=str,
)
def test_a_slip_is_told(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    on: str,
    arguments: list[str],
    said: str,
) -> None:
    """What the operator got wrong ends with exit code 1 and one line that says what, where, and how to go on."""
    root, data = Folder(tmp_path), Folder(tmp_path / "data")
    fill(data, history(data, 20, 1))
    for name, value in settings_of(root if on == "{root}" else data, "reporting").items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        run(app, SERVICE.name, [one.format(none=tmp_path / "none") for one in arguments])

    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    assert said in told.err
    assert told.err.startswith("ksad-reporting: ")
    assert len(told.err.splitlines()) == 1
    assert not (tmp_path / "reporting.sqlite").exists()


@pytest.mark.fault("bug-reports 17")
def test_a_rebuild_beside_another_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever finds that another rebuild has moved on with the tables ends with one line and exit code 1."""
    data = Folder(tmp_path / "data")
    fill(data, history(data, 20, 1))
    with data.database("reporting") as database, database.write() as connection:
        # As if another runner had always been faster: the position is never the one that was read.
        connection.exec_driver_sql(
            "CREATE TRIGGER faster BEFORE UPDATE OF position ON projection_generations BEGIN SELECT RAISE(IGNORE); END"
        )
    for name, value in settings_of(data, "reporting").items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as ended:
        run(app, SERVICE.name, ["rebuild", "--check"])

    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    assert "another rebuild is at work on it; run this command again when that one has ended" in told.err
    assert len(told.err.splitlines()) == 1
