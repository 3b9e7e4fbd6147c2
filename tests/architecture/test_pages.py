"""Generated documents are what their generators write today, and each generator sees all that it is about."""

import re
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from tests.pages import __main__ as pages
from tests.pages import commands
from tests.support.text.source import ROOT


@pytest.mark.parametrize("generator", pages.GENERATORS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_generated_document_is_current(generator: ModuleType) -> None:
    """What lies in the repository is what its generator writes; `make schemas` writes it."""
    for path, text in generator.documents().items():
        assert path.read_text() == text, path


def test_every_generator_is_asked() -> None:
    """A module of tests/pages is among the generators that `make check` and `make schemas` ask."""
    files = {file.stem for file in (ROOT / "tests" / "pages").glob("[a-z]*.py")}
    assert files == {module.__name__.rpartition(".")[2] for module in pages.GENERATORS}


def test_a_stale_document_is_told_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--check`` names what is stale or missing, writes nothing and fails; without it the document is written."""
    page = tmp_path / "made" / "page.md"
    generator = ModuleType("generator")
    vars(generator)["documents"] = lambda: {page: "now\n"}
    monkeypatch.setattr(pages, "GENERATORS", (generator,))
    monkeypatch.setattr(pages, "ROOT", tmp_path)

    assert (pages.main(["--check"]), page.exists()) == (1, False)
    assert capsys.readouterr().err == "made/page.md is stale: make schemas\n"
    assert (pages.main([]), pages.main(["--check"]), page.read_text()) == (0, 0, "now\n")
    page.write_text("then\n")
    assert pages.main(["--check"]) == 1


def test_every_command_is_on_the_page() -> None:
    """Each console script of ours, and each verb below it, has its part on docs/commands.md."""
    ours = {entry.name for entry in metadata.entry_points(group="console_scripts") if entry.value.startswith("ksad.")}
    told = set(re.findall(r"^#+ `(.+)`$", commands.PAGE.read_text(), re.MULTILINE))
    assert ours <= {one.name for one in commands.programs()} <= told
    assert {"ksad up", "ksad audit export", "ksad feeds rotate", "ksad-audit verify"} <= told
