"""How services answer what the caller's office may do with something, and which rules forbid the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.rules import Affordance


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
    """What the caller's office may do with something in one version of it."""

    model_config = ConfigDict(extra="forbid")

    version: int
    acts: list[PossibleAct]


def possible_acts(version: int, acts: Iterable[Affordance]) -> PossibleActs:
    """The answer: each act with what it can be done with, or why it is not possible."""
    return PossibleActs(version=version, acts=[_told(one) for one in acts])


def _told(one: Affordance) -> PossibleAct:
    refusal = None
    if one.refusal is not None:
        refusal = ForbiddenAct(rule=one.refusal.rule, clause=one.refusal.clause, detail=one.refusal.detail)
    return PossibleAct(act=one.act, allowed=one.allowed, about=list(one.about), refusal=refusal)
