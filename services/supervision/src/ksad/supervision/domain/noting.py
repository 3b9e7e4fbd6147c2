"""Notes those facts of a cooperation that oversight may have to look at; what they lead to is decided elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import ValueObject
from ksad.contracts.dates import PartialDate, Precision, jakarta_day
from ksad.contracts.registry import BudgetStatement, Scope
from ksad.contracts.umbrella import refusal_of
from ksad.contracts.verification import is_verifiable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.umbrella import PendingAct, Umbrella

COOPERATION = "cooperation"
"""The key of what is about the whole cooperation: no agreement or accord need be."""
ASKED = frozenset({"parties", "instrument"})
"""Acts of which the parties were asked what they burden; of older ones nobody was."""


class NotedFact(ValueObject):
    """A live fact: what it is, of which accord or agreement, when it happened and was recorded, and of which regions.

    ``days`` are those between the fact and its recording; ``budget`` is what each party stated of an agreement. ``act``
    is the kind of act that was recorded over a refusal, and ``reason`` why it was.
    """

    what: str
    key: str
    on: date
    time: str
    agreement: str | None = None
    regions: tuple[str, ...] = ()
    days: int = 0
    budget: dict[str, BudgetStatement] | None = None
    act: str | None = None
    reason: str | None = None


class Said(NamedTuple):
    """What of a fact is noted, beside its day."""

    what: str
    key: str
    agreement: str | None = None
    regions: tuple[str, ...] = ()
    budget: dict[str, BudgetStatement] | None = None
    act: str | None = None
    reason: str | None = None


def noted(before: tuple[NotedFact, ...], parts: Umbrella, event: Envelope, fact: Fact) -> tuple[NotedFact, ...]:
    """The noted facts after a further one; pure and total. Facts of before the platform are not noted.

    :param parts: accords and agreements before the fact.
    """
    if event.legacy is True:
        return before
    found = [NotedFact(on=event.occurredon, time=event.time, **one._asdict()) for one in _said(parts, fact)]
    late = _late(event, fact)
    return (*before, *found, *late) if found or late else before


def _said(parts: Umbrella, fact: Fact) -> Iterator[Said]:
    match fact:
        case facts.AccordSigned():
            mandated = tuple(one.region for one in fact.signatories if one.capacity == "mandated")
            if mandated:
                yield Said("mandated", fact.accord, regions=mandated)
        case facts.AgreementSigned() | facts.AgreementAmended():
            signed = isinstance(fact, facts.AgreementSigned)
            asked = fact.standing.by in ASKED
            yield Said(
                "signed" if signed else "amended", fact.agreement, fact.agreement, budget=fact.budget if asked else None
            )
        case facts.AgreementExtended():
            yield Said("extended", fact.agreement, fact.agreement)
        case facts.CouncilApprovalRecorded():
            if fact.outcome == "approved" and fact.document is not None and fact.number is not None:
                yield Said("approved", fact.agreement, fact.agreement, (fact.region,))
        case facts.TerminationNoticeGiven():
            yield Said("notice", fact.agreement, fact.agreement)
        case facts.PartyWithdrew():
            yield from _withdrew(parts, fact)
        case facts.ActConfirmed(over_refusal=str()):
            yield from _over_refusal(parts, fact)


def _withdrew(parts: Umbrella, fact: facts.PartyWithdrew) -> Iterator[Said]:
    for key in fact.agreements:
        if key in parts.agreements and parts.agreements[key].stands:
            yield Said("withdrew", key, key, (fact.region,))
    if fact.umbrella and parts.accord_in_force is not None:
        yield Said("withdrew", parts.accord_in_force, regions=(fact.region,))


def _over_refusal(parts: Umbrella, fact: facts.ActConfirmed) -> Iterator[Said]:
    """The act that the supervising body recorded from its instrument although a party had refused it."""
    act = parts.pending.get(str(fact.proposal))
    known = parts.refused.get(refusal_of(act.scope, act.kind)) if act is not None else None
    if act is None or known is None:
        return
    agreement = _agreement_of(parts, act)
    key = agreement or act.data.get("accord") or act.data.get("key") or COOPERATION
    yield Said("over-refusal", key, agreement, (known.region,), act=act.kind, reason=fact.over_refusal)


def _agreement_of(parts: Umbrella, act: PendingAct) -> str | None:
    """The one agreement that an act is about, by itself or by its dispute; None where it is about more than one."""
    dispute = parts.disputes.get(act.data.get("dispute", ""))
    named = [act.data.get("agreement"), dispute.agreement if dispute else None]
    if act.data.get("of") == Scope.AGREEMENT:
        named.append(act.data.get("key"))
    joined = act.data.get("agreements", [])
    if len(joined) == 1 and not act.data.get("umbrella"):
        named.append(joined[0])
    return next((key for key in named if key in parts.agreements), None)


def _late(event: Envelope, fact: Fact) -> list[NotedFact]:
    """A fact that binds and was recorded on a later day; whether that is too late, the policy says."""
    if not is_verifiable(fact.declaration.name, vars(fact)):
        return []
    happened = PartialDate(first=event.occurredon, precision=Precision(event.dateprecision)).last
    days = (jakarta_day(datetime.fromisoformat(event.time)) - happened).days
    if days <= 0:
        return []
    agreement: str | None = getattr(fact, "agreement", None)
    key = agreement or getattr(fact, "accord", None) or COOPERATION
    return [NotedFact(what="late", key=key, on=event.occurredon, time=event.time, agreement=agreement, days=days)]
