"""The parts of a legal profile. Each has a source (where it comes from) and a basis (how certain it is)."""

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
    """What a value is based on: words of the law, an interpretation, recollection, or the operator's choice.

    A value based on memory is never shown as law without the mark "perlu diverifikasi" (to be verified).
    """

    TEXT = "text"
    INFERENCE = "inference"
    MEMORY = "memory"
    POLICY = "policy"


class Value(BaseModel):
    """A part of a profile. Immutable; an unknown field is refused, because in a file it is a misspelling."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sourced(Value):
    """A part with its source, as a citation, and its basis."""

    source: Words
    basis: Basis


class Clause(Value):
    """An article, paragraph, letter or number of the regulation, with its words verbatim."""

    id: Words
    text: Words

    @property
    def parent(self) -> str | None:
        """The id of the clause that contains this one: ``P6.d.4`` for ``P6.d.4.a``, ``P9`` for ``P9(2)``."""
        if self.id.endswith(")"):
            return self.id.partition("(")[0]
        return self.id.rpartition(".")[0] or None


class Regulation(Sourced):
    """A law or regulation. ``cited`` is its short citation, ``standing`` a remark on whether it is still in force."""

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
    """A stage of Pasal 4. Its name is the text of the clause."""

    stage: Stage
    clause: Words


class Milestone(StrEnum):
    """The instrument that must have been signed before a transition."""

    NONE = "none"
    ACCORD_SIGNED = "accord_signed"
    AGREEMENT_SIGNED = "agreement_signed"


class Transition(Sourced):
    """An allowed transition between stages: on the normal path if ``normal``, else a return to an earlier stage."""

    leaving: Stage
    entering: Stage
    after: Milestone
    normal: bool
    says: Words


class ProcedureStep(Sourced):
    """A step of the procedure in later or related regulations, and the stage that it belongs to."""

    name: Words
    stage: Stage


class SupervisingBody(Sourced):
    """The supervising body of a tier (Pasal 5, Pasal 9): who establishes it by which decision, its seat and members.

    Members are offices, not persons. ``seat_today`` is the present name of the seat if it has changed.
    """

    tier: Tier
    name: Words
    established_by: Words
    decision: Words
    seat: Words
    members: Annotated[tuple[Words, ...], Field(min_length=1)]
    seat_today: Words | None = None


class Renaming(Sourced):
    """The present name of an office that the regulation names."""

    then: Words
    now: Words


class Ground(Sourced):
    """The legal ground of a row of the jurisdiction table, from ``since`` on; ``None`` means always."""

    since: date | None = None
    clause: Words
    says: Words


class JurisdictionRule(Value):
    """A row (T1 to T9) of the jurisdiction table: the tier, and the grounds for supervision and dispute forum."""

    row: Annotated[str, StringConstraints(pattern=r"^T[1-9]$")]
    tier: Tier
    gap_filled: bool
    supervision: Annotated[tuple[Ground, ...], Field(min_length=1)]
    forum: Annotated[tuple[Ground, ...], Field(min_length=1)]

    @staticmethod
    def ground(grounds: tuple[Ground, ...], on: date) -> Ground:
        """The most recent of several grounds that holds on a day."""
        held = [ground for ground in grounds if ground.since is None or ground.since <= on]
        return max(held, key=lambda ground: ground.since or date.min)

    @model_validator(mode="after")
    def _always_grounded(self) -> JurisdictionRule:
        if any(all(ground.since for ground in grounds) for grounds in (self.supervision, self.forum)):
            raise ValueError("no ground holds before the first date; one of each must have no date")
        return self


class Finality(Sourced):
    """Whether a settlement is final and binding."""

    final: bool
    says: Words


class Escalation(Sourced):
    """A dispute that the Governor could not settle goes to the Minister."""

    says: Words


class DisputeRules(Value):
    """How disputes are settled: by deliberation first, then by the forum.

    Without ``escalation`` there is no way from the Governor to the Minister.
    """

    deliberation: Finality
    governor: Finality
    minister: Finality
    escalation: Escalation | None = None


class EndingGround(Sourced):
    """A ground on which a cooperation ends.

    ``early``: notice of it can be given before the planned end. ``open_items``: the cooperation may end although items
    of the termination checklist (d.4 a to f) are open, for the reason in ``open_items_because``.
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
            raise ValueError("open_items_because must be given if open_items is true, and only then")
        return self


class Categories(Sourced):
    """The categories that a cooperation may have; empty if the profile has no categories."""

    known: tuple[Category, ...]
    says: Words


class CouncilApproval(Sourced):
    """When the approval of the regional councils is needed, and at which point of the procedure."""

    position: Words
    says: Words


class Silence(Sourced):
    """A matter, such as a period, that the regulation does not settle."""

    about: Words
    says: Words


class LeadershipChange(Sourced):
    """Whether a change of the regional head ends the cooperation."""

    ends: bool
    says: Words
