"""A cooperation as its facts make it. :func:`evolve` is pure and total: it never refuses and asks nothing.

Accords, agreements and their states are :class:`ksad.contracts.umbrella.Umbrella`, which the other services fold alike.
"""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from ksad.contracts import registry as facts
from ksad.contracts import umbrella, verification
from ksad.contracts.dates import PartialDate, Precision
from ksad.contracts.identifiers import cooperation_id, event_id
from ksad.contracts.law import Basis
from ksad.contracts.registry import Manner
from ksad.contracts.umbrella import CooperationStatus, Occurred, Umbrella
from ksad.contracts.verification import Entries, RecordedEvent
from ksad.registry.domain.chronology import Chronology, noted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.registry import Stage
    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.chronology import Mark


class Dispute(NamedTuple):
    """A dispute between parties: raised, decision_requested, escalated or settled; of an agreement, or of them all.

    ``appealable``: a Governor decided it, and no text of law calls that final, so that it may come to the Minister.
    """

    between: tuple[str, ...]
    status: str = "raised"
    agreement: str | None = None
    appealable: bool = False


class Proof(NamedTuple):
    """A proof recorded for an item of the checklist."""

    item: str
    region: str | None
    kind: str


class Cooperation(NamedTuple):
    """The state that rules are checked against. ``stage`` is None while nothing is registered.

    ``version`` is that of the newest fact in its stream; ``entries`` are the facts to verify, by their events.
    ``recorded_by`` are the offices that opened an agreement or reported a problem, by noun and key; ``numbers`` the
    known numbers of accords and agreements likewise.
    """

    key: str = ""
    title: str = ""
    object: str = ""
    affair: str = ""
    category: str | None = None
    initiator: str | None = None
    profile: str = ""
    pinned: bool = False
    registered_on: date | None = None
    legacy_facts: int = 0
    disputes: tuple[tuple[str, Dispute], ...] = ()
    umbrella: Umbrella = Umbrella()
    chronology: Chronology = MappingProxyType({})
    version: int = 0
    entries: Entries = MappingProxyType({})
    recorded_by: Mapping[tuple[str, str], str] = MappingProxyType({})
    numbers: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType({})

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties of the cooperation; an agreement may be between fewer."""
        return self.umbrella.parties

    @property
    def stage(self) -> Stage | None:
        """The stage of the cooperation's own line."""
        return self.umbrella.stage

    @property
    def backfilling(self) -> bool:
        """Whether legacy facts are still being entered."""
        return self.legacy_facts > 0 and not self.backfill_closed

    @property
    def backfill_closed(self) -> bool:
        """Whether the legacy facts are in."""
        return self.umbrella.backfill_closed

    @property
    def ended(self) -> bool:
        """Whether it ended: as a whole, or with the last of its accords and agreements."""
        return self.umbrella.status is CooperationStatus.ENDED

    @property
    def withdrawn(self) -> bool:
        """Whether the proposal was given up."""
        return self.umbrella.withdrawn

    @property
    def has_agreement(self) -> bool:
        """Whether there is an agreement; of a legacy cooperation in its last stage it may be on paper only."""
        return any(one.stands for one in self.umbrella.agreements.values())

    @property
    def agreement_signed(self) -> bool:
        """Whether an agreement is known to have been signed."""
        return any(one.signed_on or one.amended for one in self.umbrella.agreements.values())

    @property
    def accord_signed(self) -> bool:
        """Whether an accord was signed."""
        return bool(self.umbrella.accords)

    @property
    def shown(self) -> Agreement | None:
        """The agreement that is meant where only one is spoken of: the newest that stands, or else the newest."""
        agreements = self.umbrella.standing or self.umbrella.agreements
        return list(agreements.values())[-1] if agreements else None

    @property
    def effective_on(self) -> date | None:
        """From when on the agreement shown is effective, where it says so."""
        return self.shown.effective_on if self.shown else None

    @property
    def ends_on(self) -> date | None:
        """Until when the agreement shown is in force, where that is known."""
        return self.shown.ends_on if self.shown else None

    @property
    def notice(self) -> str | None:
        """The ground of the notice that holds for the agreement shown."""
        return self.shown.notice.ground if self.shown and self.shown.notice else None

    @property
    def problems(self) -> tuple[tuple[str, bool], ...]:
        """Each problem, and whether it is open."""
        return tuple((key, one.open) for key, one in self.umbrella.problems.items())

    def dispute(self, key: str) -> Dispute | None:
        """The dispute with a key; ``None`` if there is none."""
        return dict(self.disputes).get(key)

    def problem_open(self, key: str) -> bool | None:
        """Whether the problem with a key is open; ``None`` if there is none."""
        return dict(self.problems).get(key)

    def when(self, one: Mark) -> PartialDate | None:
        """When something happened, as exactly as it is known; ``None`` if it has not, or nobody has recorded it."""
        return self.chronology.get(one)

    def agreement(self, key: str) -> Agreement | None:
        """The agreement under a key."""
        return self.umbrella.agreements.get(key)


