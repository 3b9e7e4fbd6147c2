"""What the caller's office may do with a cooperation: the route, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict

from ksad.chassis.auth import Caller
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.waiting import require_current
from ksad.contracts.rules import RefusalKind
from ksad.registry.domain.affording import may
from ksad.registry.parts import Running

if TYPE_CHECKING:
    from ksad.registry.domain.affording import Affordance

Reader = Annotated[Caller, Depends(require_current("read"))]


class ForbiddenAct(BaseModel, title="ForbiddenAct"):
    """Why an act is not possible now: the rule, its clause, and the sentence that a request would be answered with."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    clause: str | None
    detail: str


class PossibleAct(BaseModel, title="PossibleAct"):
    """An act, the command of the same name. ``about`` are the choices that it can be done with, as its fields."""

    model_config = ConfigDict(extra="forbid")

    act: str
    allowed: bool
    about: list[dict[str, Any]]
    refusal: ForbiddenAct | None


class PossibleActs(BaseModel, title="PossibleActs"):
    """What the caller's office may do with a cooperation in one version of it."""

    model_config = ConfigDict(extra="forbid")

    version: int
    acts: list[PossibleAct]


def _told(one: Affordance) -> PossibleAct:
    refusal = None
    if one.refusal is not None:
        refusal = ForbiddenAct(rule=one.refusal.rule, clause=one.refusal.clause, detail=one.refusal.detail)
    return PossibleAct(act=one.act, allowed=one.allowed, about=list(one.about), refusal=refusal)


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
            detail = f"Kerja sama {cooperation_id} belum terdaftar."
            raise Problem(RefusalKind.UNKNOWN, "cooperation-known", detail)
        response.headers["ETag"] = f'"{version}"'
        acts = may(caller.office, state, parts.registry.today())
        return PossibleActs(version=version, acts=[_told(one) for one in acts])

    return routes
