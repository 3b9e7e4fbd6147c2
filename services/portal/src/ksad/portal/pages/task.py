"""One task: the words of the law, why it is owed, by when, and what closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Query, Response

from ksad.chassis.requests import Router
from ksad.portal.languages import noted
from ksad.portal.offers import on_task
from ksad.portal.visits import Officer, download_of, officer
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
        return visit.page("task.html", recorded=tercatat is not None, **model(visit, task))

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
    }
