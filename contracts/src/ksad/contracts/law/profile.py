"""A legal profile: the law that applies to a cooperation, as one immutable value with lookups."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property

from pydantic import Field

from ksad.contracts.identifiers import Key
from ksad.contracts.law.duties import Checklist, Closing, ClosingKind, Duty, Trigger, TriggerKind
from ksad.contracts.law.model import (
    Clause,
    DisputeRules,
    EndingGround,
    JurisdictionRule,
    LegalStatus,
    Milestone,
    Regulation,
    Renaming,
    Silence,
    StageRule,
    Statute,
    SupervisingBody,
    Transition,
    Value,
    Words,
    holding,
)
from ksad.contracts.registry import Stage
from ksad.contracts.strict import Day
from ksad.contracts.supervision import Tier


class Profile(Value):
    """The law that a cooperation is bound to. Lists are in the order of the file."""

    id: Key
    extends: Key | None = None
    title: Words
    valid_from: Day
    valid_to: Day | None = None
    status: LegalStatus
    instruments: tuple[Regulation, ...] = Field(min_length=1)
    stages: tuple[StageRule, ...] = Field(min_length=1)
    transitions: tuple[Transition, ...] = Field(min_length=1)
    bodies: tuple[SupervisingBody, ...]
    renamings: tuple[Renaming, ...] = ()
    jurisdiction: tuple[JurisdictionRule, ...] = Field(min_length=9, max_length=9)
    disputes: tuple[DisputeRules, ...] = Field(min_length=1)
    statutes: tuple[Statute, ...] = Field(min_length=1)
    endings: tuple[EndingGround, ...] = Field(min_length=1)
    silences: tuple[Silence, ...]
    triggers: dict[TriggerKind, Trigger]
    closings: dict[ClosingKind, Closing]
    duties: tuple[Duty, ...] = Field(min_length=1)
    checklist: Checklist
    sentences: dict[str, Words]

    @cached_property
    def clauses(self) -> dict[str, Clause]:
        """Every clause of the regulation by id, in the order of the articles.

        Its words come from ``sentences``, or from the duty or checklist item whose clause it is.
        """
        found = dict(self.sentences)
        for tier in Tier:
            found |= {clause: duty.wording(tier) for duty in self.duties if (clause := duty.id(tier))}
            found |= {clause: item.text for item in self.checklist.items if (clause := item.id(tier))}
        return {clause: Clause(id=clause, text=text) for clause, text in sorted(found.items(), key=_in_order)}

    @cached_property
    def _duties(self) -> dict[str, Duty]:
        named = {clause: duty for duty in self.duties for tier in Tier if (clause := duty.id(tier))}
        return named | {duty.key: duty for duty in self.duties}

    def duty(self, name: str) -> Duty:
        """The duty with a key (``d.4``) or id (``P10.d.4``).

        :raises KeyError: there is no such duty.
        """
        return self._duties[name]

    def duties_of(self, tier: Tier, stage: Stage | None = None) -> tuple[Duty, ...]:
        """The duties of a tier, or of one of its stages."""
        found = (duty for duty in self.duties if duty.id(tier))
        return tuple(duty for duty in found if stage is None or duty.stage == stage)

    def triggered_by(self, trigger: TriggerKind, tier: Tier, stage: Stage | None = None) -> tuple[Duty, ...]:
        """The duties of a tier that a trigger makes due; with a stage, those of that stage and those of no stage."""
        found = (duty for duty in self.duties if duty.id(tier) and duty.trigger == trigger)
        return tuple(duty for duty in found if stage is None or duty.stage in (None, stage))

    def body(self, tier: Tier) -> SupervisingBody:
        """The supervising body of a tier (Pasal 5, Pasal 9)."""
        return next(body for body in self.bodies if body.tier == tier)

    def stage_name(self, stage: Stage) -> str:
        """The stage's name in Pasal 4."""
        return next(self.sentences[rule.clause] for rule in self.stages if rule.stage == stage)

    @cached_property
    def _renaming(self) -> tuple[re.Pattern[str], dict[str, str]]:
        """What finds old and new names, the longest first, and the new name of each in lower case."""
        new = {one.then.lower(): one.now for one in self.renamings} | {
            one.now.lower(): one.now for one in self.renamings
        }
        names = sorted(new, key=len, reverse=True)
        return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b", re.IGNORECASE), new

    def in_present_names(self, text: str) -> str:
        """A text with the names of today for what the regulation calls otherwise; what has them stays as it is."""
        pattern, new = self._renaming

        def named(found: re.Match[str]) -> str:
            name = new[found[0].lower()]
            return name[0].upper() + name[1:] if found[0][0].isupper() else name

        return pattern.sub(named, text) if new else text

    def silence(self, duty: Duty) -> Silence | None:
        """What the law says of a duty's period, where it sets none: the policy's term stands in for it."""
        return next((one for one in self.silences if one.about in (duty.cadence, duty.due)), None)

    def transition(self, leaving: Stage, entering: Stage) -> Transition | None:
        """The transition between two stages; ``None`` if it is not allowed."""
        return next((one for one in self.transitions if (one.leaving, one.entering) == (leaving, entering)), None)

    def allows(self, leaving: Stage, entering: Stage, *, accord_signed: bool, agreement_signed: bool) -> bool:
        """Whether a cooperation may go from one stage to another, given the instruments that have been signed."""
        way = self.transition(leaving, entering)
        signed = {Milestone.NONE: True, Milestone.ACCORD_SIGNED: accord_signed}
        return way is not None and signed.get(way.after, agreement_signed)

    def ending(self, key: str) -> EndingGround | None:
        """The ending ground with a key; ``None`` if the profile has no such ground."""
        return next((ground for ground in self.endings if ground.key == key), None)

    def dispute_rules(self, on: date) -> DisputeRules:
        """The rules of disputes that hold on a day."""
        # The gaps of a profile name a text whose rules do not begin with one that has always held.
        return holding(self.disputes, on) or self.disputes[0]

    def statute(self, key: str, on: date) -> Statute | None:
        """The rule of a statute that holds on a day; ``None`` if none had begun."""
        return holding((one for one in self.statutes if one.key == key), on)

    def rule(self, row: str) -> JurisdictionRule:
        """The row of the jurisdiction table with a name, T1 to T9. Every profile has all of them."""
        return next(rule for rule in self.jurisdiction if rule.row == row)


def _in_order(item: tuple[str, str]) -> tuple[int, str]:
    # By number: as text, P10 would come before P2.
    article = item[0].removeprefix("P").partition(".")[0].partition("(")[0]
    return int(article), item[0]
