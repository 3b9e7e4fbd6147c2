"""A cooperation as it was at the end of a day, beside how it is today."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.naming import INSTRUMENT_STATES, STATUSES
from ksad.portal.visits import Officer, officer


def router() -> Router:
    """The routes of a day."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/kerja-sama/{kunci}/per", response_class=Response)
    def choose_day(
        kunci: str,
        tanggal: Annotated[int, Query(ge=1, le=31)],
        bulan: Annotated[int, Query(ge=1, le=12)],
        tahun: Annotated[int, Query(ge=1945, le=2200)],
    ) -> Response:
        """Leads to the cooperation on the day that was typed in."""
        try:
            day = date(tahun, bulan, tanggal)
        except ValueError as error:
            detail = "Tanggal itu tidak ada dalam kalender. Periksa tanggal dan bulannya."
            raise Problem(RefusalKind.INVALID, "day-readable", detail) from error
        return RedirectResponse(f"/kerja-sama/{kunci}/per/{day.isoformat()}", 303)

    @routes.get("/kerja-sama/{kunci}/per/{hari}", response_class=Response)
    def get_day(visit: Officer, kunci: str, hari: Annotated[date, Path()]) -> Response:
        """A cooperation as it was at the end of a day, with all corrections that are known now."""
        today = visit.read("registry", "/cooperations", key=kunci)
        path = f"/cooperations/{today['cooperation_id']}"
        then = visit.read("reporting", f"{path}/as-of/{hari.isoformat()}")
        now = visit.read("reporting", f"{path}/as-of/{visit.names.today.isoformat()}")
        return visit.page("on_day.html", then=then, now=now, day=hari, statuses=STATUSES, states=INSTRUMENT_STATES)

    return routes
