"""The report chain over HTTP: compile, submit, accept or return; read, print, and follow every figure to its events."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import RequestModel, answers
from ksad.chassis.problems import Problem
from ksad.chassis.transfer import download
from ksad.chassis.waiting import WAIT_SECONDS_MAX, require_current
from ksad.contracts.identifiers import Office, ShortText
from ksad.contracts.positions import POSITION_HEADER, Position
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RefusalKind
from ksad.ledger.figures.compiling import FIGURES
from ksad.ledger.figures.content import model
from ksad.ledger.folds.report_state import Report
from ksad.ledger.folds.reports import REPORTS
from ksad.ledger.printing import pdf, xlsx
from ksad.reporting.api import answering
from ksad.reporting.domain.permissions import check_reading, own_chain
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections.views import Views
from ksad.reporting.reports.application import ReportResult

Reader = Annotated[Caller, Depends(require_current("read-report"))]
FORMATS = {"json": model.MEDIA_TYPE, "pdf": pdf.MEDIA_TYPE, "xlsx": xlsx.MEDIA_TYPE}
PAGE_MAX = 500
LOG = ("prefix_size", "prefix_root", "previous_size", "content_sha256")


class Compile(RequestModel):
    """Which report to compile; the office is the caller's own."""

    kind: ReportKind
    office: Office
    period: Annotated[str, Field(max_length=10)]


class Submit(RequestModel):
    """The letter it goes out under."""

    letter_number: ShortText | None = None


class Accept(RequestModel):
    """Remarks that do not stand in the way."""

    remarks: ShortText | None = None


class GiveBack(RequestModel):
    """What is to be mended."""

    remarks: ShortText


class CorrectReport(RequestModel, title="Correct"):
    """Other values for correctable fields of a step."""

    corrects: UUID
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]


def _shown(result: ReportResult, response: Response) -> dict[str, Any]:
    position = str(result.record.position)
    response.headers["ETag"] = f'"{result.version}"'
    response.headers[POSITION_HEADER] = position
    return {
        **_report(result.report_id, result.report),
        "events": [str(event) for event in result.record.events],
        "position": position,
    }


def _report(identity: UUID, report: Report) -> dict[str, Any]:
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
                "steps": [{"what": what, "office": office, "on": on} for what, office, on in one.steps],
                **{
                    name: one.compiled[name]
                    for name in ("prefix_size", "prefix_root", "previous_size", "content_sha256")
                },
                "figures": one.compiled["figures"],
                "cites": one.compiled["cites"],
                "documents": one.compiled["documents"],
            }
            for one in report.versions
        ],
    }


def router() -> APIRouter:
    """Routes of reports."""
    routes = APIRouter(tags=["reports"])

    @routes.get("/reports", **answers(answering.ReportPage))
    def list_reports(
        caller: Reader,
        parts: Running,
        kind: ReportKind | None = None,
        office: Annotated[str | None, Query(max_length=30)] = None,
        period: Annotated[str | None, Query(max_length=10)] = None,
        state: Annotated[str | None, Query(pattern="^(compiled|submitted|accepted|returned)$")] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        after: Annotated[str | None, Query(max_length=36)] = None,
    ) -> dict[str, Any]:
        """A page of reports, with who did what when; a province sees those of its own chain."""
        wanted = {"kind": kind and kind.value, "from_office": office, "period": period, "state": state}
        with parts.journal.database.read() as connection:
            table = Views(connection).table("reports", REPORTS)
            query = sa.select(table)
            for column, value in wanted.items():
                if value is not None:
                    query = query.where(table.c[column] == value)
            own = own_chain(caller.office)
            if own is not None:
                query = query.where(table.c.from_office.in_(own))
            if after is not None:
                query = query.where(table.c.report_id > after)
            rows = connection.execute(query.order_by(table.c.report_id).limit(limit)).mappings().all()
        items = [{**row, "detail": orjson.loads(row["detail"])} for row in rows]
        return {"items": items, "next": items[-1]["report_id"] if len(items) == limit else None}

    @routes.post("/reports", dependencies=[Depends(require("compile"))], **answers(answering.ReportRecorded))
    async def compile_report(request: Request, response: Response, parts: Running, body: Compile) -> dict[str, Any]:
        """Compile a version from everything that is known now."""
        submission = submission_of(request, body.model_dump(mode="json"))
        await _own_projected(parts, submission.caller)
        compiling = parts.reporting.compile
        return _shown(await run_in_threadpool(compiling, submission, body.kind, body.office, body.period), response)

    @routes.get("/reports/{report_id}", **answers(answering.ReportResponse))
    def get_report(response: Response, caller: Reader, parts: Running, report_id: UUID) -> dict[str, Any]:
        """All versions of a report, with the version of its record as ETag."""
        recorded, report = _readable(parts, caller, report_id)
        response.headers["ETag"] = f'"{recorded}"'
        return _report(report_id, report)

    @routes.get("/reports/{report_id}/versions/{version}.{form}", response_class=Response)
    def get_document(caller: Reader, parts: Running, report_id: UUID, version: int, form: str) -> Response:
        """A version as json, pdf or xlsx."""
        media_type = FORMATS.get(form)
        _, report = _readable(parts, caller, report_id)
        if media_type is None or not 0 < version <= len(report.versions):
            raise Problem(RefusalKind.UNKNOWN, "document-known", f"Tidak ada dokumen {form} untuk versi {version}.")
        content = _document(parts, report.versions[version - 1].compiled, media_type)
        return download(content, f"{report.kind}-{report.period}-v{version}", media_type)

    _add_figures(routes)
    _add_steps(routes)
    return routes


