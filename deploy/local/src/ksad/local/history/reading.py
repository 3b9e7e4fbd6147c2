"""Reads history files (``ksad-history/1``, YAML or JSON), which describe past cooperations in the form of commands.

A fault of the file as a whole refuses the file. A fault within a cooperation is reported for that cooperation, with its
line; the others can be imported (:mod:`ksad.local.history.importing`).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from ksad.local.history.nodes import HistoryError, MisreadError, line_of, pairs, plain, root_of

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "ksad-history/1"
DEPTH_MAX = 10  # nested collections; more than any command needs
HEAD_FIELDS = ("key", "title", "object", "affair", "category", "parties", "initiator")
COMMANDS = frozenset(
    {
        "register",
        "enter_stage",
        "form_body",
        "dissolve_body",
        "schedule_signing",
        "sign_accord",
        "open_agreement",
        "drop_agreement",
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
        "revoke_termination_notice",
        "inventory_goods",
        "list_obligations",
        "divide",
        "add_termination_item",
        "complete_termination_item",
        "end",
        "correct",
        "withdraw_proposal",
    }
)
COOPERATION_FIELDS = frozenset({*HEAD_FIELDS, "history", "remark"})


class HistoryStep(NamedTuple):
    """One step of a cooperation's history; ``lines`` has the line of each field."""

    line: int
    do: str
    fields: dict[str, Any]
    lines: dict[str, int]


class HistoryCooperation(NamedTuple):
    """One cooperation of the file, with the lines of its fields."""

    key: str
    line: int
    head: dict[str, Any]
    steps: list[HistoryStep]
    lines: dict[str, int]

    def line_of(self, step: HistoryStep, field: str) -> int:
        """The line of a field of a step; the fields of ``register`` may be in the head of the cooperation."""
        return step.lines.get(field) or (self.lines.get(field) if step.do == "register" else None) or step.line


class Failure(NamedTuple):
    """Why a cooperation could not be recorded completely."""

    file: str
    line: int
    key: str
    do: str
    rule: str
    clause: str | None
    detail: str
    policy: bool = False
    """Whether the rule is the platform's, and the clause is what it serves."""

    @property
    def ground(self) -> str:
        """The rule with its clause, and whether that says it or is only served by it."""
        serves = "kebijakan, untuk " if self.policy else ""
        return self.rule + (f" ({serves}{self.clause})" if self.clause else "")


class HistoryFile(NamedTuple):
    """A history file: its name and SHA-256, its cooperations, and what could not be read."""

    name: str
    sha256: str
    cooperations: list[HistoryCooperation]
    failures: list[Failure]


def _steps(node: yaml.Node) -> list[HistoryStep]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise MisreadError(line_of(node), "history", "tulis sedikitnya satu langkah, `- {on: …, do: register, …}`")
    steps = []
    for item in node.value:
        given = [(name, plain(value, "history"), line) for name, value, line in pairs(item, "history")]
        fields = {name: value for name, value, _ in given}
        do = fields.pop("do", None)
        if not isinstance(do, str) or do not in COMMANDS:
            line = next((line for name, _, line in given if name == "do"), line_of(item))
            known = f"{do!r} bukan perintah" if do is not None else "`do` belum diisi"
            raise MisreadError(line, "history", f"{known}; salah satu dari {', '.join(sorted(COMMANDS))}")
        # A year alone, such as 2016, is an integer in YAML.
        if "on" in fields:
            fields["on"] = str(fields["on"])
        steps.append(HistoryStep(line_of(item), do, fields, {name: line for name, _, line in given}))
    if steps[0].do != "register":
        raise MisreadError(steps[0].line, steps[0].do, "riwayat diawali `do: register`")
    return steps


def _cooperation(node: yaml.Node) -> HistoryCooperation:
    head: dict[str, Any] = {}
    steps: list[HistoryStep] = []
    lines: dict[str, int] = {}
    for name, value, line in pairs(node, "cooperation"):
        if name not in COOPERATION_FIELDS:
            known = ", ".join(sorted(COOPERATION_FIELDS))
            raise MisreadError(line, "cooperation", f"isian {name} tidak dikenal; yang dikenal: {known}")
        if name == "history":
            steps = _steps(value)
        elif name != "remark":
            head[name] = plain(value, "cooperation")
            lines[name] = line
    missing = [name for name in ("key", "title", "object", "affair", "parties") if name not in head]
    if missing or not steps:
        raise MisreadError(line_of(node), "cooperation", f"belum diisi: {', '.join(missing or ['history'])}")
    return HistoryCooperation(str(head["key"]), line_of(node), head, steps, lines)


def _key(node: yaml.Node) -> str:
    """The cooperation's key, even if the rest is malformed; ``?`` if there is none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((str(value.value) for key, value in pairs if key.value == "key"), "?")


def read(path: Path) -> HistoryFile:
    """Reads a history file.

    :raises HistoryError: it is not a history file; the message names the line.
    :raises OSError: it cannot be read.
    """
    raw = path.read_bytes()
    where = path.name
    try:
        fields = {name: value for name, value, _ in pairs(root_of(raw, where), "file")}
    except MisreadError as error:
        raise HistoryError(f"{where}:{error.line}: {error}") from error
    if "format" not in fields or fields["format"].value != FORMAT:
        raise HistoryError(f"{where}:1: berkas diawali `format: {FORMAT}`")
    unknown = sorted(fields.keys() - {"format", "cooperations", "remark"})
    if unknown or not isinstance(fields.get("cooperations"), yaml.SequenceNode):
        raise HistoryError(f"{where}: diharapkan `format` dan daftar `cooperations`, ditemukan {', '.join(fields)}")
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
        raise MisreadError(one.line, "cooperation", f"kode {one.key} ditulis dua kali; beri kode lain di sini")
