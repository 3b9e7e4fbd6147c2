"""Corrections: what an entry says is shown in a form, and what somebody changes there is recorded as a correction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Depends, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.catalogue import declaration_of
from ksad.contracts.corrections import ON, correctable, correction_model, substituted
from ksad.contracts.rules import RefusalKind
from ksad.portal.chain import mendable, step_type
from ksad.portal.forms.cards import acts
from ksad.portal.forms.questions import Question, questions_of
from ksad.portal.forms.typing import typed
from ksad.portal.guarding import sent_from_here
from ksad.portal.pages.acts import FIELDS, FormSubject, send, show
from ksad.portal.telling import sentence_of
from ksad.portal.visits import Officer, Posted, officer

if TYPE_CHECKING:
    from ksad.portal.forms.questions import Options
    from ksad.portal.visits import Visit

CORRECT, CORRECT_TASK, CORRECT_REPORT = "correct", "correct-task", "correct-report"
NOT_CORRECTABLE = "Catatan ini tidak ada, atau tidak dapat diperbaiki."
UPLOADS = frozenset({"/kerja-sama/{kunci}/perbaiki/{catatan}", "/tugas/{tugas}/perbaiki/{catatan}"})
"""The routes whose forms may bring documents."""


def router() -> Router:
    """The routes of corrections."""
    routes = Router(dependencies=[Depends(officer)])
    changing = [Depends(sent_from_here)]

    @routes.get("/kerja-sama/{kunci}/perbaiki/{catatan}", response_class=Response)
    def get_correction(visit: Officer, kunci: str, catatan: UUID) -> Response:
        """The form that corrects an entry of a cooperation; it holds what the entry says now."""
        return show(visit, _of_cooperation(visit, kunci, catatan))

    @routes.post("/kerja-sama/{kunci}/perbaiki/{catatan}", response_class=Response, dependencies=changing)
    def correct(visit: Officer, form: Posted, kunci: str, catatan: UUID) -> Response:
        """Records a correction of an entry."""
        subject = _of_cooperation(visit, kunci, catatan)
        return send(visit, subject, form, lambda _: f"/kerja-sama/{kunci}?tercatat=berlaku")

    @routes.get("/tugas/{tugas}/perbaiki/{catatan}", response_class=Response)
    def get_task_correction(visit: Officer, tugas: UUID, catatan: UUID) -> Response:
        """The form that corrects an entry of a task."""
        return show(visit, _of_task(visit, tugas, catatan))

    @routes.post("/tugas/{tugas}/perbaiki/{catatan}", response_class=Response, dependencies=changing)
    def correct_task(visit: Officer, form: Posted, tugas: UUID, catatan: UUID) -> Response:
        """Records a correction of an entry of a task."""
        return send(visit, _of_task(visit, tugas, catatan), form, lambda _: f"/tugas/{tugas}?tercatat=berlaku")

    @routes.get("/laporan/{laporan}/perbaiki/{catatan}", response_class=Response)
    def get_report_correction(visit: Officer, laporan: UUID, catatan: UUID) -> Response:
        """The form that corrects the letter's number, the remarks or the reason of a step of a report."""
        return show(visit, _of_report(visit, laporan, catatan))

    @routes.post("/laporan/{laporan}/perbaiki/{catatan}", response_class=Response, dependencies=changing)
    def correct_report(visit: Officer, form: Posted, laporan: UUID, catatan: UUID) -> Response:
        """Records a correction of a step of a report."""
        return send(visit, _of_report(visit, laporan, catatan), form, lambda _: f"/laporan/{laporan}?tercatat=berlaku")

    return routes


