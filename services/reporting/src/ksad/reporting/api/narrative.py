"""Routes of what an office writes of its report: what is written and drafted, and the command that writes a section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import DryRun
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Received, Router
from ksad.chassis.waiting import require_current
from ksad.contracts.dates import Period
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.ledger.figures import narrative
from ksad.ledger.figures.content import indonesian
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.api.asking import Write
from ksad.reporting.api.foreseeing import STEP, effects
from ksad.reporting.api.showing import own_projected, shown
from ksad.reporting.domain.permissions import check_compiling
from ksad.reporting.parts import Parts, Running

if TYPE_CHECKING:
    from ksad.chassis.edge import Submission
    from ksad.ledger.figures.content.model import ReportContent

DraftReader = Annotated[Caller, Depends(require_current("read-draft"))]


def add_narrative(routes: Router) -> None:
    """Adds the routes."""

    @routes.get("/reports/narrative", **answers(answering.NarrativeResponse))
    async def get_narrative(
        caller: DraftReader,
        parts: Running,
        kind: ReportKind,
        office: Annotated[str, Query(max_length=30)],
        period: Annotated[str, Query(max_length=10)],
    ) -> dict[str, Any]:
        """The sections of a report that its office writes: as written, as drafted from the data, and what is open.

        Beside them stand the headline figures and the late tasks, as they would be compiled now.
        """
        await own_projected(parts, caller)
        identity, content = await run_in_threadpool(parts.reporting.draft, caller.office, kind, office, period)
        return {
            "report_id": str(identity),
            "sections": _sections(content),
            "figures": [one.model_dump(mode="json") for one in content.figures],
            "late": [one.model_dump(mode="json") for one in content.late],
        }

    @routes.post("/reports/narrative", dependencies=[Depends(require("compile"))], **answers(STEP))
    async def write_narrative(
        request: Request, response: Response, parts: Running, body: Received[Write], dry_run: DryRun = None
    ) -> dict[str, Any]:
        """Write a section of the coming version of a report. 422 if it says nothing while the data have open rows."""
        submission = submission_of(request, body.model_dump(mode="json"), dry=dry_run is not None)
        await own_projected(parts, submission.caller)
        named = (body.kind, body.office, body.period)
        if dry_run is not None:
            return await run_in_threadpool(_foreseen, parts, submission, named, body)
        made = await run_in_threadpool(parts.reporting.write, submission, named, body.section, body.paragraphs)
        return shown(made, response)


def _foreseen(parts: Parts, submission: Submission, named: tuple[ReportKind, str, str], body: Write) -> dict[str, Any]:
    check_compiling(submission.caller.office, body.office)
    decide = parts.reporting.writing(named, body.section, body.paragraphs)
    identity = report_id(body.kind.value, body.office, str(Period.parse(body.period)))
    return effects(parts, submission, identity, decide)


def _sections(content: ReportContent) -> list[dict[str, Any]]:
    drafted, opened = narrative.draft(content), narrative.open_rows(content)
    return [
        {
            "section": one.value,
            "label": indonesian.NARRATIVES[one.value],
            "written": list(content.narrative.of(one)),
            "draft": list(drafted.of(one)),
            "open": opened[one],
        }
        for one in NarrativeSection
    ]
