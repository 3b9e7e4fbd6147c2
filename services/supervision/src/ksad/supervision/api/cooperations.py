"""Routes on who supervises a cooperation, and on supervising bodies and their tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Depends

from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.waiting import require_current
from ksad.contracts.law import workbook
from ksad.contracts.rules import RefusalKind
from ksad.supervision.api import answering
from ksad.supervision.domain import settling
from ksad.supervision.parts import Running
from ksad.supervision.queries import Queries

if TYPE_CHECKING:
    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.case import Case, Resolution
    from ksad.supervision.domain.reference import Reference

GROUND = ("forum_clause", "forum_basis", "forum_says")
"""Why that office settles disputes; null in resolutions from before it was recorded."""
FIELDS = ("tier", "supervising_body", "dispute_forum", "basis", "gap_filled", "informed")


def router() -> Router:
    """The routes of cooperations and bodies."""
    routes = Router(tags=["cooperations"], dependencies=[Depends(require_current("read"))])

    @routes.get("/cooperations/{cooperation_id}", **answers(answering.SupervisionResponse))
    def get_cooperation(parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """Who supervises a cooperation and settles its disputes, on which basis, and all earlier resolutions.

        404 if it is unknown or was not processed yet.
        """
        with parts.database.read() as connection:
            case = Queries(connection).case(cooperation_id)
            reference = parts.reference_cache.reference(connection)
        if case is None or case.resolution is None or reference is None:
            raise Problem(RefusalKind.UNKNOWN, "cooperation-known", "Kerja sama ini tidak ada atau belum diproses.")
        return {
            "cooperation_id": str(case.id),
            **_fields(case.resolution),
            "law": _law(case.profile, reference),
            "resolutions": [{"from": one.holds_from.isoformat(), **_fields(one)} for one in case.resolutions],
            "agreements": {
                key: [{"from": one.holds_from.isoformat(), **_fields(one)} for one in found]
                for key, found in case.agreement_resolutions.items()
            },
            "settlements": {key: _settlement(case, key, one, reference) for key, one in case.parts.settling.items()},
        }

    @routes.get("/bodies")
    def list_bodies(parts: Running) -> dict[str, Any]:
        """The offices that supervise, have tasks or were established: cooperations, tasks by status, and the
        decision.
        """
        with parts.database.read() as connection:
            return {"items": Queries(connection).bodies()}

    return routes


def _settlement(case: Case, key: str, one: Agreement, reference: Reference) -> dict[str, Any]:
    """How many proofs of an ended agreement's settlement are open, and since when they are late."""
    profile = reference.law.profile(one.profile or case.profile)
    late = settling.late_from(one, reference)
    return {
        "ended_on": None if one.ended is None else one.ended.on.isoformat(),
        "open": len(workbook.open_slots(one, profile.checklist)),
        "matters": len(case.parts.open_matters(key)),
        "late_from": None if late is None else late.isoformat(),
    }


def _law(name: str, reference: Reference) -> dict[str, str]:
    """The bound profile and its legal status, with how certain the status is."""
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
    return {name: values[name] for name in (*FIELDS, "clause", "row", "parties", *GROUND)}
