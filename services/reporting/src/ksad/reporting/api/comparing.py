"""The route that compares two versions of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Query

from ksad.chassis.auth import Caller
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.rules import RefusalKind
from ksad.ledger.figures.compiling import RULES
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.differing import compared
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.parts import Parts, Running

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.requests import Router
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.folds.report_state import Report

Reader = Annotated[Caller, Depends(require_current("read-report"))]


def add_comparison(
    routes: Router,
    readable: Callable[[Parts, Caller, UUID], tuple[int, Report]],
    document: Callable[[Parts, dict[str, Any], str], bytes],
) -> None:
    """Adds the route.

    :param readable: gives the version of a report's stream and the report, if the caller may read it.
    :param document: gives the document of a media type of a compiled version.
    """

    @routes.get("/reports/{report_id}/differences", **answers(answering.DifferencesResponse))
    def get_differences(
        caller: Reader,
        parts: Running,
        report_id: UUID,
        before: Annotated[int, Query(alias="from", ge=1, le=9_999)],
        after: Annotated[int, Query(alias="to", ge=1, le=9_999)],
    ) -> dict[str, Any]:
        """What changed between two versions: figures, written sections, and the cooperations that they speak of.

        404 for unknown versions, 409 for one that an earlier release compiled in another form.
        """
        _, report = readable(parts, caller, report_id)
        old, new = (_content(parts, report, one, document) for one in (before, after))
        found = compared(old, new)
        return {
            "from": before,
            "to": after,
            "figures": [one._asdict() for one in found.figures],
            "unchanged": found.unchanged,
            "sections": [one._asdict() for one in found.sections],
            "came": found.came,
            "gone": found.gone,
        }


def _content(
    parts: Parts, report: Report, number: int, document: Callable[[Parts, dict[str, Any], str], bytes]
) -> ReportContent:
    chosen = next((one for one in report.versions if one.number == number), None)
    if chosen is None:
        raise Problem(RefusalKind.UNKNOWN, "version-known", f"Laporan ini tidak mempunyai versi {number}.")
    if chosen.compiled["rules"] != RULES:
        detail = f"Versi {number} disusun dalam bentuk rilis terdahulu, sehingga tidak dapat dibandingkan di sini."
        raise Problem(RefusalKind.CONFLICT, "same-form", detail)
    return model.decode(document(parts, chosen.compiled, model.MEDIA_TYPE))
