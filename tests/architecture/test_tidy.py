"""The text of the platform stays small, finished, explained and free of any machine; each check is shown failing."""

import subprocess
from collections.abc import Callable

import pytest

from tests.support.text import tidy
from tests.support.text.source import ROOT, members, python_files, settings, text_files

# Files that were longer than 300 lines when the rule came. The numbers may only go down and nothing may be added.
FROZEN: dict[str, int] = {}
CHECKS = "tests/support/text/tidy.py"  # It holds the patterns themselves.


def names(findings: dict[str, list[str]]) -> str:
    """The findings by file, as a person reads them."""
    return "\n".join(f"{file}: {finding}" for file, each in findings.items() for finding in each)


def findings_in_code(check: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """What a check finds in the Python files."""
    files = {str(file.relative_to(ROOT)): file for file in python_files()}
    return {name: check(file.read_text()) for name, file in files.items() if name != CHECKS}


def findings_in_text(check: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """What a check finds in all text files."""
    files = {str(file.relative_to(ROOT)): file for file in text_files()}
    return {name: check(file.read_text()) for name, file in files.items() if name != CHECKS}


def test_files_stay_small() -> None:
    """No Python file outgrows 300 lines, and the frozen ones only shrink."""
    found = {
        name: tidy.size(len(file.read_text().splitlines()), FROZEN.get(name))
        for file in python_files()
        for name in [str(file.relative_to(ROOT))]
    }
    assert not names(found)
    assert set(FROZEN) <= set(found), "a frozen file that no longer exists"


def test_functions_stay_short() -> None:
    """No function outgrows 70 lines."""
    assert not names(findings_in_code(tidy.long_functions))


def test_nothing_is_a_drawer() -> None:
    """No file or folder has a name that would let anything in."""
    found = {str(file): tidy.drawer(file.relative_to(ROOT).parts) for file in text_files()}
    assert not names(found)


def test_nothing_is_left_over() -> None:
    """No file says that it is unfinished."""
    assert not names(findings_in_text(tidy.leftovers))


def test_no_file_knows_a_machine() -> None:
    """No file, generated ones included, names a folder of a machine or a registry."""
    assert not names(findings_in_text(tidy.machine_places))


def test_every_suppression_is_explained() -> None:
    """Whoever switches a check off says which and why."""
    assert not names(findings_in_code(tidy.silent_suppressions))


def test_every_package_is_installed_and_kept_out_of_the_lock() -> None:
    """The Makefile installs each member and leaves each out of requirements.lock; the lock names no index."""
    makefile = (ROOT / "Makefile").read_text()
    made = subprocess.run(["make", "-s", "members"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(made.stdout.split()) == {str(source.parent.relative_to(ROOT)) for source in members().values()}
    for source in settings()["project"]["dependencies"]:
        name = source.partition("[")[0]
        assert name.removeprefix("ksad-") in makefile
        assert f"\n{name}" not in (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize(
    ("check", "bad", "good"),
    [
        (tidy.long_functions, "def f():\n" + "    pass\n" * 70, "def f():\n" + "    pass\n" * 69),
        (tidy.leftovers, "x = 1  # TO" + "DO: later", "x = 1  # Later dates win."),
        (tidy.leftovers, "recorder.assert_" + "called_once()", "assert calls == 1"),
        (tidy.leftovers, "# ---" + "---- Section", "# A sentence."),
        (tidy.machine_places, "cd /ro" + "ot/project", "GET /rooms/1"),
        (tidy.machine_places, "--index https://py" + "pi.example/simple", "https://example.org/schema"),
        (tidy.silent_suppressions, "x = 1  # no" + "qa", "x = 1  # no" + "qa: E501 - a verbatim quotation"),
        (
            tidy.silent_suppressions,
            "x = 1  # no" + "qa: E501",
            "x = y  # type: " + "ignore[arg-type] # stub is too narrow",
        ),
        (tidy.silent_suppressions, "x = y  # type: " + "ignore[arg-type]", "x = y"),
    ],
)
def test_each_check_can_fail(check: Callable[[str], list[str]], bad: str, good: str) -> None:
    """Each check finds the seeded sin and lets its decent twin pass."""
    assert check(bad)
    assert not check(good)


def test_the_size_ratchet_can_fail() -> None:
    """A long file is found, a frozen one that grows is found, and one that has shrunk leaves the list."""
    assert tidy.size(301, None)
    assert not tidy.size(300, None)
    assert tidy.size(351, 350)
    assert not tidy.size(350, 350)
    assert tidy.size(401, 450)
    assert tidy.size(300, 350)


def test_a_drawer_is_found() -> None:
    """A folder or file with a refused name is found at any depth."""
    assert tidy.drawer(("services", "registry", "utils.py"))
    assert tidy.drawer(("services", "common", "money.py"))
    assert not tidy.drawer(("services", "registry", "domain.py"))
