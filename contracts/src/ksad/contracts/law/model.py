"""The parts of a legal profile. Each has a source (where it comes from) and a basis (how certain it is)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ksad.contracts.identifiers import Key
from ksad.contracts.registry import Stage
from ksad.contracts.strict import Day, Strict
from ksad.contracts.supervision import Tier

Words = Annotated[str, StringConstraints(min_length=1)]


class Basis(StrEnum):
    """What a value is based on: words of the law, an interpretation, recollection, or a choice by policy.

    A value based on memory is never shown as law without the mark "perlu diverifikasi" (to be verified).
    """

    TEXT = "text"
    INFERENCE = "inference"
    MEMORY = "memory"
    POLICY = "policy"


class Value(Strict):
    """A part of a profile. Immutable; an unknown field is refused, because in a file it is a misspelling."""


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


class SupervisingBody(Sourced):
    """The supervising body of a tier (Pasal 5, Pasal 9): who establishes it by which decision, its seat and members.

    Members are offices, not persons.
    """

    tier: Tier
    name: Words
    established_by: Words
    decision: Words
    seat: Words
    members: Annotated[tuple[Words, ...], Field(min_length=1)]


class Renaming(Sourced):
    """The present name of an office, instrument or cooperation that the regulation names."""

    then: Words
    now: Words


class Dated(Value):
    """What a statute set from ``since`` on, for every cooperation; ``None`` means always."""

    since: Day | None = None


DatedRule = TypeVar("DatedRule", bound=Dated)


def holding(rules: Iterable[DatedRule], on: date) -> DatedRule | None:
    """The newest of several dated rules that holds on a day; ``None`` if none had begun."""
    begun = [rule for rule in rules if rule.since is None or rule.since <= on]
    return max(begun, key=lambda rule: rule.since or date.min, default=None)


class Amendment(Dated, Sourced):
    """How a regulation is cited from the day on which it was amended: "sebagaimana telah diubah dengan …"."""

    says: Words


class Regulation(Sourced):
    """A law or regulation, with the days from and until which it is in force; ``None`` where that is not known.

    ``cited`` is its short citation, ``standing`` how it stands by words of the law, ``reported`` what is only recalled
    of that. ``in_force_to`` is the first day on which it is in force no more.
    """

    id: Words
    cited: Words | None = None
    title: Words
    standing: Words | None = None
    reported: Words | None = None
    in_force_from: Day | None = None
    in_force_to: Day | None = None
    amended_by: tuple[Amendment, ...] = ()

    def citable(self, on: date) -> bool:
        """Whether an official letter of that day cites it: it is in force, and that is more than recalled."""
        begun = self.in_force_from is None or self.in_force_from <= on
        over = self.in_force_to is not None and self.in_force_to <= on
        return begun and not over and self.basis is not Basis.MEMORY

    def wording(self, on: date) -> str:
        """Its title as cited on a day, with its newest amendment, unless that is only recalled."""
        amendment = holding(self.amended_by, on)
        known = amendment is not None and amendment.basis is not Basis.MEMORY
        return f"{self.title} {amendment.says}" if amendment is not None and known else self.title


class Ground(Dated, Sourced):
    """The legal ground of a row of the jurisdiction table."""

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
        # One of them always holds: see _always_grounded.
        return holding(grounds, on) or grounds[0]

    @model_validator(mode="after")
    def _always_grounded(self) -> JurisdictionRule:
        if any(all(ground.since for ground in grounds) for grounds in (self.supervision, self.forum)):
            raise PydanticCustomError("ground_always", "no ground holds before the first date")
        return self


class Finality(Sourced):
    """Whether a settlement is final and binding."""

    final: bool
    says: Words


class Escalation(Sourced):
    """A dispute that the Governor could not settle goes to the Minister."""

    says: Words


class DisputeRules(Dated):
    """How disputes are settled: by deliberation first, then by the forum. The day of the act decides which hold.

    Without ``escalation`` nothing is known of a way from the Governor to the Minister.
    """

    deliberation: Finality
    governor: Finality
    minister: Finality
    escalation: Escalation | None = None


class Statute(Dated, Sourced):
    """A rule of a statute that holds for every cooperation, whatever profile it is bound to.

    ``categories``: a cooperation may be mandatory or voluntary, by the day of registering. ``council_approval``: an
    agreement needs the approval of the regional councils, by the day of signing. ``expiry``: the clause under which an
    agreement or accord ends with its term, by the day of the end. ``mandate``: who signs an agreement for the head of a
    region has a letter for it, by the day of signing. ``leadership_change``: another head ends nothing, by the day of
    the end.
    """

    key: Literal["categories", "council_approval", "expiry", "leadership_change", "mandate"]
    says: Words


class EndingGround(Sourced):
    """A ground on which a cooperation ends.

    ``early``: notice of it can be given before the planned end. ``open_items``: the cooperation may end although items
    of the termination checklist (d.4 a to f) are open, for the reason in ``open_items_because``. ``agreed``: it is
    that all parties agree, which none of them can say alone.
    """

    key: Key
    label: Words
    gloss: Words
    early: bool
    open_items: bool
    open_items_because: Words | None = None
    agreed: bool = False

    @model_validator(mode="after")
    def _explained(self) -> EndingGround:
        if self.open_items != (self.open_items_because is not None):
            raise PydanticCustomError("open_items_because", "given if open_items is true, and only then")
        return self


class Silence(Sourced):
    """A matter, such as a period, that the regulation does not settle."""

    about: Words
    says: Words
