"""The page of a reminder, to which a mail leads; that its office opens it is recorded when the officer says so there.

Only the button records, and never the link: mail servers and browsers follow links by themselves, and what a machine
has opened is no evidence that an office knew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Depends, Response
from fastapi.responses import RedirectResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.access import Role
from ksad.contracts.supervision import ReminderKind
from ksad.portal.form_keys import KEY
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import noted
from ksad.portal.visits import Officer, Posted, officer
from ksad.portal.work import task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

TITLES = {
    ReminderKind.END: noted("Pengingat: persiapan pengakhiran"),
    ReminderKind.ASSIGNED: noted("Pengingat: tugas diserahkan kepada petugas"),
    ReminderKind.LATE: noted("Pengingat: tugas terlambat"),
}
"""What each kind of reminder is called."""
DONE = "opened-once"


def router() -> Router:
    """The routes of a reminder."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/tugas/{tugas}/pengingat/{jenis}", response_class=Response)
    def get_reminder(visit: Officer, tugas: UUID, jenis: ReminderKind) -> Response:
        """A reminder of a task, and the button by which its office opens it."""
        task = visit.read("supervision", f"/tasks/{tugas}")
        opened = [one for one in task["opened"] if (one["office"], one["reminder"]) == (visit.office, jenis)]
        about = task["cooperation_id"]
        return visit.page(
            "reminder.html",
            title=TITLES[jenis],
            task=task,
            row=task_row(visit.names, task),
            cooperation=visit.read("registry", f"/cooperations/{about}") if about else None,
            opened=opened[0]["on"] if opened else None,
            reads_only=visit.held.get(visit.office) is Role.READER,
            key=visit.form_key(visit.request.url.path),
        )

    @routes.post("/tugas/{tugas}/pengingat/{jenis}", response_class=Response, dependencies=[Depends(sent_from_here)])
    def open_reminder(visit: Officer, form: Posted, tugas: UUID, jenis: ReminderKind) -> Response:
        """Records that the office has opened the reminder, once; the page of the task follows."""
        _record(visit, visit.check_key(str(form.get(KEY, ""))), tugas, jenis)
        return RedirectResponse(f"/tugas/{tugas}?tercatat=berlaku", 303)

    return routes


def _record(visit: Visit, key: str, task: UUID, reminder: ReminderKind) -> None:
    try:
        visit.record("supervision", f"/tasks/{task}/open-reminder", key, {"reminder": reminder.value})
    except Problem as problem:
        # A colleague of the same office was there before: it is recorded, which is all that the button says.
        if problem.rule != DONE:
            raise
