"""The first page of an officer: what is late, what is due, and what waits for this office's word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import Depends, Response

from ksad.chassis.requests import Router
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.portal.offers import bodies
from ksad.portal.visits import Officer, officer
from ksad.portal.work import LATE, task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

ROWS = 100
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
        listed = _tasks(visit)
        tasks = [task_row(visit.names, one) for one in listed]
        named = [one for one in listed if one["cooperation_id"] is not None]
        found = {one["cooperation_id"]: {"key": one["key"], "title": one["title"]} for one in named}
        mine = visit.read("reporting", "/cooperations", mine=True, counts=True, limit=1)["counts"]
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
            awaited=_awaited(visit),
            cooperations=found,
            drafts=[(one, visit.moment(one.saved)) for one in visit.parts.drafts.of(visit.office)],
            own=mine["total"],
            assigns=bool(tasks) and bool(bodies(visit.office)),
            role=visit.office.partition(":")[0],
        )

    return routes


def _tasks(visit: Visit) -> list[dict[str, Any]]:
    """The open tasks that the own bodies owe, or that still ask something of the own region; the oldest first."""
    role, _, code = visit.office.partition(":")
    mine = visit.read("supervision", "/tasks", mine=True, open=True, limit=ROWS)["items"]
    found = [one for one in mine if role != "region" or one["occasion"] != HOME_GOVERNORS]
    if role == "governor":
        # Of what a gap of the law gives to another body a Governor is told, and says that he was.
        told = visit.read("supervision", "/tasks", duty="oversight", open=True, province=code, limit=ROWS)["items"]
        known = {one["task_id"] for one in found}
        found += [
            one
            for one in told
            if one["occasion"] == HOME_GOVERNORS and code in one["remaining"] and one["task_id"] not in known
        ]
    return sorted(found, key=lambda one: str(one["due_on"]))


def _entries(visit: Visit) -> list[dict[str, Any]]:
    """The facts that this office has to verify, or to mend."""
    role = visit.office.partition(":")[0]
    if role not in {"tkksd", "governor", "joint_secretariat", "region"}:
        return []
    query = {"body": visit.office} if role == "joint_secretariat" else {}
    items: list[dict[str, Any]] = visit.read("reporting", "/verification", limit=ROWS, **query)["items"]
    return [one for one in items if role != "region" or one["status"] == "returned"]


def _awaited(visit: Visit) -> list[Awaited]:
    """The acts that wait for the confirmation of the own region."""
    role, _, code = visit.office.partition(":")
    if role != "region":
        return []
    items = visit.read("reporting", "/cooperations", mine=True, awaiting=True, limit=ROWS)["items"]
    return [
        Awaited(act["act"], act["proposer"], act["expires_on"], one)
        for one in items
        for act in one["pending"]
        if code in act["awaiting"]
    ]
