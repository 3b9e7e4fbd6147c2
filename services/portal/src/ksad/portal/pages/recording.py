"""The forms: registering a cooperation, acts on a cooperation, and outcomes of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.forms.cards import ActCard, acts
from ksad.portal.forms.reading import key_from
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import noted
from ksad.portal.naming import STAGES
from ksad.portal.offers import choices
from ksad.portal.pages.acts import FormSubject, send, show
from ksad.portal.visits import Officer, Posted, officer

if TYPE_CHECKING:
    from ksad.portal.forms.questions import Options
    from ksad.portal.visits import Visit

REGISTER = "register"
ENTRIES = 100
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
        return show(visit, _on_cooperation(visit, kunci, tindakan, usulan))

    @routes.post("/kerja-sama/{kunci}/catat/{tindakan}", response_class=Response, dependencies=changing)
    def act(visit: Officer, form: Posted, kunci: str, tindakan: str) -> Response:
        """Records an act on a cooperation."""
        occasion = _on_cooperation(visit, kunci, tindakan, str(form.get("proposal", "")) or None)
        return send(visit, occasion, form, lambda said: f"/kerja-sama/{kunci}?tercatat={STATES[str(said['state'])]}")

    @routes.get("/tugas/{tugas}/catat/{tindakan}", response_class=Response)
    def get_outcome(visit: Officer, tugas: UUID, tindakan: str) -> Response:
        """The form of what was done for a task."""
        return show(visit, _on_task(visit, tugas, tindakan))

    @routes.post("/tugas/{tugas}/catat/{tindakan}", response_class=Response, dependencies=changing)
    def record_outcome(visit: Officer, form: Posted, tugas: UUID, tindakan: str) -> Response:
        """Records what was done for a task."""
        return send(visit, _on_task(visit, tugas, tindakan), form, lambda _: f"/tugas/{tugas}?tercatat=berlaku")

    return routes


def _card(name: str, service: str) -> ActCard:
    found = acts().get(name)
    if found is None or found.service != service or name == REGISTER:
        raise Problem(RefusalKind.UNKNOWN, "act-known", "Tindakan ini belum ada di portal.")
    return found


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


def _on_cooperation(visit: Visit, key: str, action: str, proposal: object) -> FormSubject:
    card = _card(action, "registry")
    now = visit.read("registry", "/cooperations", key=key)
    pending: list[dict[str, Any]] = [one for one in now["pending"] if one["proposal"] == str(proposal)]
    if proposal is not None and not pending:
        detail = "Usulan ini sudah berlaku, sudah ditutup, atau tidak meminta konfirmasi Anda."
        raise Problem(RefusalKind.UNKNOWN, "act-pending", detail)
    role, _, code = visit.office.partition(":")
    asked = pending[0]["awaiting"] if pending else now["parties"]
    own = [one for one in asked if role != "region" or one == code or not pending]
    path = card.path.format(cooperation_id=now["cooperation_id"])
    possible = visit.read("registry", f"/cooperations/{now['cooperation_id']}/may")["acts"]
    options = {
        "numbers": tuple((one, visit.names.region(one)) for one in own),
        "between": tuple((one, visit.names.region(one)) for one in now["parties"]),
        **_chosen(visit, now, choices(possible, card.action)),
    }
    about = f"{pending[0]['act'].capitalize()} · {now['title']}" if pending else now["title"]
    given = {"proposal": str(proposal)} if pending else {}
    return FormSubject(card, path, options, (f"/kerja-sama/{key}", now["title"]), given, about=about)


def _chosen(visit: Visit, now: dict[str, Any], found: dict[str, list[str]]) -> dict[str, Options]:
    """What an act can be done with, as people call it: problems and disputes by their words, facts by what they are."""
    path, names = f"/cooperations/{now['cooperation_id']}", visit.names
    words: dict[str, str] = {stage.value: names.stage(stage.value) for stage in STAGES}
    words |= {key: one["name"] for key, one in now["bodies"].items()}
    if found.keys() & {"problem", "dispute"}:
        told = visit.read("reporting", path)
        for matter in ("problems", "disputes"):
            words |= {key: one["description"] for key, one in (told.get(matter) or {}).items()}
    if found.keys() & {"entry", "entries"}:
        listed = visit.read("reporting", "/verification", cooperation_id=now["cooperation_id"], limit=ENTRIES)["items"]
        words |= {one["event_id"]: f"{one['label']}, {names.day(one['on'])}" for one in listed}
    return {name: tuple((one, words[one]) for one in values if one in words) for name, values in found.items()}


def _on_task(visit: Visit, identity: UUID, action: str) -> FormSubject:
    card = _card(action, "supervision")
    task = visit.read("supervision", f"/tasks/{identity}")
    names = visit.names
    about = task["cooperation_id"]
    parties = visit.read("registry", f"/cooperations/{about}")["parties"] if about else []
    who = tuple((f"region:{code}", names.region(code)) for code in parties)
    role, _, own = visit.office.partition(":")
    left = [code for code in task["remaining"] if role != "region" or code == own]
    options: dict[str, Options] = {
        "region": tuple((code, names.region(code)) for code in left),
        "findings.follow_up.who": (*who, (task["body"], names.office(task["body"]))),
    }
    path = card.path.format(task_id=identity)
    given = {"region": own} if own in left else {}
    return FormSubject(card, path, options, (f"/tugas/{identity}", task["label"]), given, duty=task["duty"])
