"""Which reports a log has, which it says are owed, and which of those were never compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.audit.checks.verdict import Check
from ksad.contracts.identifiers import report_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPILED = "ksad.report.compiled.v1"
SCHEDULED, DAY_PASSED = b'"ksad.task.scheduled.v', b'"ksad.calendar.day_passed.v'
NO_COOPERATION = b'"cooperation_id":null'
OWING = {"joint_secretariat": "R1", "tkksd": "R2", "governor": "R3"}
"""Which report an office owes (Pasal 8, 12, 13)."""


class NoSuchReportError(LookupError):
    """The archive has no compiled version of the report that was asked for."""


class CompiledVersion(NamedTuple):
    """A compiled version of a report: where it stands, and its event."""

    at: int
    event: dict[str, Any]

    @property
    def report(self) -> str:
        """The report's id."""
        return str(self.event["subject"]).partition("/")[2]

    @property
    def title(self) -> str:
        """Which report it is."""
        fact = self.event["data"]
        return f"{fact['kind']} {fact['from_office']} {fact['period']}"


class OwedReport(NamedTuple):
    """A report that the log says is owed: the leaf that says so, which report, and until when."""

    at: int
    title: str
    due: str


class Reports(NamedTuple):
    """The reports of a log: the versions that were compiled, what is owed by id, and the last day that passed."""

    versions: list[CompiledVersion]
    owed: dict[str, OwedReport]
    today: str

    @classmethod
    def read(cls, leaves: Iterable[bytes]) -> Reports:
        """All reports of these leaves."""
        reports, today = cls([], {}, ""), ""
        for number, raw in enumerate(leaves):
            if COMPILED.encode() in raw or DAY_PASSED in raw or (SCHEDULED in raw and NO_COOPERATION in raw):
                event = orjson.loads(raw)
                if event["type"] == COMPILED:
                    reports.versions.append(CompiledVersion(number, event))
                elif event["type"].startswith("ksad.calendar.day_passed."):
                    today = max(today, event["data"]["day"])
                elif event["type"].startswith("ksad.task.scheduled."):
                    reports._note(number, event["data"])
        return reports._replace(today=today)

    def _note(self, number: int, task: dict[str, Any]) -> None:
        """Note a report that a task asks for."""
        office, period = task["body"], task["period"]
        kind = OWING.get(office.partition(":")[0])
        if task["cooperation_id"] is None and kind is not None and period is not None:
            self.owed[str(report_id(kind, office, period))] = OwedReport(
                number, f"{kind} {office} {period}", task["due_on"]
            )

    def listed(self) -> list[str]:
        """The compiled reports, a line each: which report, and its id."""
        titles = {one.report: one.title for one in self.versions}
        return [f"{title}: {report}" for report, title in sorted(titles.items(), key=lambda one: one[1])]

    def missing(self) -> Iterator[Check]:
        """The reports that are owed and were never compiled."""
        compiled = {one.report for one in self.versions}
        for report, owed in self.owed.items():
            if report not in compiled:
                passed = f"and {self.today} has passed" if owed.due < self.today else "which has not passed"
                detail = f"owed since leaf {owed.at}, due {owed.due}, {passed}; no version of it was ever compiled"
                yield Check(f"owed {owed.title}", ok=True, detail=detail, noted=True)
