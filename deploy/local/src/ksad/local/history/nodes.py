"""Reads YAML nodes as JSON values, with their lines.

YAML takes ``0100`` for 64, ``1:30`` for 90, ``250.000`` for 250 and ``yes`` for true. Here these remain text, which a
command that asks for a number or for a truth value then refuses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH_MAX = 10
STR, MAP, SEQ = (f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))
INT, BOOL, NULL = (f"tag:yaml.org,2002:{name}" for name in ("int", "bool", "null"))
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
RESOLVED = (
    (BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    (INT, re.compile(rf"^(?:{INTEGER.pattern})$"), "-0123456789"),
    (NULL, re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
)
"""What a plain scalar can be besides text, as in the JSON schema of YAML 1.2: tag, notation, first characters."""


class HistoryError(Exception):
    """The file is not a readable history file. The message says where, and what to do."""


class MisreadError(Exception):
    """One cooperation of the file cannot be read."""

    def __init__(self, line: int, do: str, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.do = do


class _Loader(yaml.SafeLoader):
    """YAML in which a plain scalar is text, an integer, a truth value or null."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern, firsts in RESOLVED if first in firsts]
    for first in {first for _, _, firsts in RESOLVED for first in firsts}
}


def line_of(node: yaml.Node) -> int:
    """The line of a node, from 1."""
    line: int = node.start_mark.line
    return line + 1


def plain(node: yaml.Node, do: str) -> Any:  # noqa: ANN401 - a JSON value has any shape
    """The JSON value of a node.

    :raises MisreadError: JSON has no such value, a key is given twice or is not text, or a text is not Unicode.
    """
    if isinstance(node, yaml.MappingNode) and node.tag == MAP:
        return {name: plain(value, do) for name, value, _ in pairs(node, do)}
    if isinstance(node, yaml.SequenceNode) and node.tag == SEQ:
        return [plain(one, do) for one in node.value]
    if isinstance(node, yaml.ScalarNode):
        if node.tag == STR:
            return text_of(node, do)
        if node.tag == INT and INTEGER.fullmatch(node.value):
            return int(node.value)
        if node.tag == BOOL and node.value.lower() in {"true", "false"}:
            return node.value.lower() == "true"
        if node.tag == NULL:
            return None
    raise MisreadError(line_of(node), do, "bukan nilai JSON: tulis teks, bilangan bulat, true, false, atau null")


def pairs(node: yaml.Node, do: str) -> Iterator[tuple[str, yaml.Node, int]]:
    """The names, values and lines of a mapping.

    :raises MisreadError: the node is not a mapping, a name is not text, or a name is given twice.
    """
    if not isinstance(node, yaml.MappingNode):
        raise MisreadError(line_of(node), do, "di sini diharapkan isian, masing-masing sebagai `nama: nilai`")
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag != STR:
            words = key.value if isinstance(key, yaml.ScalarNode) else "nama ini"
            detail = f'{words} di sini bukan teks: beri tanda kutip, seperti "32.75": …'
            raise MisreadError(line_of(key), do, detail)
        name = text_of(key, do)
        if name in seen:
            raise MisreadError(line_of(key), do, f"{name} ditulis dua kali; sisakan satu")
        seen.add(name)
        yield name, value, line_of(key)


def text_of(node: yaml.ScalarNode, do: str) -> str:
    """The text of a scalar. Two escapes of a surrogate pair, which JSON has for an emoji, are one character.

    :raises MisreadError: half of such a pair is missing.
    """
    text: str = node.value
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        detail = r"separuh tanda (\ud800 sampai \udfff tanpa pasangannya): tulis tandanya sendiri"
        raise MisreadError(line_of(node), do, detail) from None


def root_of(raw: bytes, where: str) -> yaml.Node:
    """The root node of a file.

    :raises HistoryError: the file is not UTF-8, not YAML or JSON, empty, nested too deep, or has aliases.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HistoryError(f"{where}: byte {error.start} bukan UTF-8: simpan berkas sebagai UTF-8") from error
    # JSON may be indented with tabs, which YAML refuses; inside a JSON string a tab is always escaped.
    text = text.replace("\t", " ") if text.lstrip().startswith("{") else text
    try:
        _check_shape(text, where)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f"{error.problem_mark.line + 1}:"
        hint = "cari tanda kutip, kurung, koma, atau titik dua yang kurang, atau spasi awal baris yang berbeda"
        hint = f"{hint}; perbaiki baris ini atau baris di atasnya"
        raise HistoryError(f"{where}:{line} bukan YAML dan bukan JSON: {hint}") from error
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        detail = f"U+{ord(text[error.position]):04X} bukan tanda dalam teks: hapus"
        raise HistoryError(f"{where}:{number}: {detail}") from error
    if root is None:
        raise HistoryError(f"{where}: kosong; berkas diawali `format: …` dan memuat `cooperations`")
    return root


def _check_shape(text: str, where: str) -> None:
    """Refuses aliases and deep nesting. No history needs them, and a few lines could expand to gigabytes.

    :raises HistoryError: the text has some.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            raise HistoryError(f"{where}:{line}: *{event.anchor} menunjuk tempat lain: tulis nilainya di sini")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise HistoryError(f"{where}:{line}: lebih dari {DEPTH_MAX} tingkat: ada kurung yang belum ditutup")
