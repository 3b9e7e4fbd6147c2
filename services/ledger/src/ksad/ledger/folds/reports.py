"""The reports: one row per report with the state of its newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Event, Rows

REPORTS = Table(
    "reports",
    key=("report_id",),
    columns=("stream", "kind", "from_office", "to_office", "period", "state", "version", "changed_index"),
    json=("detail",),
    integers=("version", "changed_index"),
    indexes=(("from_office",), ("to_office",)),
)
STATES = {
    "ksad.report.compiled.v1": "compiled",
    "ksad.report.submitted.v1": "submitted",
    "ksad.report.accepted.v1": "accepted",
    "ksad.report.returned.v1": "returned",
}


class ReportsProjection:
    """Folds report streams."""

    name = "reports"
    version = 1
    tables = (REPORTS,)
    prefixes = ("ksad.report.",)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event of a report; a correction changes a letter's number or remarks, no content."""
        key = (event["subject"][7:],)
        data = event["data"]
        row = rows.edit("reports", key, lambda: {"stream": event["subject"], "state": None, "detail": {"steps": []}})
        for column in ("kind", "from_office", "to_office", "period", "version"):
            row[column] = data[column]
        row["state"] = STATES.get(event["type"], row["state"])
        row["changed_index"] = index
        row["detail"]["steps"].append(
            {"what": event["type"].split(".")[2], "office": event["actoroffice"], "on": event["occurredon"]}
        )
