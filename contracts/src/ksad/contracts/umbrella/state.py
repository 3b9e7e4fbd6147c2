"""A cooperation as an umbrella (payung): its line of stages, accords in sequence, agreements side by side."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.registry import Stage
from ksad.contracts.umbrella.parts import (
    ALIVE,
    STANDING,
    Accord,
    AccordState,
    Agreement,
    AgreementState,
    Ending,
    Settled,
)
from ksad.contracts.umbrella.pending import PendingAct, RefusedAct

ORDER = tuple(Stage)


class Matter(ValueObject):
    """A problem or a dispute: of which agreement (None: of the whole cooperation), and whether it is open."""

    agreement: str | None = None
    open: bool = True


class JointBody(ValueObject):
    """A body that the parties formed (badan kerja sama antardaerah); None as its last day: it stands."""

    name: str
    seat: str
    instrument: str
    formed_on: date
    dissolved_on: date | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been dissolved."""
        return self.dissolved_on is None


class CooperationStatus(StrEnum):
    """Diusulkan, berjalan, berakhir, dibatalkan."""

    PROPOSED = "proposed"
    RUNNING = "running"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Umbrella(ValueObject):
    """The parts of one cooperation under their keys, in the order in which they came.

    ``pending`` are the acts that wait for confirmation, by the id of the event that proposed each; ``refused`` the last
    act of a scope, by it, that a party refused and that has not come to stand since. ``bodies`` are those that the
    parties formed, by the id of the event that recorded it.
    """

    parties: tuple[str, ...] = ()
    stage: Stage | None = None
    accords: dict[str, Accord] = Field(default_factory=dict)
    agreements: dict[str, Agreement] = Field(default_factory=dict)
    problems: dict[str, Matter] = Field(default_factory=dict)
    disputes: dict[str, Matter] = Field(default_factory=dict)
    ended: Ending | None = None
    withdrawn: bool = False
    legacy_facts: bool = False
    backfill_closed: bool = False
    former: tuple[tuple[str, date], ...] = ()
    """The regions that left the cooperation and did not come back, each with its last day."""
    pending: dict[str, PendingAct] = Field(default_factory=dict)
    refused: dict[str, RefusedAct] = Field(default_factory=dict)
    bodies: dict[str, JointBody] = Field(default_factory=dict)

    @property
    def backfilling(self) -> bool:
        """Whether legacy facts are still coming in."""
        return self.legacy_facts and not self.backfill_closed

    @property
    def standing(self) -> dict[str, Agreement]:
        """The agreements that were signed and have not ended."""
        return {key: one for key, one in self.agreements.items() if one.state in STANDING}

    @property
    def alive(self) -> dict[str, Agreement]:
        """The agreements that have not ended, those in drafting too."""
        return {key: one for key, one in self.agreements.items() if one.state in ALIVE}

    @property
    def settling(self) -> dict[str, Agreement]:
        """The agreements that ended and are not settled."""
        return {key: one for key, one in self.agreements.items() if one.state is AgreementState.SETTLING}

    @property
    def accord_in_force(self) -> str | None:
        """The key of the newest accord in force."""
        held = (key for key, one in reversed(self.accords.items()) if one.state is AccordState.IN_FORCE)
        return next(held, None)

    @property
    def status(self) -> CooperationStatus:
        """Running while an accord is in force or an agreement stands; ended when none of them is left."""
        if self.withdrawn:
            return CooperationStatus.WITHDRAWN
        if self.ended is not None:
            return CooperationStatus.ENDED
        if self.accord_in_force is not None or self.standing:
            return CooperationStatus.RUNNING
        begun = self.accords or any(one.stands for one in self.agreements.values())
        return CooperationStatus.ENDED if begun else CooperationStatus.PROPOSED

    @property
    def settlement(self) -> Literal["open", "closed", "not_examined"] | None:
        """Whether what ended is settled; None while nothing has ended."""
        if self.settling:
            return "open"
        over = [one.settled for one in self.agreements.values() if one.ended is not None]
        if not over:
            return "closed" if self.status is CooperationStatus.ENDED else None
        return "closed" if Settled.CLOSED in over else "not_examined"

    @property
    def closed(self) -> bool:
        """Whether nothing is owed any more: withdrawn, or ended with everything settled and no open matter."""
        if self.status is CooperationStatus.WITHDRAWN:
            return True
        return self.status is CooperationStatus.ENDED and self.settlement != "open" and not self.open_matters()

    @property
    def furthest(self) -> Stage | None:
        """The stage that is printed: the furthest of the lines that are not closed."""
        lines = [one.stage for one in self.agreements.values() if one.state in ALIVE | {AgreementState.SETTLING}]
        if self.stage is not None and not any(not one.own_line and one.ended for one in self.agreements.values()):
            lines.append(self.stage)
        known = [stage for stage in lines if stage is not None]
        return max(known, key=ORDER.index) if known else self.stage

    @property
    def next_end(self) -> date | None:
        """The first day on which an agreement that stands is to end; of those that ended the last day of their term."""
        ahead = [one.planned_end for one in self.standing.values() if one.planned_end is not None]
        if ahead:
            return min(ahead)
        past = [one.planned_end for one in self.agreements.values() if one.planned_end is not None]
        return max(past, default=None)

    def open_matters(self, agreement: str | None = None) -> list[str]:
        """The keys of open problems and disputes; with an agreement, those of it and of the whole cooperation."""
        return [
            key
            for key, one in (*self.problems.items(), *self.disputes.items())
            if one.open and (agreement is None or one.agreement in (None, agreement))
        ]
