"""How reports are shown in answers, and how a request waits until the projections have what this service recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from ksad.chassis.waiting import WAIT_SECONDS_MAX
from ksad.contracts.positions import POSITION_HEADER, Position

if TYPE_CHECKING:
    from uuid import UUID

    from fastapi import Response

    from ksad.chassis.auth import Caller
    from ksad.ledger.folds.report_state import Report
    from ksad.reporting.parts import Parts
    from ksad.reporting.reports.recording import ReportResult

EVIDENCE = ("prefix_size", "prefix_root", "previous_size", "content_sha256", "as_of", "draft", "rules")
"""What a compiled version states of the log that it was compiled from, and of its content."""
SENT = ("place", "copies", "signed_as", "documents", "form", "renderer")
"""What a submission states of the letter."""


def shown(result: ReportResult, response: Response) -> dict[str, Any]:
    """The answer to a command, with its headers."""
    position = str(result.record.position)
    response.headers["ETag"] = f'"{result.version}"'
    response.headers[POSITION_HEADER] = position
    return {
        **report_shown(result.report_id, result.report),
        "events": [str(event) for event in result.record.events],
        "position": position,
    }


def report_shown(identity: UUID, report: Report) -> dict[str, Any]:
    """A report with all its versions."""
    return {
        "report_id": str(identity),
        "kind": report.kind,
        "from_office": report.from_office,
        "to_office": report.to_office,
        "period": report.period,
        "state": report.state,
        "version": len(report.versions),
        "versions": [
            {
                "version": one.number,
                "state": one.state,
                "remarks": one.remarks,
                "letter_number": one.letter_number,
                "reason": one.reason,
                "steps": [step._asdict() for step in one.steps],
                **{name: one.compiled[name] for name in EVIDENCE},
                "figures": one.compiled["figures"],
                "cites": one.compiled["cites"],
                "documents": one.compiled["documents"],
                "narratives": one.compiled["narratives"],
                "sent": None if one.sent is None else {name: one.sent[name] for name in SENT},
            }
            for one in report.versions
        ],
    }


async def own_projected(parts: Parts, caller: Caller) -> None:
    """Waits until the projections include all events of this service, because the report cites them from the log.

    :raises Problem: 503, they did not within five seconds.
    """
    head = await run_in_threadpool(parts.store.head)
    if head:
        await parts.arrivals.wait(caller.office, {Position("reporting", head)}, WAIT_SECONDS_MAX)
