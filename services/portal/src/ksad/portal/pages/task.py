"""One task: the words of the law, why it is owed, by when, and what closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.access import reporting
from ksad.contracts.catalogue import declaration_of
from ksad.contracts.corrections import correctable
from ksad.contracts.identifiers import report_id
from ksad.contracts.rules import RefusalKind
from ksad.portal.chain import OWED
from ksad.portal.languages import noted
from ksad.portal.offers import on_task
from ksad.portal.telling import sentence_of
from ksad.portal.visits import Officer, download_of, file_names, officer
from ksad.portal.work import task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

BASES = {
    "text": "",
    "policy": noted("Kebijakan; tidak tertulis dalam peraturan."),
    "inference": noted("Penafsiran atas pasal tersebut."),
    "memory": noted("Perlu dicocokkan dengan naskah peraturannya."),
}
"""How certain a rule is, by its basis."""
CLOSINGS = {
    "reached_every_party": noted("Setiap pihak sudah menerimanya, atau menyatakan tidak memerlukannya."),
    "acknowledged_by_every_party": noted("Setiap pihak mengonfirmasi pengingat."),
}
"""What closes a task, where it is more than recording that it was done."""


def router() -> Router:
    """The routes of a task."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/tugas/{tugas}", response_class=Response)
    def get_task(
        visit: Officer, tugas: UUID, tercatat: Annotated[Literal["berlaku"] | None, Query()] = None
    ) -> Response:
        """A task, as far as the officer's office may see it."""
        task = visit.read("supervision", f"/tasks/{tugas}")
        files = file_names(visit, "supervision", f"/tasks/{tugas}")
        return visit.page("task.html", recorded=tercatat is not None, files=files, **model(visit, task))

    @routes.get("/tugas/{tugas}/dokumen/{sha256}", response_class=Response)
    def get_task_document(visit: Officer, tugas: UUID, sha256: str) -> Response:
        """A document of a task, as a download that no browser displays."""
        return download_of(visit, "supervision", f"/tasks/{tugas}/documents/{quote(sha256, safe='')}")

    return routes


def model(visit: Visit, task: dict[str, Any]) -> dict[str, Any]:
    """What the page of a task shows."""
    about = task["cooperation_id"]
    closing = task["rests_on"]["closing"]
    return {
        "task": task,
        "row": task_row(visit.names, task),
        "cooperation": visit.read("registry", f"/cooperations/{about}") if about else None,
        "closes": CLOSINGS.get(closing["kind"], noted("Hasilnya dicatat di sini oleh badan yang melaksanakan.")),
        "bases": BASES,
        "offered": on_task(visit.office, task),
        "mended": _own(visit, task),
        "report": _report(visit, task),
    }


def _own(visit: Visit, task: dict[str, Any]) -> list[dict[str, Any]]:
    """What an office recorded of its own task and may correct, each event with its sentence."""
    if task["body"] != visit.office:
        return []
    events = visit.read("supervision", f"/tasks/{task['task_id']}/events")["items"]
    return [
        {"event": one["id"], "on": one["occurredon"], "sentence": sentence_of(visit.names, one)}
        for one in events
        if one["actoroffice"] == visit.office and correctable(declaration_of(one["type"]))
    ]


def _report(visit: Visit, task: dict[str, Any]) -> str | None:
    """The address of the report that a duty to report asks for; the list, where it is not begun yet."""
    if task["duty"] not in OWED or not reporting.TABLE.grants_for(visit.office, "read-report"):
        return None
    identity = report_id(task["duty"], task["body"], task["period"])
    try:
        visit.read("reporting", f"/reports/{identity}")
    except Problem as problem:
        if problem.kind not in {RefusalKind.UNKNOWN, RefusalKind.FORBIDDEN}:
            raise
        return "/laporan" if problem.kind is RefusalKind.UNKNOWN else None
    return f"/laporan/{identity}"
