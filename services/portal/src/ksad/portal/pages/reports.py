"""The reports that an office owes, gets or may read; ordering one; and how far the order is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.chain import DONE, OWED, STATES, kinds_of, recent, rows
from ksad.portal.form_keys import KEY
from ksad.portal.guarding import sent_from_here
from ksad.portal.naming import REPORTS
from ksad.portal.offers import bodies
from ksad.portal.visits import Officer, Posted, officer
from ksad.portal.work import LATE

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

PAGE = 500
PAGES_MAX = 10
OPEN = {"waiting", "compiling", "printing"}
AGAIN_SECONDS = "3"
"""How often a browser asks again how far a compilation is."""


def router() -> Router:
    """The routes of the list of reports."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/laporan", response_class=Response)
    def get_reports(visit: Officer) -> Response:
        """The reports that are owed, on their way, and accepted, as far as the office may read them."""
        reports = every(visit, "reporting", "/reports")
        found = rows(visit.names.today, reports, _duties(visit))
        own, mine = visit.office, kinds_of(visit.office)
        undone = [one for one in found if one.state != DONE]
        decide = [one for one in undone if one.state == "submitted" and one.addressee == own]
        write = [one for one in undone if one.office == own and one.state != "submitted"]
        return visit.page(
            "reports.html",
            decide=decide,
            write=write,
            others=[one for one in undone if one not in decide and one not in write],
            accepted=[one for one in reversed(found) if one.state == DONE],
            late=[one for one in undone if one.look == LATE],
            states=STATES,
            kinds=[(kind, REPORTS[kind]) for kind in mine],
            periods=[(one, visit.names.period(one)) for one in recent(visit.names)],
            key=visit.form_key("/laporan/susun"),
        )

    @routes.post("/laporan/susun", response_class=Response, dependencies=[Depends(sent_from_here)])
    def order_report(visit: Officer, form: Posted) -> Response:
        """Orders that the office's own report of a period be compiled."""
        key = visit.check_key(str(form.get(KEY, "")))
        kind, period = str(form.get("jenis", "")), str(form.get("periode", ""))
        body = {"kind": kind, "office": visit.office, "period": period}
        accepted = visit.record("reporting", "/reports", key, body)
        return RedirectResponse(f"/laporan/penyusunan/{accepted['compilation_id']}", 303)

    @routes.get("/laporan/penyusunan/{penyusunan}", response_class=Response)
    def get_order(visit: Officer, penyusunan: UUID) -> Response:
        """How far the compilation of a report is; once it is done, the report."""
        found = visit.read("reporting", f"/reports/compilations/{penyusunan}")
        if found["report"] is not None:
            return RedirectResponse(f"/laporan/{found['report']['report_id']}?tercatat=disusun", 303)
        answer = visit.page("compilation.html", order=found, open=found["state"] in OPEN)
        if found["state"] in OPEN:
            answer.headers["Refresh"] = AGAIN_SECONDS
        return answer

    return routes


def every(visit: Visit, service: str, path: str, **query: object) -> list[dict[str, Any]]:
    """All items of a list, page after page.

    :raises Problem: the service refused; or there are more pages than a person could read.
    """
    found: list[dict[str, Any]] = []
    after = None
    for _ in range(PAGES_MAX):
        page = visit.read(service, path, limit=PAGE, after=after, **query)
        found += page["items"]
        after = page["next"]
        if after is None:
            return found
    detail = "Daftar ini terlalu panjang untuk satu halaman. Persempit dengan saringan, atau pakai ekspor."
    raise Problem(RefusalKind.INVALID, "list-readable", detail)


def _duties(visit: Visit) -> list[dict[str, Any]]:
    """The duties to report that concern an office: of its own bodies, or all for whoever reads all."""
    role = visit.office.partition(":")[0]
    own: list[dict[str, str]] = [{"body": body} for body in bodies(visit.office)]
    wanted = own if role in {"governor", "tkksd"} else [{}]
    return [task for duty in OWED for one in wanted for task in every(visit, "supervision", "/tasks", duty=duty, **one)]
