"""Proves a report from an archive: its prefix, every figure and its content recomputed, its documents' hashes."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from chassis.database import Database
from contracts.dates import Period
from contracts.reporting import ReportKind
from reporting.audit.archive import documents, read_events
from reporting.audit.replay import Replay
from reporting.audit.verify import Check
from reporting.printing import model
from reporting.reports.compiling import Order, compile_report
from reporting.reports.prefix import Prefix
from reporting.transparency.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from reporting.printing.model import ReportContent

COMPILED = "ksad.report.compiled.v1"


def compiled(leaves: Iterable[bytes], report: str) -> list[tuple[int, dict[str, Any]]]:
    """Where and what the compiled versions of a report are."""
    found = []
    for number, raw in enumerate(leaves):
        if COMPILED.encode() in raw:
            event = orjson.loads(raw)
            if event["type"] == COMPILED and event["subject"] == f"report/{report}":
                found.append((number, event))
    return found


def listed(leaves: Iterable[bytes]) -> list[str]:
    """The reports of an archive, a line each: which report, and its id."""
    reports = {}
    for raw in leaves:
        if COMPILED.encode() in raw:
            event = orjson.loads(raw)
            if event["type"] == COMPILED:
                fact = event["data"]
                told = f"{fact['kind']} {fact['from_office']} {fact['period']}"
                reports[event["subject"].partition("/")[2]] = told
    return [f"{told}: {identity}" for identity, told in sorted(reports.items(), key=lambda one: one[1])]


def prove(data: Traversable, report: str, scratch: Path) -> list[Check]:
    """Check every version of a report of a verified archive.

    :raises LookupError: the archive has no such report.
    """
    versions = compiled(read_events(data / "events"), report)
    if not versions:
        known = "".join(f"\n  {line}" for line in listed(read_events(data / "events")))
        raise LookupError(f"no report {report} in this archive; it has:{known or ' none'}")
    contents = dict(documents(data))
    checks = []
    for number, event in versions:
        fact = event["data"]
        name = f"version {fact['version']}"
        checks += _documents(name, number, fact, contents)
        checks += _recomputed(name, number, event, _content(fact, contents), (data, scratch))
    return checks


def _documents(name: str, number: int, fact: dict[str, Any], contents: dict[str, bytes]) -> list[Check]:
    wrong = [
        one["sha256"]
        for one in fact["documents"]
        if hashlib.sha256(contents.get(one["sha256"], b"")).hexdigest() != one["sha256"]
    ]
    detail = f"{len(fact['documents'])} documents have the hashes that the event names"
    return [
        Check(f"{name} documents", not wrong, f"missing or changed: {wrong}" if wrong else detail, _at(wrong, number))
    ]


def _at(wrong: object, number: int) -> int | None:
    return number if wrong else None


def _content(fact: dict[str, Any], contents: dict[str, bytes]) -> ReportContent | None:
    for one in fact["documents"]:
        if one["media_type"] == model.MEDIA_TYPE and one["sha256"] in contents:
            return model.decode(contents[one["sha256"]])
    return None


def _recomputed(
    name: str, number: int, event: dict[str, Any], content: ReportContent | None, where: tuple[Traversable, Path]
) -> list[Check]:
    fact = event["data"]
    size = fact["prefix_size"]
    data, scratch = where

    def leaves() -> Iterator[bytes]:
        return islice(read_events(data / "events"), size)

    tree = Frontier.empty().extended(map(leaf_hash, leaves()))
    same = tree.size == size <= number and tree.root().hex() == fact["prefix_root"]
    detail = f"the leaves [{fact['previous_size']}, {size}) lead to the root in the report, none left out or added"
    checks = [
        Check(
            f"{name} prefix",
            same,
            detail if same else f"the first {size} leaves have another root",
            _at(not same, number),
        )
    ]
    if content is None:
        return [
            *checks,
            Check(f"{name} content", ok=False, detail="the content is not in the archive", first_bad=number),
        ]
    file = scratch / f"prefix-{number}.sqlite"
    database = Database(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            prefix = Prefix(Replay(database, leaves), connection, size)
        prefix.frontier = tree
        made = compile_report(prefix, _order(event, content))
    finally:
        database.close()
    figures = {figure.name: figure.value for figure in made.content.figures}
    wrong = sorted(one for one in {*figures, *fact["figures"]} if figures.get(one) != fact["figures"].get(one))
    told = f"{len(figures)} figures recomputed from the prefix are those of the report"
    checks.append(Check(f"{name} figures", not wrong, f"other values: {wrong}" if wrong else told, _at(wrong, number)))
    equal = model.content_hash(made.content) == fact["content_sha256"]
    told = "the whole content, compiled again, has the hash in the event"
    checks.append(
        Check(f"{name} content", equal, told if equal else "compiled again it differs", _at(not equal, number))
    )
    return checks


def _order(event: dict[str, Any], content: ReportContent) -> Order:
    """What was ordered then: from the event, and from the content what earlier reports said."""
    fact = event["data"]
    previous = {figure.name: figure.previous for figure in content.figures if figure.previous is not None}
    return Order(
        report_id=event["subject"].partition("/")[2],
        kind=ReportKind(fact["kind"]),
        office=fact["from_office"],
        period=Period.parse(fact["period"]),
        version=fact["version"],
        origin=content.prefix.origin,
        compiled_on=date.fromisoformat(event["occurredon"]),
        previous=content.previous_report,
        previous_size=fact["previous_size"],
        previous_figures=previous,
        remarks=content.remarks,
        cites=content.cited,
    )
