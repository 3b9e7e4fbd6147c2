"""Routes of compilations: an office asks that a report be compiled, and sees how far it is."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import DryRun, ForeseenFact
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router
from ksad.chassis.waiting import require_current
from ksad.contracts.identifiers import report_id as identity_of
from ksad.contracts.reporting import ReportCompiled
from ksad.contracts.rules import RefusalKind
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.api.asking import Compile
from ksad.reporting.api.foreseeing import ReportEffects, told
from ksad.reporting.api.showing import own_projected, shown
from ksad.reporting.domain.permissions import check_reading_of
from ksad.reporting.parts import Parts, Running
from ksad.reporting.reports.queue import OPEN, CompilationOrder, CompilationStatus

Reader = Annotated[Caller, Depends(require_current("read-report"))]
LABELS = {
    "waiting": "menunggu giliran",
    "compiling": "angka dan isinya sedang disusun",
    "printing": "sedang dicetak dan dicatat",
    "done": "selesai disusun",
    "refused": "tidak disusun",
    "parked": "belum dapat disusun karena gangguan pada platform",
}
"""How an officer is told how far a compilation is."""
AGAIN_SECONDS = "1"
COMPILED = ReportCompiled.declaration.name
FORESEEN: dict[str, Any] = {"model": ReportEffects, "description": "What it would bring about, for a dry run."}


def add_compilations(routes: Router) -> None:
    """Adds the routes."""

    @routes.post(
        "/reports",
        status_code=202,
        dependencies=[Depends(require("compile"))],
        response_model=None,
        responses={200: FORESEEN, 202: {"model": answering.CompilationAccepted}},
    )
    async def compile_report(
        request: Request, response: Response, parts: Running, body: Received[Compile], dry_run: DryRun = None
    ) -> dict[str, Any]:
        """Ask that a new version be compiled from all facts recorded so far; before the period is over, a draft.

        How far it is, the version or why there is none is read at the place in the answer. 409 unless it is the first
        version, or the last one was discarded or returned.
        """
        submission = submission_of(request, body.model_dump(mode="json"), dry=dry_run is not None)
        order = CompilationOrder(submission, body.kind, body.office, body.period)
        await own_projected(parts, submission.caller)
        if dry_run is not None:
            response.status_code = 200
            return await run_in_threadpool(_foreseen, parts, order)
        identity = await run_in_threadpool(_ordered, parts, order)
        place = f"/reports/compilations/{submission.command_id}"
        response.headers["Location"] = place
        return {"compilation_id": str(submission.command_id), "report_id": identity, "place": place}

    @routes.get("/reports/compilations/{compilation_id}", **answers(answering.CompilationResponse))
    def get_compilation(response: Response, caller: Reader, parts: Running, compilation_id: UUID) -> dict[str, Any]:
        """How far a compilation is; once it is done, the report right after it; if it was refused, the problem."""
        found = parts.compilations.find(compilation_id)
        if found is None:
            detail = "Permintaan menyusun laporan ini tidak ada. Periksa alamatnya, atau minta penyusunannya lagi."
            raise Problem(RefusalKind.UNKNOWN, "compilation-known", detail)
        check_reading_of(caller.office, found.order.office)
        if found.state in OPEN:
            response.headers["Retry-After"] = AGAIN_SECONDS
        return _status(parts, found, response)


def _foreseen(parts: Parts, order: CompilationOrder) -> dict[str, Any]:
    """What an order would bring about, but for figures, which are there once it is compiled."""
    period = str(parts.reporting.check_order(order))
    _, report = parts.reporting.report(identity_of(order.kind.value, order.office, period))
    parts_of = {"kind": order.kind.value, "from_office": order.office, "period": period}
    version = len(report.versions) + 1
    fact = ForeseenFact(name=COMPILED, on=today(parts.clock), says={**parts_of, "version": version})
    found = ReportEffects(
        state="compiled", version=version, facts=[fact], turn=order.office, turn_name=None, fulfils=None
    )
    return told(parts, found)


def _ordered(parts: Parts, order: CompilationOrder) -> str:
    """Puts an order in the queue; the id of its report."""
    period = parts.reporting.check_order(order)
    parts.compilations.add(order, parts.clock.now())
    parts.compilations_added()
    return str(identity_of(order.kind.value, order.office, str(period)))


def _status(parts: Parts, found: CompilationStatus, response: Response) -> dict[str, Any]:
    result = parts.reporting.compiled_before(found.order) if found.state == "done" else None
    place = f"/reports/compilations/{found.order.submission.command_id}"
    return {
        "compilation_id": str(found.order.submission.command_id),
        "kind": found.order.kind,
        "office": found.order.office,
        "period": found.order.period,
        "asked_at": found.asked_at,
        "state": found.state,
        "label": LABELS[found.state],
        "ahead": found.ahead,
        "report": None if result is None else shown(result, response),
        "problem": _parked(found).details(place) if found.state == "parked" else found.problem,
    }


def _parked(found: CompilationStatus) -> Problem:
    detail = (
        f"Laporan ini sudah {found.attempts} kali dicoba disusun dan selalu terhenti karena gangguan pada platform. "
        "Permintaan ini tetap tersimpan; hubungi operator platform, yang dapat memintanya dicoba lagi."
    )
    return Problem(RefusalKind.UNAVAILABLE, "compilation-parked", detail, attempts=found.attempts)
