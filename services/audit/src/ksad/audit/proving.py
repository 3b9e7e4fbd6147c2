"""Proves a report from an archive: all that it says is compiled again from the leaves before it.

Nothing is taken from the report itself but which one it is (kind, office, period), its day, and the prefix it names.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from ksad.audit.checks.verdict import Check
from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.archive.archive import documents, read_events
from ksad.ledger.figures.compiling import FIGURES, ReportOrder, compile_report
from ksad.ledger.figures.content import model
from ksad.ledger.figures.offices import from_office
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.folds.folding import PoisonError
from ksad.ledger.folds.histories import Histories
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.resources.abc import Traversable

    from ksad.ledger.figures.compiling import Compiled

COMPILED = "ksad.report.compiled.v1"
Told = dict[str, dict[str, Any]]
"""What a version says, by check, each part under its name."""
HOLDS = {
    "figures": "{} figures, and those of the report before them, are what the prefix gives",
    "citations": "{} reports that it cites or is compared with are those of the prefix",
    "events": "the entries behind {} figures are those that made them",
    "content": "all {} parts of the content and its event, compiled again, are the same",
}


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


def prove(data: Traversable, report: str) -> list[Check]:
    """Check every version of a report of a verified archive.

    :raises LookupError: the archive has no such report.
    """
    versions = compiled(read_events(data / "events"), report)
    if not versions:
        known = "".join(f"\n  {line}" for line in listed(read_events(data / "events")))
        raise LookupError(f"no report {report} in this archive; it has:{known or ' none'}")
    kept = dict(documents(data))
    checks = []
    for number, event in versions:
        proof = _Proof(number, event, kept)
        checks += [proof.documents(), *proof.recomputed(data)]
    return checks


class _Proof:
    """The proof of one version: its event, where that stands, and the documents of the archive."""

    def __init__(self, number: int, event: dict[str, Any], kept: dict[str, bytes]) -> None:
        self._number = number
        self._event = event
        self._fact = event["data"]
        self._kept = kept

    def _check(self, name: str, wrong: str, holds: str) -> Check:
        name = f"version {self._fact['version']} {name}"
        return Check(name, not wrong, wrong or holds, self._number if wrong else None)

    def documents(self) -> Check:
        """Whether the documents are there and have their hashes."""
        named = [one["sha256"] for one in self._fact["documents"]]
        wrong = [one for one in named if hashlib.sha256(self._kept.get(one, b"")).hexdigest() != one]
        told = f"{len(named)} documents have the hashes that the event names"
        return self._check("documents", f"missing or changed: {', '.join(wrong)}" if wrong else "", told)

    def recomputed(self, data: Traversable) -> Iterator[Check]:
        """Whether the prefix is that of the log, and gives what the report says; nothing more if it is another one."""
        size = self._fact["prefix_size"]

        def leaves() -> Iterator[bytes]:
            return islice(read_events(data / "events"), size)

        tree = Frontier.empty().extended(map(leaf_hash, leaves()))
        same = tree.size == size <= self._number and tree.root().hex() == self._fact["prefix_root"]
        start = self._fact["previous_size"]
        told = f"the leaves [{start}, {size}) lead to the root in the report, none left out or added"
        yield self._check("prefix", "" if same else f"the first {size} leaves have another root", told)
        if not same:
            return
        try:
            made = self._compiled(leaves, tree)
        except (RuleBrokenError, PoisonError, LookupError, ValueError) as error:
            yield self._check("content", f"nothing can be compiled from this prefix: {error}", "")
            return
        recorded = {"subject": f"report/{made.content.report_id}", **made.fact(()).model_dump(mode="json")}
        ours = _told(recorded, model.encode(made.content), made.events())
        stated = {"subject": self._event["subject"], **self._fact}
        theirs = _told(stated, self._document(model.MEDIA_TYPE), self._document(FIGURES))
        for name, holds in HOLDS.items():
            mine, said = ours[name], theirs[name]
            wrong = sorted(one for one in {*mine, *said} if mine.get(one) != said.get(one))
            named = f"not what the prefix gives: {', '.join(wrong)}" if wrong else ""
            yield self._check(name, named, holds.format(len(mine)))

    def _compiled(self, leaves: Callable[[], Iterable[bytes]], tree: Frontier) -> Compiled:
        histories = Histories(leaves())
        prefix = Prefix(histories.noting(map(Entry._make, enumerate(leaves()))), tree, histories)
        kind = ReportKind(self._fact["kind"])
        office = from_office(kind, self._fact["from_office"])
        origin = f"ksad/{self._event['source'].split(':')[2]}/national"
        day = date.fromisoformat(self._event["occurredon"])
        return compile_report(prefix, ReportOrder(kind, office, Period.parse(self._fact["period"]), origin, day))

    def _document(self, media_type: str) -> bytes:
        named = (one["sha256"] for one in self._fact["documents"] if one["media_type"] == media_type)
        return self._kept.get(next(named, ""), b"")


def _told(fact: dict[str, Any], content: bytes, events: bytes) -> Told:
    """The parts of a version: of the event that recorded it, of its content, and of the entries behind its figures."""
    figures = {name: [value] for name, value in fact["figures"].items()}
    citations = {one["report_id"]: [one] for one in fact["cites"]}
    parts = {f"event {name}": value for name, value in fact.items() if name != "documents"}
    with suppress(ValueError):
        told = model.decode(content)
        for figure in told.every_figure():
            figures.setdefault(figure.name, []).append(figure)
        for one in (*told.cited, told.previous_report):
            if one is not None:
                citations.setdefault(one.id, []).append(one)
        parts |= told
    return {"figures": figures, "citations": citations, "events": _object(events), "content": parts}


def _object(raw: bytes) -> dict[str, Any]:
    with suppress(ValueError):
        found = orjson.loads(raw)
        if isinstance(found, dict):
            return found
    return {}
