"""Who supervises a cooperation, and which bodies owe what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter, Depends

from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.rules import RefusalKind
from ksad.supervision.api import answering
from ksad.supervision.parts import Running
from ksad.supervision.queries import Queries

if TYPE_CHECKING:
    from ksad.supervision.domain.case import Resolution
    from ksad.supervision.domain.reference import Reference

FIELDS = ("tier", "supervising_body", "dispute_forum", "basis", "gap_filled", "informed")


def router() -> APIRouter:
    """Routes of cooperations and bodies."""
    routes = APIRouter(tags=["cooperations"], dependencies=[Depends(require_current("read"))])

    @routes.get("/cooperations/{cooperation_id}", **answers(answering.SupervisionResponse))
    def get_cooperation(parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """Who supervises now and settles disputes, on which basis; and the past resolutions from when they held."""
        with parts.database.read() as connection:
            case = Queries(connection).case(cooperation_id)
            reference = parts.reference_cache.reference(connection)
        if case is None or case.resolution is None or reference is None:
            raise Problem(
                RefusalKind.UNKNOWN, "cooperation-known", f"Kerja sama {cooperation_id} tidak ada atau belum diproses."
            )
        return {
            "cooperation_id": str(case.id),
            **_fields(case.resolution),
            "law": _law(case.profile, reference),
            "resolutions": [{"from": one.holds_from.isoformat(), **_fields(one)} for one in case.resolutions],
        }

    @routes.get("/bodies")
    def list_bodies(parts: Running) -> dict[str, Any]:
        """Every office that supervises or owes a task, with what it owes by state; how it was established."""
        with parts.database.read() as connection:
            return {"items": Queries(connection).bodies()}

    return routes


def _law(name: str, reference: Reference) -> dict[str, str]:
    """The bound profile, and whether what it implements is still in force; where that is not certain it says so."""
    profile = reference.law.profile(name)
    return {
        "profile": name,
        "title": profile.title,
        "status": profile.status.label,
        "certainty": profile.status.certainty,
        "basis": profile.status.basis.value,
    }


def _fields(one: Resolution) -> dict[str, Any]:
    values = one.model_dump(mode="json")
    return {name: values[name] for name in (*FIELDS, "clause", "row", "parties")}
