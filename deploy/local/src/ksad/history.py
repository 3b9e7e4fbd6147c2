"""Plays a history file (``ksad-history/1``, YAML or JSON) into the registry: decades of paper, in commands' words.

A bad step stops its cooperation with file, line, key, rule and clause, and leaves the others alone. The same file
twice adds nothing: every step's idempotency key is derived from the file's words.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from contracts.identifiers import cooperation_id
from ksad.client import ProblemError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ksad.client import Client

FORMAT = "ksad-history/1"
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


class Step(NamedTuple):
    """One line of a cooperation's history."""

    line: int
    do: str
    fields: dict[str, Any]


class Cooperation(NamedTuple):
    """One cooperation of the file."""

    key: str
    line: int
    head: dict[str, Any]
    steps: list[Step]


class Failure(NamedTuple):
    """Why a cooperation stopped."""

    file: str
    line: int
    key: str
    do: str
    rule: str
    clause: str | None
    detail: str


class Imported(NamedTuple):
    """What an import did."""

    cooperations: int
    steps: int
    failures: list[Failure]


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 - YAML
    return yaml.SafeLoader("").construct_object(node, deep=True)


def _pairs(node: yaml.Node, where: str) -> Iterator[tuple[str, yaml.Node, int]]:
    if not isinstance(node, yaml.MappingNode):
        message = f"{where}: line {node.start_mark.line + 1}: expected fields (a mapping)"
        raise HistoryError(message)
    seen: set[str] = set()
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in seen:
            message = f"{where}: line {line}: {name} is given twice"
            raise HistoryError(message)
        seen.add(name)
        yield name, value, line


def _steps(node: yaml.Node, where: str) -> list[Step]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        message = f"{where}: line {node.start_mark.line + 1}: history must list at least one step"
        raise HistoryError(message)
    steps = []
    for item in node.value:
        line = item.start_mark.line + 1
        fields = {name: _plain(value) for name, value, _ in _pairs(item, where)}
        do = fields.pop("do", None)
        if do not in COMMANDS:
            message = f"{where}: line {line}: do: {do!r} is no command; one of {', '.join(sorted(COMMANDS))}"
            raise HistoryError(message)
        if "on" in fields:
            fields["on"] = str(fields["on"])
        steps.append(Step(line, do, fields))
    if steps[0].do != "register":
        message = f"{where}: line {steps[0].line}: a history begins with do: register"
        raise HistoryError(message)
    return steps


def _cooperation(node: yaml.Node, where: str) -> Cooperation:
    head: dict[str, Any] = {}
    steps: list[Step] = []
    for name, value, line in _pairs(node, where):
        if name not in COOPERATION_FIELDS:
            message = f"{where}: line {line}: unknown field {name}; known: {', '.join(sorted(COOPERATION_FIELDS))}"
            raise HistoryError(message)
        if name == "history":
            steps = _steps(value, where)
        elif name != "remark":
            head[name] = _plain(value)
    line = node.start_mark.line + 1
    missing = [name for name in ("key", "title", "object", "affair", "parties") if name not in head]
    if missing or not steps:
        message = f"{where}: line {line}: missing {', '.join(missing or ['history'])}"
        raise HistoryError(message)
    return Cooperation(str(head["key"]), line, head, steps)


class _Loader(yaml.SafeLoader):
    """YAML without implicit dates: ``2016-10-26`` and ``2009`` stay the words of the file."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> tuple[str, list[Cooperation]]:
    """The file's sha256 and its cooperations.

    :raises HistoryError: it is no history file; the message names the line.
    """
    raw = path.read_bytes()
    where = path.name
    try:
        root = yaml.compose(raw.decode(), Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{where}: neither YAML nor JSON: {error}"
        raise HistoryError(message) from error
    if root is None:
        message = f"{where}: empty; it must begin with `format: {FORMAT}`"
        raise HistoryError(message)
    fields = {name: (value, line) for name, value, line in _pairs(root, where)}
    if "format" not in fields or _plain(fields["format"][0]) != FORMAT:
        message = f"{where}: line 1: it must begin with `format: {FORMAT}`"
        raise HistoryError(message)
    unknown = sorted(fields.keys() - {"format", "cooperations", "remark"})
    if unknown or "cooperations" not in fields:
        message = f"{where}: expected format and cooperations, found {', '.join(fields)}"
        raise HistoryError(message)
    listed = fields["cooperations"][0]
    items = listed.value if isinstance(listed, yaml.SequenceNode) else []
    cooperations = [_cooperation(item, where) for item in items]
    keys = [one.key for one in cooperations]
    for one in cooperations:
        if keys.count(one.key) > 1:
            message = f"{where}: line {one.line}: key {one.key} stands twice"
            raise HistoryError(message)
    return hashlib.sha256(raw).hexdigest(), cooperations


def play(
    client: Client,
    path: Path,
    *,
    office: str,
    check: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Play a file into the registry and close each cooperation's backfill.

    :param check: ask the registry about every step and write nothing.
    """
    digest, cooperations = read(path)
    failures: list[Failure] = []
    done = 0
    total = sum(len(one.steps) for one in cooperations)
    for one in cooperations:
        failure = _play_one(client, one, path.name, digest, office, check=check)
        if failure is not None:
            failures.append(failure)
        done += len(one.steps)
        if progress is not None:
            progress(done, total)
    return Imported(len(cooperations) - len(failures), done, failures)


def _play_one(client: Client, one: Cooperation, file: str, digest: str, office: str, *, check: bool) -> Failure | None:
    identity = cooperation_id(one.key)
    if check:
        body = {"steps": [_body(one, step, digest) | {"do": step.do} for step in one.steps]}
        try:
            client.post("registry", "/histories/check", office, f"check-{digest}-{one.key}", body)
        except ProblemError as error:
            number = int(error.problem.get("step", 0))
            return _failure(file, one, one.steps[number], error)
        return None
    for number, step in enumerate(one.steps):
        path = "/cooperations" if step.do == "register" else f"/cooperations/{identity}/{step.do.replace('_', '-')}"
        key = f"import-{digest[:32]}-{one.key}-{number}"
        try:
            client.post("registry", path, office, key, _body(one, step, digest))
        except ProblemError as error:
            return _failure(file, one, step, error)
    key = f"import-{digest[:32]}-{one.key}-close"
    try:
        client.post("registry", f"/cooperations/{identity}/close-backfill", office, key, {})
    except ProblemError as error:
        return _failure(file, one, one.steps[-1], error)
    return None


def _body(one: Cooperation, step: Step, digest: str) -> dict[str, Any]:
    source = {"source": {"file_sha256": digest, "line": step.line}}
    return (one.head if step.do == "register" else {}) | step.fields | source


def _failure(file: str, one: Cooperation, step: Step, error: ProblemError) -> Failure:
    return Failure(file, step.line, one.key, step.do, error.rule, error.clause, str(error))
