"""Who is signed in: the sessions of the own office, and for the operator those of all, each to be ended."""

from __future__ import annotations

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import sent_from_here
from ksad.portal.visits import Officer, Posted, Visit, officer

PATH = "/sesi"


def router() -> Router:
    """The routes of sessions."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get(PATH, response_class=Response)
    def get_sessions(visit: Officer) -> Response:
        """The sessions that live, with their beginning and when somebody was last there; no name of a person."""
        rows = [
            (one, visit.moment(one.started), visit.moment(one.seen), one.id == visit.session.id)
            for one in visit.parts.sessions.listed(_whose(visit))
        ]
        return visit.page("signed_in.html", rows=rows, form_key=visit.form_key(PATH))

    @routes.post(PATH, response_class=Response, dependencies=[Depends(sent_from_here)])
    def end_session(visit: Officer, form: Posted) -> Response:
        """Ends a session; whoever worked in it signs in again, and finds what was saved as a draft."""
        visit.check_key(str(form.get("kunci_formulir", "")))
        if not visit.parts.sessions.close_listed(str(form.get("sesi", "")), _whose(visit)):
            raise Problem(
                RefusalKind.UNKNOWN, "session-listed", "Sesi ini sudah berakhir, atau bukan sesi jabatan Anda."
            )
        return RedirectResponse(PATH, 303)

    return routes


def _whose(visit: Visit) -> str | None:
    """The office whose sessions are shown; None: those of all."""
    return None if visit.office == "operator" else visit.office
