"""Proves reports: compiles each version again from the leaves before it, and compares all that it states.

From the report itself come only its kind, office and period, its day, the size of its prefix, and the rules that it was
compiled by. Its PDF and XLSX files are printed again where this installation has the form and the programs they name.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import date
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from ksad.audit import printed
from ksad.audit.checks.verdict import Check
from ksad.audit.reports import NoSuchReportError, Reports
from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.archive.archive import document, read_events
from ksad.ledger.figures.accepted import FIGURES
from ksad.ledger.figures.content.model import MEDIA_TYPE
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.ledger.rules.versions import RULES, Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.resources.abc import Traversable

    from ksad.audit.reports import CompiledVersion
    from ksad.ledger.rules.versions import FoldedPrefix, Remade

PROVED = {MEDIA_TYPE, FIGURES}
"""Media types of the documents that are compiled again."""
PAPER = {"documents", "form", "renderer"}
"""The fields of the event that are about its documents, which are compared by themselves."""
Told = dict[str, dict[str, Any]]
"""What a version states: by check, the value of each part under its name."""
# By check, the detail of one that holds, with the number of parts compared.
HOLDS = {
    "figures": "{} figures, and those of the report before them, are what the prefix gives",
    "citations": "{} reports that it cites or is compared with are those of the prefix",
    "events": "the entries behind {} figures are those that made them",
    "content": "all {} parts of the content and its event, compiled again, are the same",
}


def prove(data: Traversable, report: str) -> list[Check]:
    """Proves every version of one report.

    :param data: the data folder of an archive; the caller verifies the archive.
    :param report: the report's id.
    :raises NoSuchReportError: the archive has no version of it; the message lists the reports that it has.
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
    """Proves every version of every report, and notes the reports that are due and were never compiled."""
    reports = Reports.read(read_events(data / "events"))
    proved = _proved(data, reports.versions)
    checks = [
        one._replace(name=f"{version.title} {one.name}")
        for version in sorted(reports.versions, key=lambda each: (each.title, each.at))
        for one in proved[version.at]
    ]
    return [*checks, *reports.missing()]


def _proved(data: Traversable, versions: Iterable[CompiledVersion]) -> dict[int, list[Check]]:
    """The checks of some versions, by the index of each. The log is folded once for all, in order of prefix sizes."""
    ordered = sorted(versions, key=lambda one: (_size(one), one.at))
    growing = _Growing(lambda: read_events(data / "events"), {_rules(one.event): _size(one) for one in ordered})
    proved = {}
    for version in ordered:
        proof = _Proof(version, partial(document, data))
        proved[version.at] = [proof.documents(), *proof.recomputed(growing), *proof.printed()]
    return dict(sorted(proved.items()))


def _size(version: CompiledVersion) -> int:
    return int(version.event["data"]["prefix_size"])


def _rules(event: dict[str, Any]) -> int:
    """The rules that a version was compiled by: what its event names, and 1 if it is from before they were named."""
    return int(event["data"].get("rules", 1))


class _Growing:
    """The prefix of a log under each of the rules that its reports name, extended from one report to the next."""

    def __init__(self, leaves: Callable[[], Iterable[bytes]], until: dict[int, int]) -> None:
        """:param until: the largest prefix of a report by its rules; beyond it these rules need not know the log."""
        self.tree = Frontier.empty()
        self._histories = Histories(leaves())
        self._rest = self._histories.noting(map(Entry._make, enumerate(leaves())))
        self._until = until
        self._prefixes: dict[int, FoldedPrefix] = {}
        self._poisons: dict[int, PoisonError] = {}

    def to(self, size: int) -> None:
        """Extends the prefix to a size, or to the last leaf."""
        entries = list(islice(self._rest, max(0, size - self.tree.size)))
        self.tree = self.tree.extended(leaf_hash(entry.raw) for entry in entries)
        for number, until in self._until.items():
            if number in RULES and number not in self._poisons and size <= until:
                try:
                    self._fold(number, entries)
                except PoisonError as error:
                    self._poisons[number] = error

    def _fold(self, number: int, entries: list[Entry]) -> None:
        if number in self._prefixes:
            self._prefixes[number].extend(entries, self.tree)
        else:
            self._prefixes[number] = RULES[number].folded(entries, self.tree, self._histories)

    def prefix(self, number: int) -> FoldedPrefix:
        """The folded prefix at the present size under some rules.

        :raises PoisonError: an entry in it cannot be folded.
        """
        if number in self._poisons:
            raise self._poisons[number]
        return self._prefixes[number]


