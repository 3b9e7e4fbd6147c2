"""The values of a legal profile. Each says where it comes from and on what it stands."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ksad.contracts.identifiers import Key
from ksad.contracts.registry import Category, Stage
from ksad.contracts.supervision import Tier

Words = Annotated[str, StringConstraints(min_length=1)]


class Basis(StrEnum):
    """On what a value stands: words of the law, a reading of them, recollection, or the operator's choice.

    What stands on memory is never shown as law without the mark "perlu diverifikasi".
    """

    TEXT = "text"
    INFERENCE = "inference"
    MEMORY = "memory"
    POLICY = "policy"


class Value(BaseModel):
    """Frozen and closed: a word that the model does not know is a mistake in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Value):
    """A value with the place it comes from and its basis."""

    source: Words
    basis: Basis


class Clause(Value):
    """An article, paragraph, letter or number of the regulation with its verbatim words."""

    id: Words
    text: Words

    @property
    def parent(self) -> str | None:
        """The clause that this one is part of: of ``P6.d.4.a`` it is ``P6.d.4``, of ``P9(2)`` it is ``P9``."""
        if self.id.endswith(")"):
            return self.id.partition("(")[0]
        return self.id.rpartition(".")[0] or None


class Regulation(Sourced):
    """A law or regulation: how it is cited, and ``standing``, how it stands today where that is not plain."""

    id: Words
    cited: Words | None = None
    title: Words
    standing: Words | None = None


class LegalStatus(Sourced):
    """Whether the implemented regulation is still in force, and how certain that is."""

    state: Words
    certainty: Words
    label: Words


class StageRule(Sourced):
    """One stage of Pasal 4; its name is the clause's text."""

    stage: Stage
    clause: Words


class Milestone(StrEnum):
    """What must have been signed before a transition."""

    NONE = "none"
    ACCORD_SIGNED = "accord_signed"
    AGREEMENT_SIGNED = "agreement_signed"


class Transition(Sourced):
    """An allowed way from one stage to another. ``normal`` is the expected path, the others are allowed returns."""

    leaving: Stage
    entering: Stage
    after: Milestone
    normal: bool
    says: Words


class ProcedureStep(Sourced):
    """A step of later or neighbouring procedure, and the stage it falls into."""

    name: Words
    stage: Stage


class SupervisingBody(Sourced):
    """A supervising body of Pasal 5 or 9: who establishes it, by what, its seat, its members by office."""

    tier: Tier
    name: Words
    established_by: Words
    decision: Words
    seat: Words
    members: Annotated[tuple[Words, ...], Field(min_length=1)]
    seat_today: Words | None = None


class Renaming(Sourced):
    """What an office of the text is called today."""

    then: Words
    now: Words


class Ground(Sourced):
    """On what a row of the jurisdiction table stands, from a day on (``None``: since ever)."""

    since: date | None = None
    clause: Words
    says: Words


class JurisdictionRule(Value):
    """One row (T1 to T9) of the jurisdiction table: the tier, and the grounds for supervision and dispute forum."""

    row: Annotated[str, StringConstraints(pattern=r"^T[1-9]$")]
    tier: Tier
    gap_filled: bool
    supervision: Annotated[tuple[Ground, ...], Field(min_length=1)]
    forum: Annotated[tuple[Ground, ...], Field(min_length=1)]

    @staticmethod
    def ground(grounds: tuple[Ground, ...], on: date) -> Ground:
        """The latest ground that holds on a day."""
        held = [ground for ground in grounds if ground.since is None or ground.since <= on]
        return max(held, key=lambda ground: ground.since or date.min)

    @model_validator(mode="after")
    def _always_grounded(self) -> JurisdictionRule:
        if any(all(ground.since for ground in grounds) for grounds in (self.supervision, self.forum)):
            raise ValueError("no ground holds before the first date")
        return self


class Finality(Sourced):
    """Whether a forum's decision is final and binding."""

    final: bool
    says: Words


class Escalation(Sourced):
    """From the Governor, who could not settle a dispute, to the Minister."""

    says: Words


class DisputeRules(Value):
    """Deliberation comes first; then the forum decides. Without escalation the Governor's decision stands."""

    deliberation: Finality
    governor: Finality
    minister: Finality
    escalation: Escalation | None = None


class EndingGround(Sourced):
    """A ground on which a cooperation ends.

    ``early``: notice can be given for it before the planned end. ``open_items``: it may end with items of the checklist
    d.4 a to f open, with the reason kept; why stands in ``open_items_because``.
    """

    key: Key
    label: Words
    gloss: Words
    early: bool
    open_items: bool
    open_items_because: Words | None = None

    @model_validator(mode="after")
    def _explained(self) -> EndingGround:
        if self.open_items != (self.open_items_because is not None):
            raise ValueError("open_items needs its reason, and only it")
        return self


class Categories(Sourced):
    """The categories that a cooperation may have; empty where the profile knows none."""

    known: tuple[Category, ...]
    says: Words


class CouncilApproval(Sourced):
    """When regional councils approve, and where in the course of things."""

    position: Words
    says: Words


class Silence(Sourced):
    """What the law says of a period: in this regulation, that it sets none."""

    about: Words
    says: Words


class LeadershipChange(Sourced):
    """Whether a change of the regional head ends the cooperation."""

    ends: bool
    says: Words
