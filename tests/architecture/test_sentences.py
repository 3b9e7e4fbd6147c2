"""What refuses or explains to people is written for people: no key, field, value or path of programs in a sentence."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.text.printed import codes
from tests.support.text.source import ROOT

REFUSING = {"RuleBrokenError", "Problem"}
SAID = {"detail", "says", "message"}
INDONESIAN = re.compile(r"\b(yang|tidak|ini|itu|dengan|belum|dan|untuk|adalah|bukan|sudah|atau|lebih|dahulu|oleh)\b")
WORDS = {"data", "nihil"}
"""Values and fields of contracts that are words of the language, too."""
PATHS = re.compile(r"\b(GET|POST|PUT|DELETE) /|(?<![\w.])/[a-z_]+/|\b[a-z_]+: ?\[|\b[a-z]+-[a-z]+ ?=")
PROTOCOL = {"waiting.py", "transfer.py", "problems.py"}
"""Where requests are refused by their headers: what is said there is for whoever writes a client, and names these."""
FOLDERS = ("contracts/src", "services", "deploy/local/src")


def _text(node: ast.expr | None) -> str:
    """What a string says, with an ellipsis for each value that is put in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body)} / {_text(node.orelse)}"
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return ""


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The Indonesian sentences that a module refuses or explains with, each with its line."""
    for node in ast.walk(ast.parse(source)):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in REFUSING:
            found = node.args[1:4]
        elif isinstance(node, ast.Assign) and any(getattr(one, "id", "") in SAID for one in node.targets):
            found = [node.value]
        for one in found:
            text = _text(one)
            if INDONESIAN.search(text):
                yield one.lineno, text


def written_for_programs(text: str) -> set[str]:
    """What of a sentence is for programs."""
    return (codes(text) - WORDS) | {found[0] for found in PATHS.finditer(text)}


@pytest.mark.fault("law strings")
@pytest.mark.parametrize(
    "sentence",
    [
        "Sebutkan pemberitahuan itu pada replaces untuk menggantinya.",
        "Dokumen ini belum diunggah. Unggah dengan POST /documents.",
        'Bila memang demikian, kirim lagi dengan confirms: ["looks-personal"].',
        "Butir c dinilai dengan rupiah: isi amount_idr.",
        "Laporan ini berstatus submitted.",
        "Jabatan region:33.72 tidak berwenang (sign-accord).",
    ],
)
def test_what_is_for_programs_is_found(sentence: str) -> None:
    """The guard finds each kind of code that refusals once had."""
    assert written_for_programs(sentence)


@pytest.mark.fault("law strings")
def test_every_refusal_is_written_for_people() -> None:
    """No sentence of a service, of the contracts or of the command has a code, but for those about headers."""
    wrong: dict[str, set[str]] = {}
    count = 0
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.py")):
            if "rules/v1" in file.as_posix() or ".venv" in file.parts or file.name in PROTOCOL:
                continue
            for line, text in sentences(file.read_text()):
                count += 1
                if found := written_for_programs(text):
                    wrong[f"{_place(file)}:{line}: {text[:80]}"] = found
    assert count > 200
    assert wrong == {}


def _place(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
