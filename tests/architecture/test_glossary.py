"""The glossary speaks of what is there."""

import re

from tests.support.text.source import ROOT, python_files

GLOSSARY = ROOT / "docs" / "glossary.md"
IDENTIFIER = re.compile(r"`([A-Za-z_]+)`")


def words_of_the_code() -> set[str]:
    """Every word that the platform's own source uses, with the parts of snake_case names, in lower case."""
    text = "\n".join(file.read_text() for file in python_files() if not file.is_relative_to(ROOT / "tests"))
    whole = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text)}
    return whole | {part for word in whole for part in word.split("_")}


def test_every_identifier_of_the_glossary_is_in_the_code() -> None:
    """A word that the code gave up, or never took, does not stay in the glossary."""
    named = set(IDENTIFIER.findall(GLOSSARY.read_text()))
    assert len(named) > 50
    assert {name for name in named if name.lower() not in words_of_the_code()} == set()


def test_no_identifier_is_explained_twice() -> None:
    """One word, one meaning: no identifier has two rows of its own."""
    rows = [line.split("|")[-3].strip() for line in GLOSSARY.read_text().splitlines() if line.startswith("|")]
    alone = [row for row in rows if IDENTIFIER.fullmatch(row)]
    assert sorted(set(alone)) == sorted(alone)
