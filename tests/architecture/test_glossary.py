"""The glossary speaks of all that the vocabulary has, and of nothing else."""

import ast
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

from ksad.contracts.catalogue import DECLARATIONS, Fact
from tests.support.text.source import ROOT, members, python_files

GLOSSARY = ROOT / "docs" / "glossary.md"
IDENTIFIER = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)`")
MACHINERY = {"access", "asyncapi", "canonical", "corrections", "examples", "rules", "schemas"}
"""Modules of contracts that hold no word of the ministry's."""
SERVICES = ("registry", "supervision", "reporting")
NO_WORDS = {"Service", "TaskFact", "ReportFact"}
"""The services' own names, and what facts of one kind share."""


def words_of_the_code() -> set[str]:
    """Every word that the platform's own source uses, with the parts of snake_case names, in lower case."""
    text = "\n".join(file.read_text() for file in python_files() if not file.is_relative_to(ROOT / "tests"))
    whole = {word.lower() for word in re.findall(r"[A-Za-z_]\w*", text)}
    return whole | {part for word in whole for part in word.split("_")}


def modules() -> Iterator[str]:
    """The modules of the vocabulary: contracts without machinery, and the domains without their commands."""
    sources = members()
    folders = [sources["ksad.contracts"] / "ksad" / "contracts"]
    folders += [sources[f"ksad.{service}"] / "ksad" / service / "domain" for service in SERVICES]
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            parts = [part for part in file.relative_to(folder).with_suffix("").parts if part != "__init__"]
            if parts and not {*parts} & {*MACHINERY, "commands"}:
                yield ".".join([*_package(folder), *parts])


def _package(folder: Path) -> tuple[str, ...]:
    parts = folder.parts
    return parts[parts.index("src") + 1 :]


def vocabulary() -> set[str]:
    """Every event, every value of a closed list, every class that is no error and no command."""
    words = {declaration.name.rpartition(".")[2] for declaration in DECLARATIONS.values()}
    for name in modules():
        module = import_module(name)
        for name_of_class, found in getmembers(module, isclass):
            if found.__module__ != name or name_of_class.startswith("_") or name_of_class in NO_WORDS:
                continue
            if issubclass(found, Exception) or (issubclass(found, Fact) and found is not Fact):
                continue
            words.add(name_of_class)
            if issubclass(found, Enum):
                words |= set(found.__members__)
    return words


def told() -> set[str]:
    """Every identifier of the glossary."""
    return set(IDENTIFIER.findall(GLOSSARY.read_text()))


def test_every_word_of_the_vocabulary_is_in_the_glossary() -> None:
    """Who meets an event, a value of a closed list or a class of the domains finds what it means."""
    words = vocabulary()
    assert len(words) > 180
    assert {"agreement_signed", "EXPLORATION", "Duty", "Case", "Cooperation"} <= words
    assert words - told() == set()


def test_every_identifier_of_the_glossary_is_in_the_code() -> None:
    """A word that the code gave up, or never took, does not stay in the glossary."""
    words = words_of_the_code()
    assert len(told()) > 50
    assert {name for name in told() if name.lower() not in words} == set()


def test_every_class_of_the_glossary_is_one() -> None:
    """What is written as a class or as a value of a closed list is one today, not only a word somewhere."""
    trees = [ast.parse(file.read_text()) for file in python_files() if not file.is_relative_to(ROOT / "tests")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {node.name for node in nodes if isinstance(node, ast.ClassDef)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert {name for name in told() if name[0].isupper()} - names == set()


def test_no_identifier_is_explained_twice() -> None:
    """One word, one meaning: no identifier has two rows of its own."""
    rows = [line.split("|")[-3].strip() for line in GLOSSARY.read_text().splitlines() if line.startswith("|")]
    alone = [row for row in rows if IDENTIFIER.fullmatch(row)]
    assert sorted(set(alone)) == sorted(alone)
