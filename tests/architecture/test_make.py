"""The Makefile, and the files for editors and pre-commit, do for a contributor what CONTRIBUTING.md says of them."""

import configparser
import shlex
import subprocess
from typing import Any

import yaml

from tests.support.text.source import ROOT, settings


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """Run make at the root."""
    return subprocess.run(
        ["make", "--no-print-directory", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )


def test_one_file_is_tested() -> None:
    """`make test T=PATH` runs the tests of a path and no others, and fails where there are none."""
    place = "tests/contracts/test_dates.py"
    done = make("test", f"T={place}::test_what_is_no_date_is_refused")
    assert done.returncode == 0, done.stdout
    assert make("test", f"T={place}::test_nothing").returncode != 0


def test_the_fast_tests_need_no_server() -> None:
    """`make test-fast` names folders that exist, and leaves out every test that asks for a database or a broker."""
    told = make("--dry-run", "test-fast").stdout
    assert '"not served and not torture"' in told
    folders = [word for word in told.split() if word.startswith("tests/")]
    assert len(folders) == 4
    assert all((ROOT / folder).is_dir() for folder in folders)


def test_pre_commit_asks_the_projects_own_tools() -> None:
    """Every hook runs a program of .venv that `make check` runs too; nothing is fetched from elsewhere."""
    configured: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [one["repo"] for one in configured["repos"]] == ["local"]
    checked = make("--dry-run", "check").stdout
    for hook in configured["repos"][0]["hooks"]:
        program = shlex.split(hook["entry"])[0]
        assert hook["language"] == "system"
        assert (ROOT / program).exists()
        assert program in checked


def test_editors_know_the_length_of_a_line() -> None:
    """What .editorconfig says of Python is what ruff holds."""
    told = configparser.ConfigParser()
    told.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    assert int(told["*"]["max_line_length"]) == settings()["tool"]["ruff"]["line-length"]
    assert (told["*"]["indent_style"], told["*"]["indent_size"]) == ("space", "4")
