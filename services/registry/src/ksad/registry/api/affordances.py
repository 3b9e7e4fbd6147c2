"""What the caller's office may do with a cooperation: the route, and its answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from ksad.chassis.affordances import PossibleActs, possible_acts
from ksad.chassis.auth import Caller
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.waiting import require_current
from ksad.contracts.access.registry import TABLE
from ksad.contracts.rules import RefusalKind
from ksad.registry.domain.affording import may
from ksad.registry.parts import Running

Reader = Annotated[Caller, Depends(require_current("read"))]


def router() -> Router:
    """The route of affordances."""
    routes = Router(tags=["cooperations"])

    @routes.get("/cooperations/{cooperation_id}/may")
    def list_acts(response: Response, caller: Reader, parts: Running, cooperation_id: UUID) -> PossibleActs:
        """What the caller's office may do with a cooperation today; of each other act the rule that forbids it.

        An act is allowed where a command with valid fields would be taken; the rules are those that decide.
        """
        version, state = parts.registry.cooperation(f"cooperation/{cooperation_id}")
        if version == 0:
            detail = "Kerja sama ini belum terdaftar."
            raise Problem(RefusalKind.UNKNOWN, "cooperation-known", detail)
        response.headers["ETag"] = f'"{version}"'
        acts = may(caller.office, state, parts.registry.today())
        return possible_acts(version, acts, caller.role, TABLE)

    return routes
