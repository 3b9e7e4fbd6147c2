"""The first page of an officer: what is late, what is due, and what waits for this office's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import Depends, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.portal.offers import bodies
from ksad.portal.visits import Officer, officer
from ksad.portal.work import LATE, TaskRow, task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

OPEN = ("open", "in_progress", "overdue", "escalated")
ROWS = 100
COOPERATIONS = 500
ASKED = 30
"""So many cooperations of a region are asked for what waits for its confirmation."""
NEAR_DAYS = 90


class Awaited(NamedTuple):
    """An act that waits for the confirmation of this office's region."""

    act: str
    proposer: str | None
    expires_on: str | None
    cooperation: dict[str, Any]


def router() -> Router:
    """The route of the desk."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/meja-saya", response_class=Response)
    def get_desk(visit: Officer) -> Response:
        """What this office has to do."""
        tasks = _tasks(visit)
        found = {one["cooperation_id"]: one for one in _cooperations(visit)}
        for identity in {one.cooperation_id for one in tasks if one.cooperation_id} - found.keys():
            found[identity] = visit.read("reporting", f"/cooperations/{identity}")
        late = [one for one in tasks if one.look == LATE]
        due = [one for one in tasks if one.look != LATE]
        near = [one for one in due if one.days <= NEAR_DAYS]
        entries = _entries(visit)
        return visit.page(
            "desk.html",
            late=late,
            due=near,
            later=len(due) - len(near),
            unverified=[one for one in entries if one["status"] == "unverified"],
            returned=[one for one in entries if one["status"] == "returned"],
            awaited=_awaited(visit, list(found.values())),
            cooperations=found,
            drafts=[(one, visit.moment(one.saved)) for one in visit.parts.drafts.of(visit.office)],
            own=len([one for one in found.values() if _is_party(visit, one)]),
            role=visit.office.partition(":")[0],
        )

    return routes


def _tasks(visit: Visit) -> list[TaskRow]:
    """The open tasks of the own bodies, or of a region those that still ask something of it; the oldest first."""
    wanted: list[dict[str, str]] = [{"body": body} for body in bodies(visit.office)]
    role, _, code = visit.office.partition(":")
    if role == "region":
        wanted = [{}]
    # Of what a gap of the law gives to another body a Governor is told, and says that he was.
    informed = (
        visit.read("supervision", "/tasks", duty="oversight", open="true", province=code, limit=ROWS)["items"]
        if role == "governor"
        else []
    )
    found = [one for one in informed if one["occasion"] == HOME_GOVERNORS and code in one["remaining"]]
    found += [
        task
        for one in wanted
        for status in OPEN
        for task in visit.read("supervision", "/tasks", status=status, limit=ROWS, **one)["items"]
        if role != "region" or (code in task["remaining"] and task["occasion"] != HOME_GOVERNORS)
    ]
    return sorted((task_row(visit.names, one) for one in found), key=lambda one: one.due_on)


def _cooperations(visit: Visit) -> list[dict[str, Any]]:
    """The cooperations of the own province, or those with the name of the own region, for names in the lists."""
    role, _, code = visit.office.partition(":")
    wanted: dict[str, str] = {}
    if role in {"tkksd", "governor"}:
        wanted = {"province": code}
    elif role == "region":
        wanted = {"q": visit.names.regions.names([code])}
    else:
        return []
    items: list[dict[str, Any]] = visit.read("reporting", "/cooperations", limit=COOPERATIONS, **wanted)["items"]
    return items


def _is_party(visit: Visit, cooperation: dict[str, Any]) -> bool:
    return visit.office.partition(":")[2] in cooperation["parties"]


def _entries(visit: Visit) -> list[dict[str, Any]]:
    """The facts that this office has to verify, or to mend."""
    role = visit.office.partition(":")[0]
    if role not in {"tkksd", "governor", "joint_secretariat", "region"}:
        return []
    query = {"body": visit.office} if role == "joint_secretariat" else {}
    items: list[dict[str, Any]] = visit.read("reporting", "/verification", limit=ROWS, **query)["items"]
    return [one for one in items if role != "region" or one["status"] == "returned"]


def _awaited(visit: Visit, cooperations: list[dict[str, Any]]) -> list[Awaited]:
    """The acts that wait for the confirmation of the own region."""
    role, _, code = visit.office.partition(":")
    if role != "region":
        return []
    found = []
    for one in [one for one in cooperations if one["status"] in {"proposed", "running"}][:ASKED]:
        try:
            pending = visit.read("registry", f"/cooperations/{one['cooperation_id']}")["pending"]
        except Problem:
            continue
        found += [
            Awaited(act["act"], act["proposer"], act["expires_on"], one) for act in pending if code in act["awaiting"]
        ]
    return found
