"""Reads a history file (``ksad-history/1``, YAML or JSON): decades of paper, in the words of the commands.

What is wrong with the file as a whole is refused as a whole. What is wrong inside one cooperation is a failure of that
cooperation alone, with its line; the others can be played (:mod:`ksad.local.history.importing`).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = "ksad-history/1"
DEPTH_MAX = 10
HEAD_FIELDS = ("key", "title", "object", "affair", "category", "parties", "initiator")
COMMANDS = frozenset(
    {
        "register",
        "enter_stage",
        "form_body",
        "schedule_signing",
        "sign_accord",
        "record_council_approval",
        "sign_agreement",
        "amend",
        "extend",
        "add_party",
        "withdraw_party",
        "report_problem",
        "resolve_problem",
        "raise_dispute",
        "request_decision",
        "escalate_dispute",
        "settle_dispute",
        "give_termination_notice",
        "add_termination_item",
        "complete_termination_item",
        "end",
        "correct",
        "withdraw_proposal",
    }
)
COOPERATION_FIELDS = frozenset({*HEAD_FIELDS, "history", "remark"})


class HistoryError(Exception):
    """The file cannot be read as a history; the message says where and how to mend it."""


class MisreadError(Exception):
    """One cooperation of the file cannot be read."""

    def __init__(self, line: int, do: str, detail: str) -> None:
        super().__init__(detail)
        self.line = line
        self.do = do


class HistoryStep(NamedTuple):
    """One step of a cooperation's history; ``lines`` says where each of its fields stands."""

    line: int
    do: str
    fields: dict[str, Any]
    lines: dict[str, int]


class HistoryCooperation(NamedTuple):
    """One cooperation of the file."""

    key: str
    line: int
    head: dict[str, Any]
    steps: list[HistoryStep]
    lines: dict[str, int]

    def line_of(self, step: HistoryStep, field: str) -> int:
        """Where a field of a step stands; ``register`` has its fields from the head, too."""
        return step.lines.get(field) or (self.lines.get(field) if step.do == "register" else None) or step.line


class Failure(NamedTuple):
    """Why a cooperation stopped."""

    file: str
    line: int
    key: str
    do: str
    rule: str
    clause: str | None
    detail: str


class HistoryFile(NamedTuple):
    """A file's name and sha256, its cooperations, and what could not be read."""

    name: str
    sha256: str
    cooperations: list[HistoryCooperation]
    failures: list[Failure]


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _plain(node: yaml.Node, do: str) -> Any:  # noqa: ANN401 - YAML
    try:
        value = yaml.SafeLoader("").construct_object(node, deep=True)
        json.dumps(value)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise MisreadError(_line(node), do, f"this value is none that JSON has, too: {error}") from error
    return value


def _pairs(node: yaml.Node, do: str) -> Iterator[tuple[str, yaml.Node, int]]:
    if not isinstance(node, yaml.MappingNode):
        raise MisreadError(_line(node), do, "fields are expected here, each as `name: value`")
    seen: set[str] = set()
    for key, value in node.value:
        name = str(key.value)
        if name in seen:
            raise MisreadError(_line(key), do, f"{name} is given twice; keep one")
        seen.add(name)
        yield name, value, _line(key)


def _steps(node: yaml.Node) -> list[HistoryStep]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise MisreadError(_line(node), "history", "list at least one step, `- {on: …, do: register, …}`")
    steps = []
    for item in node.value:
        given = [(name, _plain(value, "history"), line) for name, value, line in _pairs(item, "history")]
        fields = {name: value for name, value, _ in given}
        do = fields.pop("do", None)
        if not isinstance(do, str) or do not in COMMANDS:
            line = next((line for name, _, line in given if name == "do"), _line(item))
            known = f"{do!r} is no command" if do is not None else "`do` is missing"
            raise MisreadError(line, "history", f"{known}; one of {', '.join(sorted(COMMANDS))}")
        if "on" in fields:
            fields["on"] = str(fields["on"])
        steps.append(HistoryStep(_line(item), do, fields, {name: line for name, _, line in given}))
    if steps[0].do != "register":
        raise MisreadError(steps[0].line, steps[0].do, "a history begins with `do: register`")
    return steps


