"""What supervision knows of one cooperation: a fold of the registry's facts and of supervision's own.

What came in as legacy (a history file's facts from before the platform) only moves state. ``live`` marks what makes
duties owed; ``backfill_closed`` makes live what is still current then, and nothing that has passed.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.supervision import JurisdictionResolved, Tier
from ksad.supervision.domain.task import Task

LAST_STAGE = Stage.IMPLEMENTATION_AND_TERMINATION


class StageEntry(ValueObject):
    """One time that a stage was entered; ``number`` counts the entries of that stage."""

    stage: Stage
    number: int
    on: date
    live: bool
    left: Literal["live", "legacy"] | None = None

    @property
    def name(self) -> str:
        """``negotiation`` the first time, ``negotiation-2`` the second."""
        return self.stage.value if self.number == 1 else f"{self.stage.value}-{self.number}"


class Signing(ValueObject):
    """A scheduled signing; ``moved`` counts how often a correction gave it another day."""

    instrument: InstrumentKind
    number: int
    signing_on: date
    institutions: tuple[str, ...]
    live: bool
    state: Literal["planned", "rescheduled", "signed"] = "planned"
    moved: int = 0

    @property
    def name(self) -> str:
        """``accord-1``: the accord's signing, scheduled for the first time; ``accord-1.1`` with its day corrected."""
        return f"{self.instrument.value}-{self.number}{f'.{self.moved}' if self.moved else ''}"


class CaseProblem(ValueObject):
    """A problem that was reported (d.2)."""

    live: bool
    resolved: bool = False


class CaseDispute(ValueObject):
    """A dispute (d.3), whether a decision was asked for (d.5), whether the Governor passed it on."""

    live: bool
    requested: bool = False
    escalated: bool = False
    settled: bool = False


class FormedBody(ValueObject):
    """A cooperation body that the parties formed (a.1.d)."""

    name: str
    seat: str
    instrument: str


class Resolution(ValueObject):
    """Who supervises from ``holds_from`` on."""

    tier: Tier
    supervising_body: str
    dispute_forum: str
    clause: str
    basis: str
    row: str
    gap_filled: bool
    informed: tuple[str, ...]
    parties: tuple[str, ...]
    holds_from: date

    @classmethod
    def of(cls, fact: JurisdictionResolved) -> Resolution:
        """The resolution that a fact records."""
        return cls.model_validate({name: getattr(fact, name) for name in cls.model_fields})


class Scheduled(ValueObject):
    """A duty that was scheduled: it is owed once, whatever became of it."""

    on: date
    for_parties: tuple[str, ...]


class Case(ValueObject):
    """The state that reactions are decided on. ``tasks`` holds the open ones.

    ``heard`` is the version of the registry's stream, ``version`` that of supervision's own on this cooperation.
    """

    id: UUID
    heard: int = 0
    key: str = ""
    title: str = ""
    object: str = ""
    affair: str = ""
    profile: str = ""
    parties: tuple[str, ...] = ()
    departed: tuple[str, ...] = ()
    state: Literal["proposed", "running", "ended", "withdrawn"] = "proposed"
    closed_on: date | None = None
    entries: tuple[StageEntry, ...] = ()
    signings: tuple[Signing, ...] = ()
    accord_on: date | None = None
    accord_live: bool = False
    agreement_on: date | None = None
    end: date | None = None
    former_ends: tuple[date, ...] = ()
    notice: bool = False
    bodies: tuple[FormedBody, ...] = ()
    problems: dict[str, CaseProblem] = Field(default_factory=dict)
    disputes: dict[str, CaseDispute] = Field(default_factory=dict)
    items: tuple[str, ...] = ()
    proofs: tuple[tuple[str, str | None, str], ...] = ()
    version: int = 0
    resolutions: tuple[Resolution, ...] = ()
    scheduled: dict[str, Scheduled] = Field(default_factory=dict)
    tasks: dict[UUID, Task] = Field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Supervision's own stream of this cooperation."""
        return f"supervision/{self.id}"

    @property
    def entry(self) -> StageEntry | None:
        """The entry into the present stage."""
        return self.entries[-1] if self.entries else None

    @property
    def closed(self) -> bool:
        """Whether it ended or was given up."""
        return self.state in ("ended", "withdrawn")

    @property
    def resolution(self) -> Resolution | None:
        """Who supervises now."""
        return self.resolutions[-1] if self.resolutions else None

    @property
    def in_last_stage(self) -> bool:
        """Whether it is being implemented and not over."""
        return not self.closed and self.entry is not None and self.entry.stage is LAST_STAGE

    @property
    def has_agreement(self) -> bool:
        """Whether there is an agreement to hold it against; a legacy case may have it on paper only."""
        return self.agreement_on is not None or any(entry.stage is LAST_STAGE for entry in self.entries)

    def was_scheduled(self, duty: str, occurrence: str) -> bool:
        """Whether this duty has been scheduled for this occurrence."""
        return f"{duty}/{occurrence}" in self.scheduled
