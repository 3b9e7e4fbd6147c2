"""Which step of the report chain is due: compiled, submitted, accepted or returned (P8, P12, P13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.folds.report_state import CLAUSES

if TYPE_CHECKING:
    from ksad.ledger.folds.report_state import Report, Version


def check_compile(report: Report) -> None:
    """A new version is compiled first of all, or after the last one was returned.

    :raises RuleBrokenError: the last version is under way or accepted.
    """
    if report.state in {"compiled", "submitted", "accepted"}:
        detail = f"Versi {len(report.versions)} berstatus {report.state}; versi baru disusun setelah dikembalikan."
        raise RuleBrokenError("recompile-when-returned", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)


def check_step(report: Report, wanted: str) -> Version:
    """The version that a step is about.

    :raises RuleBrokenError: the report is not in the state that the step needs.
    """
    newest = report.newest
    if newest is None:
        raise RuleBrokenError("report-known", "Laporan ini belum disusun.", kind=RefusalKind.UNKNOWN)
    needs = {"submit": "compiled", "accept": "submitted", "return": "submitted"}[wanted]
    if newest.state != needs:
        detail = f"Laporan versi {newest.number} berstatus {newest.state}; tindakan ini memerlukan {needs}."
        raise RuleBrokenError("report-state", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)
    return newest
