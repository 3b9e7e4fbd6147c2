"""The page that the code on a printed report opens, for anybody: what is true of the print, and what it cannot show."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import UploadFile

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.dates import PartialDate
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import noted
from ksad.portal.naming import REPORTS, period_in
from ksad.portal.visits import Anyone, Posted

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

PIECE = 1024 * 1024
UPLOADS = frozenset({"/periksa/{laporan}/{versi}"})
"""The route to which a file is sent whose hash is compared."""
STANDINGS = {
    "replaced": ("soon", noted("Laporan ini tercatat, dan sudah digantikan versi %(number)s.")),
    "returned": ("late", noted("Laporan ini tercatat, dan dikembalikan oleh penerimanya untuk diperbaiki.")),
    "submitted": ("wait", noted("Laporan ini tercatat, dan belum diterima oleh penerimanya.")),
    "accepted": ("done", noted("Laporan ini tercatat, diterima, dan masih berlaku.")),
}
"""How a version that was sent stands: the colour, and the sentence."""
STEPS = {
    "submitted": noted("Disampaikan"),
    "accepted": noted("Diterima"),
    "returned": noted("Dikembalikan"),
}
FOUND = {
    "sent": noted("Berkas ini sama, bit demi bit, dengan laporan yang disampaikan."),
    "compiled": noted(
        "Berkas ini sama, bit demi bit, dengan laporan sebelum disampaikan; nomor dan tanggal suratnya belum ada di "
        "dalamnya."
    ),
}
"""What is said of a file whose hash is known."""
Version = Annotated[int, Path(ge=1, le=9_999)]


def router() -> Router:
    """The routes of the check; nobody has to sign in."""
    routes = Router()

    @routes.get("/periksa", response_class=Response)
    def get_check(
        visit: Anyone, laporan: UUID | None = None, versi: Annotated[int, Query(ge=1, le=9_999)] = 1
    ) -> Response:
        """Where the code of a print is typed in, for whoever cannot scan it."""
        if laporan is not None:
            return RedirectResponse(f"/periksa/{laporan}/{versi}", 303)
        return visit.page("check_code.html")

    @routes.get("/periksa/{laporan}/{versi}", response_class=Response)
    def get_checked(visit: Anyone, laporan: UUID, versi: Version) -> Response:
        """What is recorded of a printed report: who sent it, when, whether it still holds, and what that proves."""
        return _page(visit, laporan, versi)

    @routes.post("/periksa/{laporan}/{versi}", response_class=Response, dependencies=[Depends(sent_from_here)])
    def check_file(visit: Anyone, form: Posted, laporan: UUID, versi: Version) -> Response:
        """Compares the hash of a file with those recorded; the file is kept nowhere."""
        file = form.get("berkas")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Problem(RefusalKind.INVALID, "file-chosen", "Pilih berkas laporan dahulu.")
        digest = hashlib.sha256()
        while piece := file.file.read(PIECE):
            digest.update(piece)
        return _page(visit, laporan, versi, digest.hexdigest())

    return routes


def _page(visit: Visit, report: UUID, version: int, digest: str | None = None) -> Response:
    found: dict[str, Any] = visit.parts.gateway.read_publicly("reporting", f"/printed-reports/{report}/{version}")
    standing = "replaced" if found["newest"] > version else found["state"]
    look, sentence = STANDINGS[standing]
    language = visit.language
    same = next((one["printed"] for one in found["documents"] if one["sha256"] == digest), None)
    return visit.page(
        "check.html",
        found=found,
        title=f"{language.gettext(REPORTS[found['kind']])}, {period_in(language, found['period'])}",
        look=look,
        sentence=language.gettext(sentence) % {"number": found["newest"]},
        steps=[(STEPS[one["what"]], _day(visit, one["on"])) for one in found["steps"]],
        as_of=_day(visit, found["as_of"]),
        digest=digest,
        result=None if same is None else FOUND[same],
        replaced=found["newest"] if standing == "replaced" else None,
    )


def _day(visit: Visit, text: str) -> str:
    return visit.language.day(PartialDate.parse(text).first)
