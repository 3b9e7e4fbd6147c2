"""How services answer what the caller's office may do with something, and which rules forbid the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.access import AccessTable, Role
    from ksad.contracts.rules import Affordance, RuleBrokenError


class ForbiddenAct(BaseModel, title="ForbiddenAct"):
    """Why an act is not possible now: the rule, its clause, and the sentence that a request would be answered with.

    ``policy``: the rule is the platform's, and the clause is what it serves.
    """

    model_config = ConfigDict(extra="forbid")

    rule: str
    clause: str | None
    policy: bool
    detail: str


class PossibleAct(BaseModel, title="PossibleAct"):
    """An act, the command of the same name. ``about`` are the choices that it can be done with, as its fields."""

    model_config = ConfigDict(extra="forbid")

    act: str
    allowed: bool
    about: list[dict[str, Any]]
    refusal: ForbiddenAct | None


class PossibleActs(BaseModel, title="PossibleActs"):
    """What the caller's office may do with something in one version of it."""

    model_config = ConfigDict(extra="forbid")

    version: int
    acts: list[PossibleAct]


def possible_acts(version: int, acts: Iterable[Affordance], role: Role, policy: AccessTable) -> PossibleActs:
    """The answer: each act with what it can be done with, or why it is not possible, or to an officer of this role."""
    return PossibleActs(version=version, acts=[_told(one, policy.role_refusal(role, one.act)) for one in acts])


def _told(one: Affordance, of_role: RuleBrokenError | None) -> PossibleAct:
    broken = one.refusal or of_role
    refusal = None
    if broken is not None:
        refusal = ForbiddenAct(rule=broken.rule, clause=broken.clause, policy=broken.policy, detail=broken.detail)
    about = list(one.about) if broken is None else []
    return PossibleAct(act=one.act, allowed=broken is None, about=about, refusal=refusal)
