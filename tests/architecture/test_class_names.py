"""One name, one class: who reads a name has to look in one place only."""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from tests.support.text.source import ROOT, python_files

SHARED = {"Parts": "the parts of each running service, in its parts.py"}
"""Names that stand for the same thing in several packages by design, each with its reason."""
FROZEN = ROOT / "services/ledger/src/ksad/ledger/rules"
"""Rules that were superseded keep the names that they had, because they are kept as they were."""


def defined(files: Iterable[Path]) -> dict[str, list[str]]:
    """The classes of these files by name, with the files that define each."""
    found = defaultdict(list)
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(file.name if not file.is_relative_to(ROOT) else str(file.relative_to(ROOT)))
    return found


def test_no_class_name_is_defined_twice() -> None:
    """In contracts, services and deploy every class has a name of its own; a name that fits two things fits neither."""
    classes = defined(file for file in python_files() if not any(map(file.is_relative_to, (ROOT / "tests", FROZEN))))
    assert len(classes) > 300
    twice = {name: files for name, files in classes.items() if len(files) > 1}
    assert {name: files for name, files in twice.items() if name not in SHARED} == {}
    assert set(SHARED) <= set(twice), "an exception that no longer is one"


def test_a_name_defined_twice_is_found(tmp_path: Path) -> None:
    """Two files that define a class of one name are both told, also where one is inside another class."""
    (tmp_path / "one.py").write_text("class Order:\n    class Line: ...\n")
    (tmp_path / "two.py").write_text("class Line: ...\n")
    assert defined(sorted(tmp_path.iterdir())) == {"Order": ["one.py"], "Line": ["one.py", "two.py"]}
