"""A cooperation as its facts make it. :func:`evolve` is pure and total: it never refuses and asks nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ksad.contracts import registry as facts
from ksad.contracts.registry import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact


class Dispute(NamedTuple):
    """A dispute between parties: raised, decision_requested, escalated or settled."""

    between: tuple[str, ...]
    status: str = "raised"


class Proof(NamedTuple):
    """One proof that came in for an item of the checklist."""

    item: str
    region: str | None
    kind: str


class Cooperation(NamedTuple):
    """The state that rules are checked against. ``stage`` is None while nothing is registered."""

    key: str = ""
    title: str = ""
    object: str = ""
    affair: str = ""
    category: str | None = None
    parties: tuple[str, ...] = ()
    initiator: str | None = None
    stage: Stage | None = None
    profile: str = ""
    pinned: bool = False
    registered_on: date | None = None
    legacy_facts: int = 0
    backfill_closed: bool = False
    accord_signed: bool = False
    agreement_signed: bool = False
    effective_on: date | None = None
    ends_on: date | None = None
    problems: tuple[tuple[str, bool], ...] = ()
    disputes: tuple[tuple[str, Dispute], ...] = ()
    notice: str | None = None
    items_added: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()
    ended: bool = False
    withdrawn: bool = False

    @property
    def backfilling(self) -> bool:
        """Whether legacy facts are still coming in."""
        return self.legacy_facts > 0 and not self.backfill_closed

    @property
    def closed(self) -> bool:
        """Whether nothing more can happen."""
        return self.ended or self.withdrawn

    @property
    def has_agreement(self) -> bool:
        """Whether there is an agreement; of a legacy cooperation in its last stage it may be on paper only."""
        return self.agreement_signed or self.stage is Stage.IMPLEMENTATION_AND_TERMINATION

    def dispute(self, key: str) -> Dispute | None:
        """The dispute under a key."""
        return dict(self.disputes).get(key)

    def problem_open(self, key: str) -> bool | None:
        """Whether a problem is open; None where there is none of this key."""
        return dict(self.problems).get(key)


V = TypeVar("V")


def _set(pairs: tuple[tuple[str, V], ...], key: str, value: V) -> tuple[tuple[str, V], ...]:
    return tuple((dict(pairs) | {key: value}).items())


def _registered(state: Cooperation, fact: facts.Registered) -> Cooperation:
    return state._replace(
        key=fact.key,
        title=fact.title,
        object=fact.object,
        affair=fact.affair,
        category=fact.category,
        parties=tuple(fact.parties),
        initiator=fact.initiator,
        stage=fact.stage,
        profile=fact.profile,
    )


def _agreement(state: Cooperation, fact: facts.AgreementSigned) -> Cooperation:
    return state._replace(agreement_signed=True, effective_on=fact.effective_on, ends_on=fact.ends_on)


def _new_end(state: Cooperation, fact: facts.AgreementAmended | facts.AgreementExtended) -> Cooperation:
    return state._replace(agreement_signed=True, ends_on=fact.ends_on or state.ends_on)


def _bound(state: Cooperation, fact: facts.ProfileBound) -> Cooperation:
    return state._replace(profile=fact.profile, pinned=state.pinned or fact.occasion == "pinned")


def _parties(state: Cooperation, fact: facts.PartyJoined | facts.PartyWithdrew) -> Cooperation:
    return state._replace(parties=tuple(fact.parties))


def _reported(state: Cooperation, fact: facts.ProblemReported) -> Cooperation:
    return state._replace(problems=_set(state.problems, fact.problem, value=True))


def _resolved(state: Cooperation, fact: facts.ProblemResolved) -> Cooperation:
    return state._replace(problems=_set(state.problems, fact.problem, value=False))


def _raised(state: Cooperation, fact: facts.DisputeRaised) -> Cooperation:
    return state._replace(disputes=_set(state.disputes, fact.dispute, Dispute(tuple(fact.between))))


def _dispute(status: str) -> Callable[[Cooperation, facts.DisputeSettled], Cooperation]:
    def fold(state: Cooperation, fact: facts.DisputeSettled) -> Cooperation:
        known = state.dispute(fact.dispute) or Dispute(())
        return state._replace(disputes=_set(state.disputes, fact.dispute, known._replace(status=status)))

    return fold


def _notice(state: Cooperation, fact: facts.TerminationNoticeGiven) -> Cooperation:
    return state._replace(notice=fact.ground, ends_on=fact.planned_end_on)


def _proof(state: Cooperation, fact: facts.TerminationItemCompleted) -> Cooperation:
    return state._replace(proofs=(*state.proofs, Proof(fact.item, fact.region, fact.proof)))


FOLDS: dict[type[Fact], Callable[[Cooperation, Any], Cooperation]] = {
    facts.Registered: _registered,
    facts.StageEntered: lambda state, fact: state._replace(stage=fact.stage),
    facts.AccordSigned: lambda state, _: state._replace(accord_signed=True),
    facts.AgreementSigned: _agreement,
    facts.ProfileBound: _bound,
    facts.AgreementAmended: _new_end,
    facts.AgreementExtended: _new_end,
    facts.PartyJoined: _parties,
    facts.PartyWithdrew: _parties,
    facts.ProblemReported: _reported,
    facts.ProblemResolved: _resolved,
    facts.DisputeRaised: _raised,
    facts.DisputeDecisionRequested: _dispute("decision_requested"),
    facts.DisputeEscalated: _dispute("escalated"),
    facts.DisputeSettled: _dispute("settled"),
    facts.TerminationNoticeGiven: _notice,
    facts.TerminationItemAdded: lambda state, fact: state._replace(items_added=(*state.items_added, fact.item)),
    facts.TerminationItemCompleted: _proof,
    facts.Ended: lambda state, _: state._replace(ended=True),
    facts.ProposalWithdrawn: lambda state, _: state._replace(withdrawn=True),
    facts.BackfillClosed: lambda state, _: state._replace(backfill_closed=True),
}


def evolve(state: Cooperation, fact: Fact, on: date, *, legacy: bool = False) -> Cooperation:
    """The cooperation after a fact; a fact that changes nothing here leaves it as it is."""
    fold = FOLDS.get(type(fact))
    after = state if fold is None else fold(state, fact)
    if isinstance(fact, facts.Registered):
        after = after._replace(registered_on=on)
    return after._replace(legacy_facts=after.legacy_facts + 1) if legacy else after
