"""One page per cooperation: how it stands, its instruments, parties, tasks, problems, and its history in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Depends, Query, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.languages import noted
from ksad.portal.naming import CATEGORIES, INSTRUMENT_STATES, INSTRUMENTS, STATUSES, instrument_titles
from ksad.portal.notes import NOTE_MAX
from ksad.portal.offers import corrects_all, on_cooperation
from ksad.portal.telling import lines
from ksad.portal.visits import Officer, download_of, file_names, officer
from ksad.portal.work import task_row

if TYPE_CHECKING:
    from ksad.portal.naming import Names
    from ksad.portal.visits import Visit

ENTRIES = 500
RECORDED = {
    "berlaku": noted("Sudah tercatat."),
    "menunggu": noted("Sudah tercatat, dan menunggu konfirmasi pihak lain."),
    "ditutup": noted("Sudah tercatat. Usulan itu ditutup."),
}
DISPUTES = {
    "raised": ("late", noted("diajukan, belum diselesaikan")),
    "decision_requested": ("wait", noted("menunggu keputusan")),
    "escalated": ("late", noted("ditangani Menteri Dalam Negeri")),
    "settled": ("done", noted("selesai")),
}


def router() -> Router:
    """The routes of a cooperation."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/kerja-sama/{kunci}", response_class=Response)
    def get_cooperation(
        visit: Officer,
        kunci: str,
        riwayat: Annotated[Literal["pokok", "semua"], Query()] = "pokok",
        tercatat: Annotated[Literal["berlaku", "menunggu", "ditutup"] | None, Query()] = None,
    ) -> Response:
        """A cooperation, as far as the officer's office may see it; its history without or with that of its tasks."""
        now = visit.read("registry", "/cooperations", key=kunci)
        path = f"/cooperations/{now['cooperation_id']}"
        known = _or_none(visit, "reporting", path) or {}
        entries = _or_none(visit, "reporting", f"{path}/timeline", limit=ENTRIES)
        tasks = visit.read("supervision", "/tasks", cooperation_id=now["cooperation_id"], limit=ENTRIES)["items"]
        labels = {one["task_id"]: one["label"] for one in tasks}
        rows = [task_row(visit.names, one) for one in tasks]
        supervised = _or_none(visit, "supervision", path)
        instruments = _instruments(visit.names, now, known.get("instruments") or [])
        agreed = {one["key"]: one["title"] for one in instruments if one["kind"] == "agreement"}
        history = lines(visit.names, entries["items"] if entries else (), labels)
        return visit.page(
            "cooperation.html",
            now=now,
            # What is for the parties is not in the answer to anybody else.
            documents=_documents(visit.names, known),
            files=file_names(visit, "registry", path),
            approvals=known.get("approvals") or [],
            problems=list((known.get("problems") or {}).values()),
            disagreements=list((known.get("disputes") or {}).values()),
            supervised=supervised,
            offers=on_cooperation(visit.office, visit.read("registry", f"{path}/may")["acts"]),
            recorded=None if tercatat is None else RECORDED[tercatat],
            instruments=instruments,
            # Of one agreement alone everybody knows that an approval is of it.
            titles=agreed if len(agreed) > 1 else {},
            # The furthest of the lines: an agreement may be in force while another is still negotiated.
            stage_now=known.get("stage") or now["stage"],
            open_tasks=[one for one in rows if not one.done],
            done_tasks=len([one for one in rows if one.done]),
            history=[one for one in history if riwayat == "semua" or not one.about_task],
            entries=len(history),
            party=visit.office.removeprefix("region:") in now["parties"],
            corrects_all=supervised is not None and corrects_all(visit.office, supervised["supervising_body"]),
            whole=riwayat == "semua",
            states=INSTRUMENT_STATES,
            books=now.get("settlements") or {},
            disputes=DISPUTES,
            statuses=STATUSES,
            categories=CATEGORIES,
            **_notes(visit, kunci, now["cooperation_id"]),
        )

    @routes.get("/kerja-sama/{kunci}/cetak", response_class=Response)
    def get_print(visit: Officer, kunci: str) -> Response:
        """A cooperation as it is printed, PDF, as far as the officer's office may see it; a download."""
        now = visit.read("registry", "/cooperations", key=kunci)
        return download_of(visit, "reporting", f"/cooperations/{now['cooperation_id']}/print")

    @routes.get("/kerja-sama/{kunci}/dokumen/{sha256}", response_class=Response)
    def get_cited_document(visit: Officer, kunci: str, sha256: str) -> Response:
        """A document of a cooperation, as a download that no browser displays."""
        now = visit.read("registry", "/cooperations", key=kunci)
        path = f"/cooperations/{now['cooperation_id']}/documents/{quote(sha256, safe='')}"
        return download_of(visit, "registry", path)

    return routes


def _notes(visit: Visit, kunci: str, identity: str) -> dict[str, Any]:
    """The own office's notes, and the key of their form."""
    found = [(one, visit.moment(one.written)) for one in visit.parts.notes.of(visit.office, identity)]
    key = visit.form_key(f"/kerja-sama/{kunci}/catatan-internal")
    return {"notes": found, "note_key": key, "note_max": NOTE_MAX}


def _or_none(visit: Visit, service: str, path: str, **query: object) -> Any:  # noqa: ANN401 - JSON
    """What a service knows of a cooperation; ``None`` while it has not read its registration."""
    try:
        return visit.read(service, path, **query)
    except Problem as problem:
        if problem.kind is not RefusalKind.UNKNOWN:
            raise
        visit.following = True
        return None


def _instruments(names: Names, now: dict[str, Any], listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Accords with the agreements under them, then agreements without one; each with the numbers that it was signed
    with.
    """
    signed = {(one["kind"], one["key"]): one for one in listed}
    titles = instrument_titles(names, now)
    found = []
    for kind, entries in (("accord", now["accords"]), ("agreement", now["agreements"])):
        for key, one in entries.items():
            found_signed = signed.get((kind, key))
            found.append(
                {
                    "kind": kind,
                    "key": key,
                    "title": titles[kind][key],
                    "numbers": names.numbers(_ordered(found_signed["numbers"], now["parties"])) if found_signed else "",
                    "accord": one.get("accord"),
                    **{name: one[name] for name in ("state", "signed_on", "ends_on", "term")},
                }
            )
    return found


def _ordered(numbers: dict[str, Any], parties: list[str]) -> dict[str, Any]:
    """The numbers of an instrument in the order of the parties, then those of whoever is none any more."""
    return {code: numbers[code] for code in (*parties, *numbers) if code in numbers}


def _documents(names: Names, known: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What was attached to instruments and approvals, with what each is and the whole entry."""
    language = names.language
    found = [(language.gettext(INSTRUMENTS[one["kind"]]), one) for one in known.get("instruments") or ()]
    approval = language.gettext("Persetujuan DPRD")
    found += [(f"{approval}, {names.region(one['region'])}", one) for one in known.get("approvals") or ()]
    return [(called, one) for called, one in found if one.get("document")]