class Made(NamedTuple):
    """A fact to record and what its event says of it.

    ``register``: it is the register's own and not the commanding office's. ``caused``: the fact before it is its cause.
    """

    fact: Fact
    on: date
    precision: Precision = Precision.DAY
    legacy: bool = False
    register: bool = False
    caused: bool = False


V = TypeVar("V")
DisputeStep: TypeAlias = facts.DisputeDecisionRequested | facts.DisputeEscalated | facts.DisputeSettled


def _set(pairs: tuple[tuple[str, V], ...], key: str, value: V) -> tuple[tuple[str, V], ...]:
    return tuple((dict(pairs) | {key: value}).items())


def _registered(state: Cooperation, fact: facts.Registered) -> Cooperation:
    return state._replace(
        key=fact.key,
        title=fact.title,
        object=fact.object,
        affair=fact.affair,
        category=fact.category,
        initiator=fact.initiator,
        profile=fact.profile,
    )


def _numbered(noun: str) -> Callable[[Cooperation, facts.AccordSigned | facts.AgreementSigned], Cooperation]:
    def fold(state: Cooperation, fact: facts.AccordSigned | facts.AgreementSigned) -> Cooperation:
        known = tuple(dict.fromkeys(number for number in fact.numbers.values() if number))
        return state._replace(numbers={**state.numbers, (noun, getattr(fact, noun)): known})

    return fold


def _bound(state: Cooperation, fact: facts.ProfileBound) -> Cooperation:
    if fact.agreement is not None:
        return state
    return state._replace(profile=fact.profile, pinned=state.pinned or fact.occasion == "pinned")


def _raised(state: Cooperation, fact: facts.DisputeRaised) -> Cooperation:
    dispute = Dispute(tuple(fact.between), agreement=fact.agreement)
    return state._replace(disputes=_set(state.disputes, fact.dispute, dispute))


def _dispute(status: str) -> Callable[[Cooperation, DisputeStep], Cooperation]:
    def fold(state: Cooperation, fact: DisputeStep) -> Cooperation:
        # A fold refuses nothing: the rules have already checked that the dispute is open.
        known = state.dispute(fact.dispute) or Dispute(())
        after = known._replace(status=status, appealable=_appealable(fact))
        return state._replace(disputes=_set(state.disputes, fact.dispute, after))

    return fold


def _appealable(fact: DisputeStep) -> bool:
    if not isinstance(fact, facts.DisputeSettled) or fact.manner is not Manner.GOVERNOR_DECISION:
        return False
    return not fact.final or fact.law is None or fact.law.basis == Basis.MEMORY.value


FOLDS: dict[type[Fact], Callable[[Cooperation, Any], Cooperation]] = {
    facts.Registered: _registered,
    facts.AccordSigned: _numbered("accord"),
    facts.AgreementSigned: _numbered("agreement"),
    facts.ProfileBound: _bound,
    facts.DisputeRaised: _raised,
    facts.DisputeDecisionRequested: _dispute("decision_requested"),
    facts.DisputeEscalated: _dispute("escalated"),
    facts.DisputeSettled: _dispute("settled"),
}

OWNED: dict[type[Fact], str] = {facts.AgreementOpened: "agreement", facts.ProblemReported: "problem"}
"""Facts whose later steps are those of who recorded them, and the field that has the key."""


def next_event(state: Cooperation, key: str | None = None) -> UUID:
    """The id that the next fact of a cooperation will have as an event; ``key`` of one that is being registered."""
    return event_id(f"cooperation/{cooperation_id(key or state.key)}", state.version + 1)


def evolve(
    state: Cooperation,
    fact: Fact,
    on: date,
    *,
    legacy: bool = False,
    precision: Precision = Precision.DAY,
    office: str | None = None,
) -> Cooperation:
    """The cooperation after a fact; a fact that changes nothing here leaves all but its version as it is.

    :param office: who has recorded the fact; None where nobody asks.
    """
    fold = FOLDS.get(type(fact))
    after = state if fold is None else fold(state, fact)
    if isinstance(fact, facts.Registered):
        after = after._replace(registered_on=on)
    event, name = next_event(after), fact.declaration.name
    parts = umbrella.evolve(after.umbrella, name, vars(fact), Occurred(event, on, legacy))
    noun = OWNED.get(type(fact))
    if noun is not None and office is not None:
        after = after._replace(recorded_by={**after.recorded_by, (noun, getattr(fact, noun)): office})
    said = RecordedEvent(event, after.version + 1, legacy)
    return after._replace(
        umbrella=parts,
        chronology=noted(after.chronology, fact, PartialDate(first=on, precision=precision)),
        version=after.version + 1,
        entries=verification.evolve(after.entries, name, vars(fact), said, parts),
        legacy_facts=after.legacy_facts + 1 if legacy else after.legacy_facts,
    )


def after_event(state: Cooperation, event: Envelope) -> Cooperation:
    """The cooperation after the fact of an event."""
    precision = Precision(event.dateprecision)
    legacy, office = event.legacy is True, event.actoroffice
    return evolve(state, event.fact(), event.occurredon, legacy=legacy, precision=precision, office=office)
