"""The termination workbook of an agreement: which proofs of d.4 there are, which are missing, and the sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi import Depends, Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.forms.cards import acts
from ksad.portal.languages import noted
from ksad.portal.naming import instrument_titles
from ksad.portal.offers import on_cooperation
from ksad.portal.visits import Officer, officer

if TYPE_CHECKING:
    from ksad.contracts.law.duties import ChecklistItem
    from ksad.portal.forms.cards import ActCard
    from ksad.portal.visits import Visit

FORMS = {"a": "inventory-goods", "b": "list-obligations", "c": "divide"}
COMPLETING, ADDING = "complete-termination-item", "add-termination-item"
STATES = {
    "open": ("late", noted("belum ada")),
    "closed": ("done", noted("ada")),
    "nihil": ("done", noted("nihil")),
    "plain": ("done", noted("dinyatakan selesai tanpa rincian")),
}
"""How a proof stands: the colour of its tag, and its word."""
KINDS = {"movable": noted("bergerak"), "immovable": noted("tidak bergerak")}
ELSEWHERE = {"sold": noted("dijual"), "carried": noted("diteruskan ke perjanjian penggantinya")}


class Section(NamedTuple):
    """An item: what the law says, how many of its proofs are open, and the form that records the next one."""

    item: ChecklistItem
    clause: str | None
    slots: list[dict[str, Any]]
    missing: int
    form: str | None
    card: ActCard | None


def router() -> Router:
    """The route of the workbook."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/kerja-sama/{kunci}/pengakhiran/{perjanjian}", response_class=Response)
    def get_workbook(visit: Officer, kunci: str, perjanjian: str) -> Response:
        """The termination workbook of an agreement, for its participants and the supervising side."""
        now = visit.read("registry", "/cooperations", key=kunci)
        book = (now.get("settlements") or {}).get(perjanjian)
        if book is None:
            detail = "Perjanjian ini tidak ada, atau lembar kerjanya hanya untuk para pihak dan pembinanya."
            raise Problem(RefusalKind.UNKNOWN, "workbook-seen", detail)
        possible = visit.read("registry", f"/cooperations/{now['cooperation_id']}/may")["acts"]
        offered = on_cooperation(visit.office, possible).allowed
        return visit.page(
            "workbook.html",
            now=now,
            book=book,
            title=instrument_titles(visit.names, now)["agreement"][perjanjian],
            agreement=now["agreements"][perjanjian],
            sections=_sections(visit, now, book, offered),
            adding=offered.get(ADDING),
            columns=list(dict.fromkeys((one["item"], one["proof"]) for one in book["slots"])),
            by_place={(one["region"], one["item"], one["proof"]): one for one in book["slots"]},
            states=STATES,
            proofs=next(one.options for one in acts()[COMPLETING].fields if one.name == "proof"),
            kinds=KINDS,
            elsewhere=ELSEWHERE,
        )

    return routes


def _sections(visit: Visit, now: dict[str, Any], book: dict[str, Any], offered: dict[str, ActCard]) -> list[Section]:
    """The items of the law that the cooperation is bound to, in its order."""
    profile = visit.parts.lookups.law(visit.credential).profile(now["profile"])
    tier = visit.read("supervision", f"/cooperations/{now['cooperation_id']}")["tier"]
    found = []
    for item in profile.checklist.items:
        slots = [one for one in book["slots"] if one["item"] == item.key]
        form = FORMS.get(item.key, COMPLETING)
        open_ = sum(one["state"] == "open" for one in slots)
        card = offered.get(form)
        found.append(Section(item, item.id(tier), slots, open_, form if card else None, card))
    return found
