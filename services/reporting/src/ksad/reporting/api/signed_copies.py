"""Routes of signed copies: the only place where names of signatories may stand, outside the log, and removable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.chassis.transfer import download
from ksad.chassis.waiting import require_current
from ksad.contracts.rules import RefusalKind
from ksad.reporting.domain.permissions import check_step
from ksad.reporting.parts import Parts, Running
from ksad.reporting.reports.signed_copies import MEDIA_TYPE, check_keeping

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.requests import Router
    from ksad.ledger.folds.report_state import Report

Reader = Annotated[Caller, Depends(require_current("read-report"))]
Owner = Annotated[Caller, Depends(require("submit"))]
PATH = "/reports/{report_id}/versions/{version}/signed-copy"
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def add_signed_copies(routes: Router, readable: Callable[[Parts, Caller, UUID], tuple[int, Report]]) -> None:
    """Adds the routes.

    :param readable: gives the version of a report's stream and the report, if the caller may read it.
    """

    @routes.put(PATH, status_code=204, openapi_extra=BODY)
    async def keep_signed_copy(request: Request, caller: Owner, parts: Running, report_id: UUID, version: int) -> None:
        """Keep the signed copy of a sent version, a PDF of at most 50 MiB, in place of one kept before.

        Only the office that sent it may. No event records it, and no archive has it. 409 before it was submitted.
        """
        content = await request.body()

        def keep() -> None:
            _, report = readable(parts, caller, report_id)
            check_step(caller.office, report, "submit")
            check_keeping(report, version, content)
            parts.signed_copies.keep(report_id, version, content, today(parts.clock))

        await run_in_threadpool(keep)

    @routes.get(PATH, response_class=Response)
    def get_signed_copy(caller: Reader, parts: Running, report_id: UUID, version: int) -> Response:
        """The signed copy of a version, for whoever may read the report. 404 where none is kept."""
        _, report = readable(parts, caller, report_id)
        kept = parts.signed_copies.read(report_id, version)
        if kept is None:
            raise _none(version)
        return download(kept.content, f"{report.kind}-{report.period}-v{version}-signed", MEDIA_TYPE)

    @routes.delete(PATH, status_code=204)
    def remove_signed_copy(caller: Owner, parts: Running, report_id: UUID, version: int) -> None:
        """Remove the signed copy of a version for good. Only the office that sent it may. 404 where none is kept."""
        _, report = readable(parts, caller, report_id)
        check_step(caller.office, report, "submit")
        if not parts.signed_copies.remove(report_id, version):
            raise _none(version)


def _none(version: int) -> Problem:
    detail = f"Salinan bertanda tangan dari versi {version} tidak disimpan."
    return Problem(RefusalKind.UNKNOWN, "signed-copy-known", detail)