async def _own_projected(parts: Parts, caller: Caller) -> None:
    """Wait until all that was recorded here so far is projected: what is compiled cites it from the log.

    :raises Problem: 503, it was not within five seconds.
    """
    head = await run_in_threadpool(parts.store.head)
    if head:
        await parts.arrivals.wait(caller.office, {Position("reporting", head)}, WAIT_SECONDS_MAX)


def _add_figures(routes: APIRouter) -> None:
    @routes.get("/reports/{report_id}/figures/{name}/events")
    def get_figure_events(
        caller: Reader, parts: Running, report_id: UUID, name: str, version: Annotated[int | None, Query(ge=1)] = None
    ) -> dict[str, Any]:
        """The events behind one figure of a version (the newest where none is named)."""
        _, report = _readable(parts, caller, report_id)
        chosen = report.versions[(version or len(report.versions)) - 1 : version or None]
        if not chosen:
            raise Problem(RefusalKind.UNKNOWN, "version-known", f"Laporan ini tidak mempunyai versi {version}.")
        behind = orjson.loads(_document(parts, chosen[0].compiled, FIGURES))
        if name not in behind:
            raise Problem(RefusalKind.UNKNOWN, "figure-known", f"Laporan ini tidak mempunyai angka {name}.")
        journal = parts.journal
        with journal.database.read() as connection:
            events = journal.at(connection, behind[name])
        return {"figure": name, "version": chosen[0].number, "items": events}


def _add_steps(routes: APIRouter) -> None:
    @routes.post(
        "/reports/{report_id}/submit", dependencies=[Depends(require("submit"))], **answers(answering.ReportRecorded)
    )
    def submit_report(
        request: Request, response: Response, parts: Running, report_id: UUID, body: Submit
    ) -> dict[str, Any]:
        """Send it to its addressee; the duty to report is done."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _shown(parts.reporting.submit(submission, report_id, body.letter_number), response)

    @routes.post(
        "/reports/{report_id}/accept", dependencies=[Depends(require("receive"))], **answers(answering.ReportRecorded)
    )
    def accept_report(
        request: Request, response: Response, parts: Running, report_id: UUID, body: Accept
    ) -> dict[str, Any]:
        """The addressee accepts it."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _shown(parts.reporting.accept(submission, report_id, body.remarks), response)

    @routes.post(
        "/reports/{report_id}/return", dependencies=[Depends(require("receive"))], **answers(answering.ReportRecorded)
    )
    def return_report(
        request: Request, response: Response, parts: Running, report_id: UUID, body: GiveBack
    ) -> dict[str, Any]:
        """The addressee returns it with remarks."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _shown(parts.reporting.give_back(submission, report_id, body.remarks), response)

    @routes.post(
        "/reports/{report_id}/correct", dependencies=[Depends(require("correct"))], **answers(answering.ReportRecorded)
    )
    def correct_report(
        request: Request, response: Response, parts: Running, report_id: UUID, body: CorrectReport
    ) -> dict[str, Any]:
        """Correct a letter's number or remarks."""
        submission = submission_of(request, body.model_dump(mode="json"))
        given = (body.corrects, body.reason, body.fields)
        return _shown(parts.reporting.correct(submission, report_id, *given), response)


def _readable(parts: Parts, caller: Caller, identity: UUID) -> tuple[int, Report]:
    """A report that the caller may read: a province those of its own chain."""
    version, report = parts.reporting.report(identity)
    if version == 0:
        raise Problem(RefusalKind.UNKNOWN, "report-known", f"Laporan {identity} belum disusun.")
    check_reading(caller.office, report)
    return version, report


def _document(parts: Parts, compiled: dict[str, Any], media_type: str) -> bytes:
    sha256 = next(one["sha256"] for one in compiled["documents"] if one["media_type"] == media_type)
    try:
        return parts.documents.get(sha256)
    except NoDocumentError as error:
        raise Problem(RefusalKind.UNKNOWN, "document-known", f"Dokumen {sha256} tidak ada.") from error
