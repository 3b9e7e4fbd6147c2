"""The budget of the tests: sums by folder, scaled to the machine, and told when it is exceeded."""

import json
from pathlib import Path

from tests.support.text.durations import BUDGET, Budget, Run, excess, lines, read_budget, record, summed
from tests.support.text.source import ROOT

FIRST, SECOND = "tests/a/test_x.py::test_1", "tests/b/test_y.py::test_2"
RUN = summed([(FIRST, 2.0), (FIRST, 1.0), (SECOND, 4.0)], 0.5)


def test_setups_calls_and_teardowns_are_summed() -> None:
    """A test's seconds are those of its setup, call and teardown; a folder's are those of its tests."""
    assert RUN.tests == {FIRST: 3.0, SECOND: 4.0}
    assert RUN.folders == {"tests/a": 3.0, "tests/b": 4.0}


def test_a_folder_may_take_half_as_much_again() -> None:
    """Up to one and a half times its budget a folder is in order; beyond, it is named; one without a budget, too."""
    assert excess(RUN, Budget({"tests/a": 2.0, "tests/b": 2.7}, 0.5)) == []
    assert len(excess(RUN, Budget({"tests/a": 1.9, "tests/b": 2.7}, 0.5))) == 1
    assert excess(RUN, Budget({"tests/a": 2.0}, 0.5)) == ["tests/b has no budget in budget.toml"]


def test_a_slower_machine_has_more_time() -> None:
    """The budget grows with what the fixed loop takes in the same run."""
    slow = Budget({"tests/a": 1.0, "tests/b": 1.35}, 0.25)
    assert excess(RUN, slow) == []
    assert excess(RUN._replace(loop=0.25), slow) != []
    assert any("budget 2.0 s on this machine" in line for line in lines(RUN, slow))


def test_every_folder_of_tests_has_a_budget(tmp_path: Path) -> None:
    """The file names the folders that hold tests, and no other."""
    holding = {file.relative_to(ROOT).parts[1] for file in (ROOT / "tests").rglob("test_*.py")}
    assert set(read_budget(BUDGET.read_text()).folders) == {f"tests/{name}" for name in holding}
    record(RUN, tmp_path / "var" / "durations.json")
    assert Run(**json.loads((tmp_path / "var" / "durations.json").read_text())) == RUN
