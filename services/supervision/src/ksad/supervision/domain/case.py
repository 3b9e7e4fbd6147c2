"""The case: what supervision knows of one cooperation, folded from the registry's events and its own.

Legacy events (imported facts from before the platform) change the state, but create no duties. ``live`` marks what
does create duties. ``backfill_closed`` marks as live what is still current at that time, and nothing that has passed.
"""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.supervision import LegalBasis, ResolvedFact, Tier
from ksad.contracts.umbrella import LAST_STAGE, Agreement, AgreementState, CooperationStatus, JointBody, Umbrella
from ksad.contracts.verification import VerifiableEntry
from ksad.supervision.domain.noting import NotedFact
from ksad.supervision.domain.task import Task

FORM: Literal[6] = 6
"""Of a stored case; one of another form is folded anew from the facts that were heard."""


class StageEntry(ValueObject):
    """One time that a stage of a line was entered; ``number`` counts the entries of that stage."""

    stage: Stage
    number: int
    on: date
    live: bool
    left: Literal["live", "legacy"] | None = None

    @property
    def name(self) -> str:
        """``negotiation`` for the first entry, ``negotiation-2`` for the second."""
        return self.stage.value if self.number == 1 else f"{self.stage.value}-{self.number}"


class Signing(ValueObject):
    """A scheduled signing; ``moved`` counts corrections of its day."""

    instrument: InstrumentKind
    number: int
    signing_on: date
    institutions: tuple[str, ...]
    live: bool
    state: Literal["planned", "rescheduled", "signed"] = "planned"
    moved: int = 0
    key: str = ""
    own_line: bool = False

    @property
    def name(self) -> str:
        """``accord-1``: the accord's signing, scheduled for the first time; ``accord-1.1`` with its day corrected.

        That of an agreement on a line of its own has its key in front.
        """
        name = f"{self.instrument.value}-{self.number}{f'.{self.moved}' if self.moved else ''}"
        return occurrence_of(self.key if self.own_line else None, name)

    @property
    def agreement(self) -> str | None:
        """The agreement that is to be signed; None for an accord."""
        return self.key if self.instrument is InstrumentKind.AGREEMENT else None


class CaseProblem(ValueObject):
    """A reported problem (d.2)."""

    live: bool
    resolved: bool = False
    agreement: str | None = None


class CaseDispute(ValueObject):
    """A dispute (d.3): whether a decision was requested (d.5), it was escalated to the Minister, or is settled."""

    live: bool
    requested: bool = False
    escalated: bool = False
    settled: bool = False
    agreement: str | None = None


class Resolution(ValueObject):
    """Who supervises from the day ``holds_from`` on, with the clause and basis."""

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
    forum_clause: str | None = None
    forum_basis: LegalBasis | None = None
    forum_says: str | None = None

    @classmethod
    def of(cls, fact: ResolvedFact) -> Resolution:
        """The resolution that a fact records, of a cooperation or of one of its agreements."""
        parties: list[str] = getattr(fact, "parties", None) or getattr(fact, "between", None) or []
        values = {name: getattr(fact, name) for name in cls.model_fields if name != "parties"}
        return cls.model_validate(values | {"parties": tuple(parties)})


class Scheduled(ValueObject):
    """A duty that has been scheduled; ``cancelled``: what called for it fell away before it was done."""

    on: date
    for_parties: tuple[str, ...]
    duty: str
    agreement: str | None
    rests_on: date | None
    cancelled: bool = False


def occurrence_of(line: str | None, name: str) -> str:
    """How a duty of a line of stages tells its occurrence: an agreement's own line has its key in front.

    No key has a colon. The cooperation's line, and the agreement on it, has nothing in front.
    """
    return name if line is None else f"{line}:{name}"


