"""The steps of a report as forms: submitting, discarding, accepting, returning; and its signed copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Depends, Path, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.form_keys import KEY
from ksad.portal.forms.cards import acts
from ksad.portal.guarding import sent_from_here
from ksad.portal.pages.acts import FormSubject, send, show
from ksad.portal.visits import Officer, Posted, download_of, officer

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

UPLOADS = frozenset({"/laporan/{laporan}/salinan/{versi}"})
"""The route whose form brings a document."""
Version = Annotated[int, Path(ge=1, le=9_999)]


def router() -> Router:
    """The routes of the steps."""
    routes = Router(dependencies=[Depends(officer)])
    changing = [Depends(sent_from_here)]

    @routes.get("/laporan/{laporan}/catat/{tindakan}", response_class=Response)
    def get_step(visit: Officer, laporan: UUID, tindakan: str) -> Response:
        """The form of a step of a report."""
        return show(visit, _subject(visit, laporan, tindakan))

    @routes.post("/laporan/{laporan}/catat/{tindakan}", response_class=Response, dependencies=changing)
    def take_step(visit: Officer, form: Posted, laporan: UUID, tindakan: str) -> Response:
        """Records a step of a report."""
        subject = _subject(visit, laporan, tindakan)
        return send(visit, subject, form, lambda _: f"/laporan/{laporan}?tercatat=berlaku")

    @routes.get("/laporan/{laporan}/salinan/{versi}", response_class=Response)
    def get_copy(visit: Officer, laporan: UUID, versi: Version) -> Response:
        """The signed copy of a version, as a download."""
        return download_of(visit, "reporting", _copy(laporan, versi))

    @routes.post("/laporan/{laporan}/salinan/{versi}", response_class=Response, dependencies=changing)
    def keep_copy(visit: Officer, form: Posted, laporan: UUID, versi: Version) -> Response:
        """Keeps the signed copy of a version beside the log, or removes it for good."""
        visit.check_key(str(form.get(KEY, "")))
        path, file = _copy(laporan, versi), form.get("salinan")
        if form.get("hapus"):
            visit.parts.gateway.remove("reporting", path, visit.credential)
        elif isinstance(file, UploadFile) and file.filename:
            visit.parts.gateway.put("reporting", path, visit.credential, file.file.read(), "application/pdf")
        else:
            raise Problem(RefusalKind.INVALID, "copy-chosen", "Pilih berkas PDF salinan bertanda tangan dahulu.")
        return RedirectResponse(f"/laporan/{laporan}?versi={versi}&tercatat=berlaku#salinan", 303)

    return routes


def _copy(report: UUID, version: int) -> str:
    return f"/reports/{report}/versions/{version}/signed-copy"


def _subject(visit: Visit, report: UUID, action: str) -> FormSubject:
    card = acts().get(action)
    if card is None or card.service != "reporting":
        raise Problem(RefusalKind.UNKNOWN, "act-known", "Tindakan ini belum ada di portal.")
    found = visit.read("reporting", f"/reports/{report}")
    names = visit.names
    title = f"{names.report(found['kind'])}, {names.period(found['period'])}"
    about = f"{title} · {names.office(found['from_office'])}"
    return FormSubject(card, card.path.format(report_id=report), {}, (f"/laporan/{report}", title), {}, about=about)
