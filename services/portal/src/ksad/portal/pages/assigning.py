"""Several tasks at once for one officer: the open tasks of the own bodies, of which some are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.access import supervision
from ksad.contracts.rules import RefusalKind
from ksad.portal.forms.cards import acts
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import SaidRefusal
from ksad.portal.offers import bodies
from ksad.portal.visits import Officer, Posted, officer
from ksad.portal.work import task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

ADDRESS = "/serahkan"
ROWS = 200


def router() -> Router:
    """The routes of assigning."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get(ADDRESS, response_class=Response)
    def get_assigning(visit: Officer) -> Response:
        """The open tasks of the own bodies, to assign several of them to one officer."""
        return _page(visit, {}, [], None)

    @routes.post(ADDRESS, response_class=Response, dependencies=[Depends(sent_from_here)])
    def assign(visit: Officer, form: Posted) -> Response:
        """Assigns the chosen tasks; those that were refused stay chosen, each with the reason."""
        key = visit.check_key(str(form.get("kunci_formulir", "")))
        assignee, chosen = str(form.get("petugas", "")).strip(), [str(one) for one in form.getlist("tugas")]
        known = {one["task_id"] for one in _tasks(visit)}
        refused: dict[str, SaidRefusal] = {}
        for task in [one for one in chosen if one in known]:
            try:
                # Pressed again, each is answered from the record of its own key.
                visit.record("supervision", f"/tasks/{task}/assign", f"{key}.{task}", {"assignee": assignee})
            except Problem as problem:
                if problem.kind is RefusalKind.UNIDENTIFIED:
                    raise
                refused[task] = SaidRefusal(problem.detail, problem.rule)
        if refused or not chosen:
            return _page(visit, refused, list(refused), assignee, nothing=not chosen)
        return RedirectResponse(f"{ADDRESS}?tercatat=berlaku", 303)

    return routes


def _tasks(visit: Visit) -> list[dict[str, Any]]:
    """The open tasks that the own bodies owe.

    :raises Problem: 403, the office assigns none.
    """
    if not bodies(visit.office) or not supervision.TABLE.grants_for(visit.office, "assign"):
        raise Problem(RefusalKind.FORBIDDEN, "office-may", "Jabatan Anda tidak menyerahkan tugas kepada petugas.")
    items: list[dict[str, Any]] = visit.read("supervision", "/tasks", mine=True, open=True, limit=ROWS)["items"]
    return [one for one in items if one["body"] in bodies(visit.office)]


def _page(
    visit: Visit, refused: dict[str, SaidRefusal], chosen: list[str], assignee: str | None, *, nothing: bool = False
) -> Response:
    listed = _tasks(visit)
    return visit.page(
        "assigning.html",
        422 if refused or nothing else 200,
        rows=[(task_row(visit.names, one), one) for one in listed],
        refused=refused,
        chosen=chosen,
        nothing=nothing,
        assignee=assignee or "",
        field=next(one for one in acts()["assign"].fields if one.name == "assignee"),
        recorded=visit.request.query_params.get("tercatat") == "berlaku",
        key=visit.form_key(ADDRESS),
    )
