"""Lists the reports of a log: those compiled, and those due but never compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.audit.checks.verdict import Check
from ksad.contracts.identifiers import report_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The bytes by which leaves are preselected; the decoded type decides.
COMPILED, SCHEDULED = b'"ksad.report.compiled.v', b'"ksad.task.scheduled.v'
SUBMITTED = b'"ksad.report.submitted.v'
DAY_PASSED = b'"ksad.calendar.day_passed.v'
NO_COOPERATION = b'"cooperation_id":null'
OWING = {"joint_secretariat": "R1", "tkksd": "R2", "governor": "R3"}
"""The kind of report that an office owes (Pasal 8, 12, 13)."""


class NoSuchReportError(LookupError):
    """The archive has no compiled version of the requested report."""


class CompiledVersion(NamedTuple):
    """A compiled version of a report: the index of its leaf, its event, and that of its submission, if there is one."""

    at: int
    event: dict[str, Any]
    sent: dict[str, Any] | None = None

    @property
    def report(self) -> str:
        """The report's id."""
        return str(self.event["subject"]).partition("/")[2]

    @property
    def title(self) -> str:
        """Kind, office and period of the report."""
        fact = self.event["data"]
        return f"{fact['kind']} {fact['from_office']} {fact['period']}"


class OwedReport(NamedTuple):
    """A report that a task requires: the index of the task's leaf, kind, office and period, and the due date."""

    at: int
    title: str
    due: str


class Reports(NamedTuple):
    """The reports of a log: compiled versions, reports due by id, and the last day that passed."""

    versions: list[CompiledVersion]
    owed: dict[str, OwedReport]
    today: str

    @classmethod
    def read(cls, leaves: Iterable[bytes]) -> Reports:
        """Collects the reports of a log from its leaves."""
        reports, today = cls([], {}, ""), ""
        sent: dict[tuple[str, int], dict[str, Any]] = {}
        for number, raw in enumerate(leaves):
            if COMPILED in raw or SUBMITTED in raw or DAY_PASSED in raw or (SCHEDULED in raw and NO_COOPERATION in raw):
                event = orjson.loads(raw)
                if event["type"].startswith("ksad.report.compiled."):
                    reports.versions.append(CompiledVersion(number, event))
                elif event["type"].startswith("ksad.report.submitted."):
                    sent[event["subject"], event["data"]["version"]] = event
                elif event["type"].startswith("ksad.calendar.day_passed."):
                    today = max(today, event["data"]["day"])
                elif event["type"].startswith("ksad.task.scheduled."):
                    reports._note(number, event["data"])
        versions = [
            one._replace(sent=sent.get((one.event["subject"], one.event["data"]["version"])))
            for one in reports.versions
        ]
        return reports._replace(versions=versions, today=today)

    def _note(self, number: int, task: dict[str, Any]) -> None:
        """Records the report that a task requires."""
        office, period = task["body"], task["period"]
        kind = OWING.get(office.partition(":")[0])
        if task["cooperation_id"] is None and kind is not None and period is not None:
            self.owed[str(report_id(kind, office, period))] = OwedReport(
                number, f"{kind} {office} {period}", task["due_on"]
            )

    def listed(self) -> list[str]:
        """One line per compiled report: kind, office, period and id."""
        titles = {one.report: one.title for one in self.versions}
        return [f"{title}: {report}" for report, title in sorted(titles.items(), key=lambda one: one[1])]

    def missing(self) -> Iterator[Check]:
        """A noted check for each report that is due and was never compiled."""
        compiled = {one.report for one in self.versions}
        for report, owed in self.owed.items():
            if report not in compiled:
                passed = f"and {self.today} has passed" if owed.due < self.today else "which has not passed"
                detail = f"owed since leaf {owed.at}, due {owed.due}, {passed}; no version of it was ever compiled"
                yield Check(f"owed {owed.title}", ok=True, detail=detail, noted=True)