class _Proof:
    """The proof of one version, from its event, the index of the event, and the documents of the archive."""

    def __init__(self, version: CompiledVersion, document: Callable[[str], bytes]) -> None:
        self._number = version.at
        self._event = version.event
        self._sent = version.sent
        self._fact = version.event["data"]
        self._read = document
        self._rules = _rules(version.event)
        self._made: Remade | None = None

    def _check(self, name: str, wrong: str, holds: str) -> Check:
        name = f"version {self._fact['version']} {name}"
        return Check(name, not wrong, wrong or holds, self._number if wrong else None)

    def documents(self) -> Check:
        """Checks that all documents, those of the submission too, are present and have their hashes."""
        signed = [] if self._sent is None else self._sent["data"].get("documents", [])
        named = [one["sha256"] for one in (*self._fact["documents"], *signed)]
        wrong = [one for one in named if hashlib.sha256(self._read(one)).hexdigest() != one]
        told = f"{len(named)} documents have the hashes that its events name"
        return self._check("documents", f"missing or changed: {', '.join(wrong)}" if wrong else "", told)

    def printed(self) -> Iterator[Check]:
        """Prints the proved content again, if the version has printed forms, or notes why that was not done."""
        if {one["media_type"] for one in self._fact["documents"]} <= PROVED:
            return
        content = None if self._made is None else self._made.printable
        found = printed.compare(self._fact, content)
        yield self._check("printed", found.wrong, found.told)._replace(noted=found.unchecked)
        # Submissions of version 1 cite no printed form.
        if self._sent is not None and self._sent["data"].get("documents"):
            signed = printed.compare_sent(self._sent, content)
            yield self._check("signed", signed.wrong, signed.told)._replace(noted=signed.unchecked)

    def recomputed(self, growing: _Growing) -> Iterator[Check]:
        """Checks that the prefix is one of this log, and that it gives what the report states.

        If the prefix is another one, nothing more is checked.
        """
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
        if self._rules not in RULES:
            detail = f"this release does not know rules {self._rules}: take the release of ksad-audit that knows them"
            yield self._check("content", detail, "")
            return
        try:
            made = self._compiled(growing.prefix(self._rules))
        except PoisonError as error:
            detail = f"this release cannot fold {error}: take the release of ksad-audit that knows it"
            yield self._check("content", detail, "")
            return
        except (RuleBrokenError, LookupError, ValueError) as error:
            yield self._check("content", f"nothing can be compiled from this prefix: {error}", "")
            return
        yield from self._compared(made)

    def _compared(self, made: Remade) -> Iterator[Check]:
        rules = RULES[self._rules]
        ours = _told({"subject": f"report/{made.report}", **made.stated}, made.content, made.events, rules.read)
        stated = {"subject": self._event["subject"], **self._fact}
        theirs = _told(stated, self._document(MEDIA_TYPE), self._document(FIGURES), rules.read)
        same = True
        for name, holds in HOLDS.items():
            mine, said = ours[name], theirs[name]
            wrong = sorted(one for one in {*mine, *said} if mine.get(one) != said.get(one))
            same = same and not wrong
            named = f"not what the prefix gives: {', '.join(wrong)}" if wrong else ""
            yield self._check(name, named, holds.format(len(mine)))
        self._made = made if same else None

    def _compiled(self, prefix: FoldedPrefix) -> Remade:
        kind, period = ReportKind(self._fact["kind"]), Period.parse(self._fact["period"])
        origin = f"ksad/{self._event['source'].split(':')[2]}/national"
        day = date.fromisoformat(self._event["occurredon"])
        return RULES[self._rules].compiled(
            prefix, Asked(kind, self._fact["from_office"], period, origin, day, self._read)
        )

    def _document(self, media_type: str) -> bytes:
        named = (one["sha256"] for one in self._fact["documents"] if one["media_type"] == media_type)
        return self._read(next(named, ""))


def _told(fact: dict[str, Any], content: bytes, events: bytes, read: Callable[[bytes], Any]) -> Told:
    """The parts of a version for each check of `HOLDS`.

    :param fact: the event's data, with its subject.
    :param content: the content document; if it is not one, its parts are missing.
    :param events: the document with the entries behind the figures.
    :param read: reads the content document, by the rules of the version.
    """
    figures = {name: [value] for name, value in fact["figures"].items()}
    citations = {one["report_id"]: [one] for one in fact["cites"]}
    parts = {f"event {name}": value for name, value in fact.items() if name not in PAPER}
    with suppress(ValueError):
        told = read(content)
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
