"""The pages keep their promises: commands exist, links lead somewhere, a decision says what enforces it."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ksad.local.__main__ import app
from tests.support.text import documents
from tests.support.text.source import ROOT, text_files

README = ROOT / "README.md"
PAGES = [file for file in text_files() if file.suffix == ".md"]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]
TARGET = re.compile(r"^([a-z-]+):.*## \S", re.MULTILINE)


def help_of(*words: str) -> int:
    """The exit code of the ksad command when it is asked to explain a verb, in this process."""
    return CliRunner().invoke(app, [*words, "--help"]).exit_code


def test_the_readme_is_short() -> None:
    """The README stays under 100 lines; depth is in docs."""
    assert len(README.read_text().splitlines()) < 100


def test_the_make_targets_of_every_page_exist() -> None:
    """Whatever a page tells to make is a target with a help line, and the README names the main ones."""
    explained = set(TARGET.findall((ROOT / "Makefile").read_text()))
    for page in PAGES:
        assert documents.make_targets(page.read_text()) <= explained, page
    assert {"demo", "up", "test", "check"} <= documents.make_targets(README.read_text())
    assert {"demo", "up", "dev", "test", "test-fast", "check", "bench", "torture", "schemas"} <= explained
    assert {"sbom", "release", "lock", "setup"} <= explained


def test_make_prints_every_target() -> None:
    """`make` alone prints each explained target with its help line."""
    printed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in TARGET.findall((ROOT / "Makefile").read_text()):
        assert re.search(rf"^  make {target} +\S", printed, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_verbs_of_a_page_exist(page: Path) -> None:
    """Each verb of ksad that a page calls explains itself."""
    for verb in sorted(documents.verbs(page.read_text())):
        assert help_of(verb) == 0, verb


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link, and every file that is named by its path, exists."""
    assert documents.missing_files(page, ROOT) == []


@pytest.mark.parametrize("record", DECISIONS, ids=lambda record: record.stem)
def test_a_decision_is_one_page_with_its_parts(record: Path) -> None:
    """A decision has its five parts in order, one bold line to quote, and fits on a page."""
    text = record.read_text()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert text.startswith(f"# {record.name[:4]}: ")
    assert re.search(r"^## Decision\n\n\*\*.+?\*\*$", text, re.MULTILINE | re.DOTALL)
    assert len(text.splitlines()) <= 70


def test_decisions_are_numbered_without_gap() -> None:
    """The numbers of the decisions are 0001 and so on, each once."""
    assert [record.name[:4] for record in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


def test_a_broken_promise_is_found(tmp_path: Path) -> None:
    """A dead link, a file that is not there, and commands are read out of a page."""
    page = tmp_path / "page.md"
    page.write_text(
        "[gone](gone.md) [here](page.md) [out](https://example.org) `tests/gone.py`\n"
        "```sh\nmake nothing  # a comment\n.venv/bin/ksad juggle --data-dir D\nksad --help\n```\n"
    )
    assert documents.missing_files(page, tmp_path) == ["gone.md", "tests/gone.py"]
    assert documents.make_targets(page.read_text()) == {"nothing"}
    assert documents.verbs(page.read_text()) == {"juggle"}