def _of_cooperation(visit: Visit, key: str, entry: UUID) -> FormSubject:
    now = visit.read("registry", "/cooperations", key=key)
    path = f"/cooperations/{now['cooperation_id']}"
    event = _entry(visit.read("registry", f"{path}/events")["items"], entry)
    names = visit.names
    parties = tuple((one, names.region(one)) for one in now["parties"])
    grounds = [
        one for profile in visit.parts.lookups.law(visit.credential).profiles.values() for one in profile.endings
    ]
    options: dict[str, Options] = {
        f"{FIELDS}.numbers": parties,
        f"{FIELDS}.budget": parties,
        f"{FIELDS}.signatories.region": parties,
        f"{FIELDS}.affair": tuple((one.key, one.name) for one in names.affairs.affairs),
        f"{FIELDS}.ground": tuple((one.key, one.label) for one in grounds),
    }
    back = (f"/kerja-sama/{key}", now["title"])
    return _subject(visit, CORRECT, f"{path}/correct", event, options, back)


def _of_task(visit: Visit, task: UUID, entry: UUID) -> FormSubject:
    now = visit.read("supervision", f"/tasks/{task}")
    event = _entry(visit.read("supervision", f"/tasks/{task}/events")["items"], entry)
    names = visit.names
    who = tuple((code, names.office(code)) for code in (now["body"], *(f"region:{one}" for one in now["parties"])))
    options: dict[str, Options] = {f"{FIELDS}.findings.follow_up.who": who}
    return _subject(visit, CORRECT_TASK, f"/tasks/{task}/correct", event, options, (f"/tugas/{task}", now["label"]))


def _of_report(visit: Visit, report: UUID, entry: UUID) -> FormSubject:
    now = visit.read("reporting", f"/reports/{report}")
    names = visit.names
    found = next(((one, step) for one in now["versions"] for step in one["steps"] if step["event"] == str(entry)), None)
    title = f"{names.report(now['kind'])}, {names.period(now['period'])}"
    if found is None or not mendable(found[1]):
        raise Problem(RefusalKind.UNKNOWN, "entry-correctable", NOT_CORRECTABLE)
    version, step = found
    event = {"id": step["event"], "type": step_type(step), "occurredon": step["on"], "read": version}
    about = f"{title}, {visit.language.gettext('versi %(number)s') % {'number': version['version']}}"
    path = f"/reports/{report}/correct"
    return _subject(visit, CORRECT_REPORT, path, event, {}, (f"/laporan/{report}", title), about)


def _entry(events: list[dict[str, Any]], entry: UUID) -> dict[str, Any]:
    """An event as it reads with all corrections.

    :raises Problem: 404, there is none that can be corrected.
    """
    found = next((one for one in _present(events) if one["id"] == str(entry)), None)
    if found is None or not correctable(declaration_of(found["type"])):
        raise Problem(RefusalKind.UNKNOWN, "entry-correctable", NOT_CORRECTABLE)
    return found


def _present(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    read = {one["id"]: one for one in substituted(events)}
    # A correction has the field names of the version that it corrects, not of the newest.
    return [{**one, "occurredon": read[one["id"]]["occurredon"], "read": read[one["id"]]["data"]} for one in events]


def _subject(
    visit: Visit,
    name: str,
    path: str,
    event: dict[str, Any],
    options: dict[str, Options],
    back: tuple[str, str],
    about: str | None = None,
) -> FormSubject:
    declaration = declaration_of(event["type"])
    card = acts()[name]
    of_entry = next(one for one in card.fields if one.name == FIELDS)
    described = correction_model(declaration).model_json_schema()
    parts = tuple(
        one._replace(required=False) for one in questions_of(f"{FIELDS}.", of_entry.fields, described, options)
    )
    standing = {one: event["read"].get(one) for one in declaration.correctable}
    if ON in correctable(declaration):
        shortened = {"day": 10, "month": 7, "year": 4}[event.get("dateprecision", "day")]
        standing[ON] = event["occurredon"][:shortened]
    further = (Question(FIELDS, "group", of_entry, required=True, parts=parts),)
    return FormSubject(
        card.model_copy(update={"fields": tuple(one for one in card.fields if one is not of_entry)}),
        path,
        options,
        back,
        {"corrects": event["id"]},
        about=about or sentence_of(visit.names, event),
        further=further,
        standing=standing,
        opened=typed(parts, standing),
    )
