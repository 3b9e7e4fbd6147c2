"""Proves reports from an archive: all that one says is compiled again from the leaves before it.

Nothing is taken from a report itself but which one it is (kind, office, period), its day, and the prefix it names. Its
PDF and XLSX are held against their hashes only: what is printed in them is not proved.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from ksad.audit.checks.verdict import Check
from ksad.audit.reports import NoSuchReportError, Reports
from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.archive.archive import document, read_events
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

    from ksad.audit.reports import CompiledVersion
    from ksad.ledger.figures.compiling import Compiled

PROVED = {model.MEDIA_TYPE, FIGURES}
"""The documents of a report that are compiled again."""
Told = dict[str, dict[str, Any]]
"""What a version says, by check, each part under its name."""
HOLDS = {
    "figures": "{} figures, and those of the report before them, are what the prefix gives",
    "citations": "{} reports that it cites or is compared with are those of the prefix",
    "events": "the entries behind {} figures are those that made them",
    "content": "all {} parts of the content and its event, compiled again, are the same",
}


def prove(data: Traversable, report: str) -> list[Check]:
    """Check every version of a report of a verified archive.

    :raises NoSuchReportError: the archive has no such report; the message lists those that it has.
    """
    reports = Reports.read(read_events(data / "events"))
    versions = [one for one in reports.versions if one.report == report]
    if not versions:
        if report in reports.owed:
            raise NoSuchReportError(f"report {report} was never compiled: {reports.owed[report].title} is owed")
        known = "".join(f"\n  {line}" for line in reports.listed())
        raise NoSuchReportError(f"no report {report} in this archive; it has:{known or ' none'}")
    return [check for checks in _proved(data, versions).values() for check in checks]


def prove_all(data: Traversable) -> list[Check]:
    """Check every version of every report of a verified archive, and name those that are owed and missing."""
    reports = Reports.read(read_events(data / "events"))
    proved = _proved(data, reports.versions)
    checks = [
        one._replace(name=f"{version.title} {one.name}")
        for version in sorted(reports.versions, key=lambda each: (each.title, each.at))
        for one in proved[version.at]
    ]
    return [*checks, *reports.missing()]


def _proved(data: Traversable, versions: Iterable[CompiledVersion]) -> dict[int, list[Check]]:
    """The checks of some versions, by where they stand; the log is folded once for all of them."""
    growing = _Growing(lambda: read_events(data / "events"))
    proved = {}
    for version in sorted(versions, key=lambda one: (_size(one), one.at)):
        proof = _Proof(version, partial(document, data))
        proved[version.at] = [proof.documents(), *proof.recomputed(growing), *proof.printed()]
    return dict(sorted(proved.items()))


def _size(version: CompiledVersion) -> int:
    return int(version.event["data"]["prefix_size"])


class _Growing:
    """The prefix of a log, which grows from one report to the next."""

    def __init__(self, leaves: Callable[[], Iterable[bytes]]) -> None:
        self.tree = Frontier.empty()
        self._histories = Histories(leaves())
        self._rest = self._histories.noting(map(Entry._make, enumerate(leaves())))
        self._prefix: Prefix | None = None
        self._poison: PoisonError | None = None

    def to(self, size: int) -> None:
        """Grow to a size, as far as there are leaves."""
        entries = list(islice(self._rest, max(0, size - self.tree.size)))
        self.tree = self.tree.extended(leaf_hash(entry.raw) for entry in entries)
        if self._poison is not None:
            return
        try:
            if self._prefix is None:
                self._prefix = Prefix(entries, self.tree, self._histories)
            else:
                self._prefix.extend(entries, self.tree)
        except PoisonError as error:
            self._poison = error

    def prefix(self) -> Prefix:
        """What was known at this size.

        :raises PoisonError: an entry in it cannot be folded.
        """
        if self._poison is not None:
            raise self._poison
        assert self._prefix is not None  # noqa: S101 - it has grown
        return self._prefix


class _Proof:
    """The proof of one version: its event, where that stands, and the documents of the archive."""

    def __init__(self, version: CompiledVersion, document: Callable[[str], bytes]) -> None:
        self._number = version.at
        self._event = version.event
        self._fact = version.event["data"]
        self._read = document

    def _check(self, name: str, wrong: str, holds: str) -> Check:
        name = f"version {self._fact['version']} {name}"
        return Check(name, not wrong, wrong or holds, self._number if wrong else None)

    def documents(self) -> Check:
        """Whether the documents are there and have their hashes."""
        named = [one["sha256"] for one in self._fact["documents"]]
        wrong = [one for one in named if hashlib.sha256(self._read(one)).hexdigest() != one]
        told = f"{len(named)} documents have the hashes that the event names"
        return self._check("documents", f"missing or changed: {', '.join(wrong)}" if wrong else "", told)

    def printed(self) -> Iterator[Check]:
        """Says that the printed forms are not proved, if there are some."""
        others = [one["media_type"] for one in self._fact["documents"] if one["media_type"] not in PROVED]
        if others:
            detail = (
                f"NOT proved yet: {', '.join(others)}. These files have the hashes that the event names, but nobody "
                "has compared what is printed in them with the content that was proved; believe the content"
            )
            yield self._check("printed", "", detail)._replace(noted=True)

    def recomputed(self, growing: _Growing) -> Iterator[Check]:
        """Whether the prefix is that of the log, and gives what the report says; nothing more if it is another one."""
        size = self._fact["prefix_size"]
        same = size <= self._number
        if same:
            growing.to(size)
            same = growing.tree.size == size and growing.tree.root().hex() == self._fact["prefix_root"]
        start = self._fact["previous_size"]
        told = f"the leaves [{start}, {size}) lead to the root in the report, none left out or added"
        yield self._check("prefix", "" if same else f"the first {size} leaves have another root", told)
        if not same:
            return
        try:
            made = self._compiled(growing.prefix())
        except PoisonError as error:
            detail = f"this release cannot fold {error}: take the release of ksad-audit that knows it"
            yield self._check("content", detail, "")
            return
        except (RuleBrokenError, LookupError, ValueError) as error:
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

    def _compiled(self, prefix: Prefix) -> Compiled:
        kind = ReportKind(self._fact["kind"])
        office = from_office(kind, self._fact["from_office"])
        origin = f"ksad/{self._event['source'].split(':')[2]}/national"
        day = date.fromisoformat(self._event["occurredon"])
        return compile_report(prefix, ReportOrder(kind, office, Period.parse(self._fact["period"]), origin, day))

    def _document(self, media_type: str) -> bytes:
        named = (one["sha256"] for one in self._fact["documents"] if one["media_type"] == media_type)
        return self._read(next(named, ""))


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
