"""Routes of reports: submit, accept or return, correct; read, print, and list the events behind a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response

from ksad.chassis.access import require
from ksad.chassis.affordances import PossibleActs, possible_acts
from ksad.chassis.auth import Caller
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import DryRun
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router
from ksad.chassis.transfer import download
from ksad.chassis.waiting import require_current
from ksad.contracts.access.reporting import TABLE
from ksad.contracts.rules import RefusalKind
from ksad.ledger.figures.accepted import FIGURES
from ksad.ledger.figures.content import model
from ksad.ledger.folds.report_state import Report, Version
from ksad.ledger.printing import pdf, xlsx
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.api.asking import Accept, CorrectReport, Discard, GiveBack, Submit
from ksad.reporting.api.comparing import add_comparison
from ksad.reporting.api.compilations import add_compilations
from ksad.reporting.api.foreseeing import STEP, effects
from ksad.reporting.api.narrative import add_narrative
from ksad.reporting.api.report_list import add_report_list
from ksad.reporting.api.showing import report_shown, shown
from ksad.reporting.api.signed_copies import add_signed_copies
from ksad.reporting.domain.affording import may
from ksad.reporting.domain.permissions import check_reading
from ksad.reporting.parts import Parts, Running

if TYPE_CHECKING:
    from collections.abc import Iterable

Reader = Annotated[Caller, Depends(require_current("read-report"))]
FORMATS = {"json": model.MEDIA_TYPE, "pdf": pdf.MEDIA_TYPE, "xlsx": xlsx.MEDIA_TYPE}


def _sent(body: Submit | Accept | GiveBack) -> dict[str, Any]:
    """What is asked; without capacity it is the request that an older release may have answered already."""
    return body.model_dump(mode="json", exclude=None if body.signed_as else {"signed_as"})


def router() -> Router:
    """The routes of reports."""
    routes = Router(tags=["reports"])
    add_narrative(routes)
    add_compilations(routes)
    add_report_list(routes)

    @routes.get("/reports/{report_id}", **answers(answering.ReportResponse))
    def get_report(response: Response, caller: Reader, parts: Running, report_id: UUID) -> dict[str, Any]:
        """All versions of a report. The ETag is the version of its stream, for If-Match.

        ``signed_copies`` are the versions of which a signed copy is kept. 404 if it was never compiled.
        """
        recorded, report = _readable(parts, caller, report_id)
        response.headers["ETag"] = f'"{recorded}"'
        return report_shown(report_id, report) | {"signed_copies": parts.signed_copies.versions(report_id)}

    @routes.get("/reports/{report_id}/may")
    def list_report_acts(response: Response, caller: Reader, parts: Running, report_id: UUID) -> PossibleActs:
        """What the caller's office may do with a report today; of each other act the rule that forbids it.

        Whether the figures allow a new version only compiling shows.
        """
        recorded, report = _readable(parts, caller, report_id)
        response.headers["ETag"] = f'"{recorded}"'
        return possible_acts(recorded, may(caller.office, report), caller.role, TABLE)

    @routes.get("/reports/{report_id}/versions/{version}.{form}", response_class=Response)
    def get_document(caller: Reader, parts: Running, report_id: UUID, version: int, form: str) -> Response:
        """A version as ``json`` (the content), ``pdf`` or ``xlsx``; once it was sent, with its letter's number.

        404 for other formats or versions.
        """
        media_type = FORMATS.get(form)
        _, report = _readable(parts, caller, report_id)
        chosen = _version(report, version)
        if media_type is None or chosen is None:
            raise Problem(RefusalKind.UNKNOWN, "document-known", f"Tidak ada dokumen {form} untuk versi {version}.")
        content = _document(parts, (chosen.sent or {}).get("documents", ()), chosen.compiled, media_type)
        return download(content, f"{report.kind}-{report.period}-v{version}", media_type)

    _add_figures(routes)
    _add_steps(routes)
    _add_answers(routes)
    add_signed_copies(routes, _readable)
    add_comparison(routes, _readable, lambda parts, compiled, media_type: _document(parts, (), compiled, media_type))
    return routes


def _add_figures(routes: Router) -> None:
    @routes.get("/reports/{report_id}/figures/{name}/events")
    def get_figure_events(
        caller: Reader,
        parts: Running,
        report_id: UUID,
        name: str,
        version: Annotated[int | None, Query(ge=1)] = None,
    ) -> dict[str, Any]:
        """The log entries behind a figure of a version; default: the newest version. 404 for unknown versions or
        figures.
        """
        _, report = _readable(parts, caller, report_id)
        chosen = report.newest if version is None else _version(report, version)
        if chosen is None:
            raise Problem(RefusalKind.UNKNOWN, "version-known", f"Laporan ini tidak mempunyai versi {version}.")
        behind = orjson.loads(_document(parts, (), chosen.compiled, FIGURES))
        if name not in behind:
            raise Problem(RefusalKind.UNKNOWN, "figure-known", f"Laporan ini tidak mempunyai angka {name}.")
        journal = parts.journal
        with journal.database.read() as connection:
            events = journal.at(connection, behind[name])
        return {"figure": name, "version": chosen.number, "items": events}


def _add_steps(routes: Router) -> None:
    @routes.post("/reports/{report_id}/submit", dependencies=[Depends(require("submit"))], **answers(STEP))
    def submit_report(
        request: Request,
        response: Response,
        parts: Running,
        report_id: UUID,
        body: Received[Submit],
        dry_run: DryRun = None,
    ) -> dict[str, Any]:
        """Submit the compiled version to its addressee, which fulfils the duty to report.

        409 in any other state, and for a draft.
        """
        submission = submission_of(request, _sent(body), dry=dry_run is not None)
        cases, given = parts.reporting, (body.letter_number, body.signed_as)
        if dry_run is not None:
            decide = cases.submitting(submission.caller.office, report_id, *given)
            return effects(parts, submission, report_id, decide)
        return shown(cases.submit(submission, report_id, *given), response)

    @routes.post("/reports/{report_id}/discard", dependencies=[Depends(require("submit"))], **answers(STEP))
    def discard_report(
        request: Request,
        response: Response,
        parts: Running,
        report_id: UUID,
        body: Received[Discard],
        dry_run: DryRun = None,
    ) -> dict[str, Any]:
        """Give up the compiled version, so that another can be compiled. 409 once it was submitted."""
        submission = submission_of(request, body.model_dump(mode="json"), dry=dry_run is not None)
        if dry_run is not None:
            decide = parts.reporting.discarding(submission.caller.office, body.reason)
            return effects(parts, submission, report_id, decide)
        return shown(parts.reporting.discard(submission, report_id, body.reason), response)


def _add_answers(routes: Router) -> None:
    """Adds what the addressee says to a report, and what anybody corrects of an own step."""

    @routes.post("/reports/{report_id}/accept", dependencies=[Depends(require("receive"))], **answers(STEP))
    def accept_report(
        request: Request,
        response: Response,
        parts: Running,
        report_id: UUID,
        body: Received[Accept],
        dry_run: DryRun = None,
    ) -> dict[str, Any]:
        """Accept the submitted version; only its addressee may. 409 in any other state."""
        submission = submission_of(request, _sent(body), dry=dry_run is not None)
        if dry_run is not None:
            decide = parts.reporting.accepting(submission.caller.office, body.remarks, body.signed_as)
            return effects(parts, submission, report_id, decide)
        return shown(parts.reporting.accept(submission, report_id, body.remarks, body.signed_as), response)

    @routes.post("/reports/{report_id}/return", dependencies=[Depends(require("receive"))], **answers(STEP))
    def return_report(
        request: Request,
        response: Response,
        parts: Running,
        report_id: UUID,
        body: Received[GiveBack],
        dry_run: DryRun = None,
    ) -> dict[str, Any]:
        """Return the submitted version with remarks; only its addressee may. 409 in any other state."""
        submission = submission_of(request, _sent(body), dry=dry_run is not None)
        if dry_run is not None:
            decide = parts.reporting.returning(submission.caller.office, body.remarks, body.signed_as)
            return effects(parts, submission, report_id, decide)
        return shown(parts.reporting.give_back(submission, report_id, body.remarks, body.signed_as), response)

    @routes.post("/reports/{report_id}/correct", dependencies=[Depends(require("correct"))], **answers(STEP))
    def correct_report(
        request: Request,
        response: Response,
        parts: Running,
        report_id: UUID,
        body: Received[CorrectReport],
        dry_run: DryRun = None,
    ) -> dict[str, Any]:
        """Correct the letter's number or the remarks of an earlier step; only the office that recorded it may."""
        submission = submission_of(request, body.model_dump(mode="json"), dry=dry_run is not None)
        given = (body.corrects, body.reason, body.fields)
        if dry_run is not None:
            return effects(parts, submission, report_id, parts.reporting.correcting(submission.caller.office, *given))
        return shown(parts.reporting.correct(submission, report_id, *given), response)


def _readable(parts: Parts, caller: Caller, identity: UUID) -> tuple[int, Report]:
    """A report that the caller may read, and the version of its stream.

    :raises Problem: 404, it was never compiled.
    :raises RuleBrokenError: the report is of another province (kind ``FORBIDDEN``).
    """
    version, report = parts.reporting.report(identity)
    if version == 0:
        raise Problem(RefusalKind.UNKNOWN, "report-known", "Laporan ini belum disusun.")
    check_reading(caller.office, report)
    return version, report


def _version(report: Report, number: int) -> Version | None:
    """The version with a number; ``None`` if the report has no such version."""
    return next((one for one in report.versions if one.number == number), None)


def _document(parts: Parts, sent: Iterable[dict[str, Any]], compiled: dict[str, Any], media_type: str) -> bytes:
    """The document of a kind: as it was sent, else as it was compiled."""
    sha256 = next(one["sha256"] for one in (*sent, *compiled["documents"]) if one["media_type"] == media_type)
    try:
        return parts.documents.get(sha256)
    except NoDocumentError as error:
        raise Problem(RefusalKind.UNKNOWN, "document-known", "Dokumen ini tidak ada.") from error
