"""A refusal on an English page is read in English: every rule of the services has its sentence, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from ksad.chassis.problems import FRAMEWORK, Problem
from ksad.contracts import free_text, wording
from ksad.contracts.access import registry, reporting, supervision
from ksad.contracts.rules import RefusalKind
from ksad.portal.languages import fault_said, faults, language, refusal_said, rules
from ksad.portal.rendering import rendered
from tests.support.text.source import ROOT

REFUSING = {"RuleBrokenError", "Problem", "ProtocolRefusal", "OrderRule", "Broken"}
"""What is made with a rule's name as one of its first two texts."""
NAME = re.compile(r"[a-z]+(-[a-z]+)*")
RULE = re.compile(r"(rule|AWAY|ALIVE|CONFIRMED|UNTRIED)")
"""What a rule is called that is named beforehand."""
SOURCES = [
    *(ROOT / "contracts" / "src").rglob("*.py"),
    *(one for folder in (ROOT / "services").iterdir() if folder.name != "audit" for one in folder.rglob("src/**/*.py")),
]


def constants(node: ast.AST) -> Iterator[str]:
    """The texts in an expression that may be names of rules."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and NAME.fullmatch(one.value):
            yield one.value


def named(file: Path) -> Iterator[str]:
    """The rules that a module refuses by."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in REFUSING:
            for one in node.args[:2]:
                if isinstance(one, ast.Constant | ast.IfExp):
                    yield from (name for name in constants(one) if "-" in name)
        elif isinstance(node, ast.Assign) and RULE.fullmatch(ast.unparse(node.targets[0])):
            yield from (name for name in constants(node.value) if "-" in name)


def test_every_rule_is_said_in_english() -> None:
    """Each rule that a refusal names has a sentence that says what is wrong; and each sentence is some rule's."""
    refusing = {rule for file in SOURCES for rule in named(file)} | {rule for rule, _ in FRAMEWORK.values()}
    refusing |= {rule for one in (registry, supervision, reporting) for rule in one.TABLE.conditions}
    assert len(refusing) > 200
    assert sorted(refusing - rules().keys()) == []
    written = {name for file in SOURCES for name in constants(ast.parse(file.read_text()))}
    assert sorted(rules().keys() - written) == []
    assert [rule for rule, said in rules().items() if not re.fullmatch(r"[A-Z].+[.]", said)] == []


def test_an_english_page_says_a_refusal_in_english() -> None:
    """The rule's English sentence comes first, and the service's own, with its particulars, is marked as Indonesian;
    an Indonesian page has only that.
    """

    class Refused:
        status, rule, detail, clause = 409, "task-open", "Tugas ini sudah selesai.", None

    pages = {
        code: rendered("problem.html", language(code), problem=Refused, path="/", training=False)
        for code in ("id", "en")
    }
    assert f'<p>{rules()["task-open"]} <span class="dim" lang="id">Tugas ini sudah selesai.</span></p>' in pages["en"]
    assert "<p>Tugas ini sudah selesai.</p>" in pages["id"]
    assert rules()["task-open"] not in pages["id"]


def test_a_page_says_of_a_policy_that_its_clause_is_served_by_it() -> None:
    """Also of a correction that would break one; of what the clause itself says, nothing is put before it."""
    told = {"correction-keeps-rules": "workbook-in-time", "supervises": "supervises", "is-forum": "is-forum"}
    for rule, breaks in told.items():
        refused = Problem(RefusalKind.CONFLICT, rule, "Tidak.", clause="P10.d.4", breaks=breaks)
        for code, words in (("id", "Kebijakan, untuk melaksanakan"), ("en", "Policy, to carry out")):
            page = rendered("problem.html", language(code), problem=refused, path="/", training=False)
            assert (words in page, "Pasal 10 huruf d angka 4" in page) == (rule != "is-forum", True)


def test_every_fault_of_a_field_is_said_in_english() -> None:
    """Each type of error that a service names has its sentence with the same values, and each sentence is of a type."""
    indonesian = wording.WORDS | dict.fromkeys((*free_text.FAULTS.values(), "text_blank"), "")
    indonesian |= dict.fromkeys(("text_control", "text_unseen"), "{sign}")
    choices = {"enum", "literal_error"}
    assert faults().keys() == indonesian.keys()
    for kind, said in faults().items():
        values = set() if kind in choices else {name for _, name, _, _ in Formatter().parse(indonesian[kind]) if name}
        assert {name for _, name, _, _ in Formatter().parse(said) if name} == values, kind


def test_what_stands_beside_a_field_is_in_the_language_of_its_page() -> None:
    """A fault with its values, one of the text, one that a later service may name, and a refused file."""
    body = {"title": "Bapak Budi", "object": "a\x07b"}
    found = [*free_text.looks_personal(body), *free_text.unreadable(body)]
    found += wording.worded([{"type": "string_too_long", "loc": ("body", "title"), "ctx": {"max_length": 500}}])
    said = [fault_said(one.shown(), language("en")) for one in found]
    assert said == [
        "a person's name",
        "has a control sign (U+0007); write it without that sign, in one line",
        "is too long: at most 500 characters",
    ]
    assert [fault_said(one.shown(), language("id")) for one in found] == [one.message for one in found]
    later = {"field": "title", "message": "terlalu miring", "fault": "too_askew", "values": {}}
    assert fault_said(later, language("en")) == "terlalu miring"
    assert refusal_said("document-filled", "Berkasnya kosong.", language("en")) == rules()["document-filled"]
    assert refusal_said("document-filled", "Berkasnya kosong.", language("id")) == "Berkasnya kosong."
