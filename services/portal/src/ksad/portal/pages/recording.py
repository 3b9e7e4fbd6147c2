"""The forms: registering a cooperation, acts on a cooperation, and outcomes of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from ksad.chassis.requests import Router
from ksad.portal.forms.cards import acts
from ksad.portal.forms.reading import key_from
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import noted
from ksad.portal.pages.acts import FormSubject, send, show
from ksad.portal.pages.subjects import REGISTER, on_cooperation, on_task
from ksad.portal.visits import Officer, Posted, officer

if TYPE_CHECKING:
    from ksad.portal.forms.questions import Options
    from ksad.portal.visits import Visit

STATES = {"stands": "berlaku", "proposed": "menunggu", "closed": "ditutup"}
"""How the next page is told what came of an act."""
DESK = noted("Meja saya")
UPLOADS = frozenset({"/kerja-sama/{kunci}/catat/{tindakan}", "/tugas/{tugas}/catat/{tindakan}"})
"""The routes whose forms may bring documents."""


def router() -> Router:
    """The routes of forms."""
    routes = Router(dependencies=[Depends(officer)])
    changing = [Depends(sent_from_here)]

    @routes.get("/daftarkan", response_class=Response)
    def get_registration(visit: Officer) -> Response:
        """The form that registers a cooperation."""
        return show(visit, _registration(visit))

    @routes.post("/daftarkan", response_class=Response, dependencies=changing)
    def register(visit: Officer, form: Posted) -> Response:
        """Registers a cooperation."""
        key = key_from(str(form.get("title", "")))
        return send(visit, _registration(visit), form, lambda _: f"/kerja-sama/{key}?tercatat=berlaku")

    @routes.get("/kerja-sama/{kunci}/catat/{tindakan}", response_class=Response)
    def get_act(visit: Officer, kunci: str, tindakan: str, usulan: Annotated[UUID | None, Query()] = None) -> Response:
        """The form of an act on a cooperation; ``usulan`` is the proposal that it is about."""
        return show(visit, on_cooperation(visit, kunci, tindakan, usulan))

    @routes.post("/kerja-sama/{kunci}/catat/{tindakan}", response_class=Response, dependencies=changing)
    def act(visit: Officer, form: Posted, kunci: str, tindakan: str) -> Response:
        """Records an act on a cooperation."""
        occasion = on_cooperation(visit, kunci, tindakan, str(form.get("proposal", "")) or None)
        return send(visit, occasion, form, lambda said: f"/kerja-sama/{kunci}?tercatat={STATES[str(said['state'])]}")

    @routes.get("/tugas/{tugas}/catat/{tindakan}", response_class=Response)
    def get_outcome(visit: Officer, tugas: UUID, tindakan: str) -> Response:
        """The form of what was done for a task."""
        return show(visit, on_task(visit, tugas, tindakan))

    @routes.post("/tugas/{tugas}/catat/{tindakan}", response_class=Response, dependencies=changing)
    def record_outcome(visit: Officer, form: Posted, tugas: UUID, tindakan: str) -> Response:
        """Records what was done for a task."""
        return send(visit, on_task(visit, tugas, tindakan), form, lambda _: f"/tugas/{tugas}?tercatat=berlaku")

    return routes


def _registration(visit: Visit) -> FormSubject:
    names = visit.names
    existing = [one for one in names.regions.existing(names.today) if one.autonomous]
    options: dict[str, Options] = {
        "affair": tuple((one.key, one.name) for one in names.affairs.affairs),
        "parties": tuple((one.code, names.region(one.code)) for one in existing),
    }
    role, _, code = visit.office.partition(":")
    given = {"parties.0": names.region(code)} if role == "region" else {}
    back = ("/meja-saya", names.language.gettext(DESK))
    return FormSubject(acts()[REGISTER], "/cooperations", options, back, given)