class Case(ValueObject):
    """The state from which reactions are decided. ``tasks`` holds the open tasks.

    ``parts`` are accords and agreements; ``entries`` are those of the cooperation's line of stages, ``lines`` those of
    agreements that have their own. ``heard`` is the version of the registry's stream, ``version`` that of supervision's
    own on this cooperation. ``backfill`` says whether legacy facts are still coming in. ``examined`` are the facts that
    the supervising body examines, by their events; ``noted`` those that may be an occasion to look.
    """

    form: Literal[6] = FORM
    id: UUID
    heard: int = 0
    key: str = ""
    title: str = ""
    object: str = ""
    affair: str = ""
    profile: str = ""
    parts: Umbrella = Umbrella()
    departed: tuple[str, ...] = ()
    backfill: bool = False
    closed_on: date | None = None
    entries: tuple[StageEntry, ...] = ()
    lines: dict[str, tuple[StageEntry, ...]] = Field(default_factory=dict)
    signings: tuple[Signing, ...] = ()
    accord_on: date | None = None
    accord_live: bool = False
    agreement_on: date | None = None
    examined: dict[str, VerifiableEntry] = Field(default_factory=dict)
    noted: tuple[NotedFact, ...] = ()
    problems: dict[str, CaseProblem] = Field(default_factory=dict)
    disputes: dict[str, CaseDispute] = Field(default_factory=dict)
    version: int = 0
    resolutions: tuple[Resolution, ...] = ()
    agreement_resolutions: dict[str, tuple[Resolution, ...]] = Field(default_factory=dict)
    scheduled: dict[str, Scheduled] = Field(default_factory=dict)
    tasks: dict[UUID, Task] = Field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The subject of supervision's own stream of this cooperation."""
        return f"supervision/{self.id}"

    @property
    def bodies(self) -> tuple[JointBody, ...]:
        """The bodies that the parties formed, also those that they have dissolved since."""
        return tuple(self.parts.bodies.values())

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties of the cooperation."""
        return self.parts.parties

    @property
    def state(self) -> CooperationStatus:
        """Proposed, running, ended or withdrawn."""
        return self.parts.status

    @property
    def entry(self) -> StageEntry | None:
        """The entry into the present stage of the cooperation's line."""
        return self.entries[-1] if self.entries else None

    @property
    def closed(self) -> bool:
        """Whether nothing is owed any more but oversight: given up, or ended with everything settled."""
        return self.parts.closed

    @property
    def resolution(self) -> Resolution | None:
        """Who supervises the cooperation now."""
        return self.resolutions[-1] if self.resolutions else None

    def resolution_of(self, agreement: str | None) -> Resolution | None:
        """Who supervises a scope now: an agreement that was resolved by itself, else the cooperation."""
        mine = self.agreement_resolutions.get(agreement or "")
        return mine[-1] if mine else self.resolution

    @property
    def in_last_stage(self) -> bool:
        """Whether the cooperation is in the stage of implementation and termination, and not closed."""
        return not self.closed and self.entry is not None and self.entry.stage is LAST_STAGE

    @property
    def has_agreement(self) -> bool:
        """Whether there is an agreement to hold it against; a legacy case may have it on paper only."""
        return any(one.stands for one in self.parts.agreements.values())

    @property
    def on_line(self) -> tuple[str, Agreement] | None:
        """The agreement on the cooperation's own line of stages, with its key."""
        return next(((key, one) for key, one in self.parts.agreements.items() if not one.own_line), None)

    def line(self, agreement: str | None) -> str | None:
        """The agreement's key where it has a line of stages of its own; None for the cooperation's."""
        known = self.parts.agreements.get(agreement or "")
        return agreement if known is not None and known.own_line else None

    def line_entries(self, agreement: str | None) -> tuple[StageEntry, ...]:
        """The entries of the line of stages that an agreement is on."""
        line = self.line(agreement)
        return self.entries if line is None else self.lines.get(line, ())

    def goes_on(self, agreement: str | None) -> bool:
        """Whether problems and disputes of a scope are worked on: it is in force, or ended and not settled."""
        going = (AgreementState.IN_FORCE, AgreementState.SETTLING)
        agreements = self.parts.agreements
        chosen = [agreements[agreement]] if agreement in agreements else list(agreements.values())
        return any(one.state in going for one in chosen)

    def parties_of(self, agreement: str | None) -> tuple[str, ...]:
        """The parties of a scope."""
        known = self.parts.agreements.get(agreement or "")
        return self.parties if known is None else known.between

    @property
    def concerned(self) -> tuple[str, ...]:
        """All regions that it concerns: its parties, those that left it, and who still settles an agreement."""
        settling = (code for one in self.parts.agreements.values() for code in one.participants)
        return tuple(dict.fromkeys((*self.parties, *self.departed, *settling)))

    def was_scheduled(self, duty: str, occurrence: str) -> bool:
        """Whether a duty has been scheduled for an occurrence."""
        return f"{duty}/{occurrence}" in self.scheduled
