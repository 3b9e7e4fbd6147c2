"""The forms of internal notes, which stand on the page of their cooperation."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import sent_from_here
from ksad.portal.notes import NOTE_MAX, NOTES_MAX
from ksad.portal.visits import Officer, Posted, officer


def router() -> Router:
    """The route of notes."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.post(
        "/kerja-sama/{kunci}/catatan-internal", response_class=Response, dependencies=[Depends(sent_from_here)]
    )
    def write_note(visit: Officer, kunci: str, form: Posted) -> Response:
        """Keeps a note of the own office on a cooperation that it may see, or deletes one."""
        number = visit.check_key(str(form.get("kunci_formulir", "")))
        identity = visit.read("registry", "/cooperations", key=kunci)["cooperation_id"]
        notes, gone = visit.parts.notes, str(form.get("hapus", ""))
        if gone:
            notes.forget(gone, visit.office, identity)
        elif not notes.write(number, visit.office, identity, _words(str(form.get("catatan", "")))):
            detail = (
                f"Jabatan Anda sudah menyimpan {NOTES_MAX} catatan pada kerja sama ini. Hapus yang tidak diperlukan."
            )
            raise Problem(RefusalKind.CONFLICT, "notes-few", detail)
        return RedirectResponse(f"/kerja-sama/{quote(kunci, safe='')}#catatan-internal", 303)

    return routes


def _words(text: str) -> str:
    """What is kept of what was typed.

    :raises Problem: 422, nothing was written, or too much.
    """
    words = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not words or len(words) > NOTE_MAX:
        detail = f"Tulis catatannya, paling banyak {NOTE_MAX} huruf."
        raise Problem(RefusalKind.INVALID, "note-written", detail)
    return words
