"""The list of reports: one row per report, with the state of its newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Row, Rows

REPORTS = Table(
    "reports",
    key=("report_id",),
    columns=("stream", "kind", "from_office", "to_office", "period", "state", "version", "changed_index"),
    json=("detail",),
    integers=("version", "changed_index"),
    indexes=(("from_office",), ("to_office",)),
)
STATES = {
    "ksad.report.compiled": "compiled",
    "ksad.report.discarded": "discarded",
    "ksad.report.submitted": "submitted",
    "ksad.report.accepted": "accepted",
    "ksad.report.returned": "returned",
}
"""By the name of the event: the newest version of each is what a fold meets."""


def _new(stream: str) -> Row:
    return {"stream": stream, "state": "none", "version": 0, "detail": {"steps": []}}


class ReportsProjection:
    """Folds the streams of reports."""

    name = "reports"
    version = 2
    tables = (REPORTS,)
    prefixes = ("ksad.report.",)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies one event of a report. A correction changes a letter's number or remarks, which no column shows.

        Before the first compilation, when only texts have been written, state is ``none`` and version 0.
        """
        # Without ``report/``.
        key = (event["subject"][7:],)
        data = event["data"]
        row = rows.edit("reports", key, lambda: _new(event["subject"]))
        for column in ("kind", "from_office", "to_office", "period"):
            row[column] = data[column]
        if event["type"].split(".")[2] != "narrative_written":
            row["version"] = data["version"]
        row["state"] = STATES.get(event["type"].rpartition(".v")[0], row["state"])
        row["changed_index"] = index
        row["detail"]["steps"].append(
            {"what": event["type"].split(".")[2], "office": event["actoroffice"], "on": event["occurredon"]}
        )