def _cooperation(node: yaml.Node) -> HistoryCooperation:
    head: dict[str, Any] = {}
    steps: list[HistoryStep] = []
    lines: dict[str, int] = {}
    for name, value, line in _pairs(node, "cooperation"):
        if name not in COOPERATION_FIELDS:
            known = ", ".join(sorted(COOPERATION_FIELDS))
            raise MisreadError(line, "cooperation", f"unknown field {name}; known: {known}")
        if name == "history":
            steps = _steps(value)
        elif name != "remark":
            head[name] = _plain(value, "cooperation")
            lines[name] = line
    missing = [name for name in ("key", "title", "object", "affair", "parties") if name not in head]
    if missing or not steps:
        raise MisreadError(_line(node), "cooperation", f"missing: {', '.join(missing or ['history'])}")
    return HistoryCooperation(str(head["key"]), _line(node), head, steps, lines)


def _key(node: yaml.Node) -> str:
    """The cooperation's key, however wrong the rest may be."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == "key"), "?")


class _Loader(yaml.SafeLoader):
    """YAML without dates and fractions: ``2016-10-26`` and the region ``32.10`` stay the words of the file."""


WORDS = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in WORDS]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _check_shape(text: str, where: str) -> None:
    """Refuse aliases and deep nesting: no history needs them, and a few lines of them could grow into gigabytes."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent):
            raise HistoryError(f"{where}:{line}: *{event.anchor} refers to another place: write the value out here")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            raise HistoryError(f"{where}:{line}: more than {DEPTH_MAX} levels deep: a bracket is not closed")


def _root(raw: bytes, where: str) -> yaml.Node:
    try:
        text = raw.decode()
        # JSON may be indented with tabs, which YAML refuses; inside a JSON string a tab is always escaped.
        text = text.replace("\t", " ") if text.lstrip().startswith("{") else text
        _check_shape(text, where)
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        raise HistoryError(f"{where}: byte {error.start} is not UTF-8: save the file as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f"{error.problem_mark.line + 1}:"
        raise HistoryError(f"{where}:{line} neither YAML nor JSON: {error.problem}; mend this line") from error
    except yaml.YAMLError as error:
        raise HistoryError(f"{where}: neither YAML nor JSON: {error}") from error
    if root is None:
        raise HistoryError(f"{where}: empty; it must begin with `format: {FORMAT}`")
    return root


def read(path: Path) -> HistoryFile:
    """The file's cooperations.

    :raises HistoryError: it is no history file; the message names the line.
    :raises OSError: it cannot be read at all.
    """
    raw = path.read_bytes()
    where = path.name
    try:
        fields = {name: value for name, value, _ in _pairs(_root(raw, where), "file")}
    except MisreadError as error:
        raise HistoryError(f"{where}:{error.line}: {error}") from error
    if "format" not in fields or fields["format"].value != FORMAT:
        raise HistoryError(f"{where}:1: it must begin with `format: {FORMAT}`")
    unknown = sorted(fields.keys() - {"format", "cooperations", "remark"})
    if unknown or not isinstance(fields.get("cooperations"), yaml.SequenceNode):
        raise HistoryError(f"{where}: expected `format` and a list `cooperations`, found {', '.join(fields)}")
    found: dict[str, HistoryCooperation] = {}
    failures = []
    for item in fields["cooperations"].value:
        try:
            one = _cooperation(item)
            _check_new(one, found)
        except MisreadError as error:
            failures.append(Failure(where, error.line, _key(item), error.do, "history-readable", None, str(error)))
        else:
            found[one.key] = one
    return HistoryFile(where, hashlib.sha256(raw).hexdigest(), list(found.values()), failures)


def _check_new(one: HistoryCooperation, found: dict[str, HistoryCooperation]) -> None:
    if one.key in found:
        raise MisreadError(one.line, "cooperation", f"key {one.key} stands twice; give this one its own")
