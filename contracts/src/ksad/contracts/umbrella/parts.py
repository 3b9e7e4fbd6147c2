"""Accords and agreements as their facts make them: terms, ends, settlement.

An accord (kesepakatan) plans, an agreement (perjanjian kerja sama) carries out (Pasal 1 nos. 5 and 6). What is decided
on a day is in the facts; what holds follows from them here, and nothing here asks for the day of today.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.dates import PartialDate, Precision
from ksad.contracts.registry import Stage, TermKind
from ksad.contracts.umbrella.workbook import Workbook

LAST_STAGE = Stage.IMPLEMENTATION_AND_TERMINATION


class Ending(ValueObject):
    """One recorded end. ``rests_on``: it stands on a term, and has no effect where the term reads otherwise."""

    on: date
    ground: str
    rests_on: date | None = None


class LiveNotice(ValueObject):
    """The notice of termination that holds: the event that gave it, its ground and the planned day."""

    event: UUID
    ground: str
    planned_end_on: date
    given_by: str | None = None
    live: bool = True


class Settled(StrEnum):
    """How the settlement of an ended agreement was closed; one from before the platform is not examined."""

    CLOSED = "closed"
    NOT_EXAMINED = "not_examined"


class AccordState(StrEnum):
    """Berlaku, digantikan, berakhir."""

    IN_FORCE = "in_force"
    REPLACED = "replaced"
    ENDED = "ended"


class AgreementState(StrEnum):
    """Disusun; ditandatangani, belum berlaku; berlaku; berakhir, dalam penyelesaian; selesai; tidak dilanjutkan."""

    DRAFTING = "drafting"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    SETTLING = "settling"
    CLOSED = "closed"
    DROPPED = "dropped"


ALIVE = frozenset({AgreementState.DRAFTING, AgreementState.SIGNED, AgreementState.IN_FORCE})
STANDING = frozenset({AgreementState.SIGNED, AgreementState.IN_FORCE})


class Instrumented(ValueObject):
    """What accords and agreements have in common: parties, signing and why it stands, term and ends."""

    between: tuple[str, ...] = ()
    signed_on: date | None = None
    effective_on: date | None = None
    ends_on: date | None = None
    ends_precision: Precision | None = None
    term: TermKind = TermKind.UNKNOWN
    legacy: bool = False
    standing: Literal["parties", "instrument", "legacy", "unconfirmed"] | None = None
    endings: tuple[Ending, ...] = ()

    @property
    def last_day(self) -> date | None:
        """The last day of force: of an end known as ``2026`` it is 31 December 2026; None without a known end."""
        if self.ends_on is None:
            return None
        return PartialDate(first=self.ends_on, precision=self.ends_precision or Precision.DAY).last

    @property
    def ended(self) -> Ending | None:
        """The end that has effect: the newest that stands on no term, or on the term as it reads."""
        held = (one for one in reversed(self.endings) if one.rests_on in (None, self.ends_on))
        return next(held, None)

    @property
    def lifted(self) -> tuple[Ending, ...]:
        """Ends that were recorded and have no effect: the term was corrected, or had been extended in time."""
        return tuple(one for one in self.endings if one.rests_on not in (None, self.ends_on))


class Accord(Instrumented):
    """An accord; ``replaced_by`` is the one that renewed it."""

    replaced_by: str | None = None

    @property
    def state(self) -> AccordState:
        """What its facts make it."""
        if self.ended is not None:
            return AccordState.ENDED
        return AccordState.REPLACED if self.replaced_by is not None else AccordState.IN_FORCE


class Agreement(Instrumented):
    """An agreement. ``title``, ``object`` and ``affair`` are None where they are those of the cooperation.

    ``own_line``: it has a line of stages of its own (b, c, d); otherwise it is on the line of the cooperation, and
    ``stage`` is that line's. ``paper``: a legacy cooperation was in its last stage, so there is one, on paper only.
    ``left`` are parties that withdrew and stay participants of the settlement, whose ``workbook`` it is.
    ``profile`` is the legal profile that it is bound to, None where that is the cooperation's.
    """

    accord: str | None = None
    title: str | None = None
    object: str | None = None
    affair: str | None = None
    scope: str | None = None
    continues: str | None = None
    profile: str | None = None
    own_line: bool = False
    stage: Stage | None = None
    opened_on: date | None = None
    paper: bool = False
    amended: bool = False
    notice: LiveNotice | None = None
    left: tuple[str, ...] = ()
    workbook: Workbook = Workbook()
    settled: Settled | None = None
    dropped: bool = False

    @property
    def stands(self) -> bool:
        """Whether there is an agreement, and not only a draft of one."""
        return self.signed_on is not None or self.amended or self.paper

    @property
    def state(self) -> AgreementState:
        """What its facts make it."""
        if self.dropped:
            return AgreementState.DROPPED
        if self.ended is not None:
            return AgreementState.SETTLING if self.settled is None else AgreementState.CLOSED
        if not self.stands:
            return AgreementState.DRAFTING
        return AgreementState.IN_FORCE if self.stage is LAST_STAGE else AgreementState.SIGNED

    @property
    def participants(self) -> tuple[str, ...]:
        """Who takes part in the settlement: the parties, and those who left to settle with the end."""
        return (*self.between, *(code for code in self.left if code not in self.between))

    @property
    def planned_end(self) -> date | None:
        """The day on which it is to end: the last of its term, or the day of the notice that holds, if earlier."""
        days = [self.last_day, self.notice.planned_end_on if self.notice else None]
        return min((day for day in days if day is not None), default=None)
