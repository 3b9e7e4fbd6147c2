"""Folds events into a case. :func:`evolve` is pure and total: it never refuses and asks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from ksad.contracts import registry as facts
from ksad.contracts import supervision as own
from ksad.contracts.corrections import substituted
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.supervision.domain import task as tasks
from ksad.supervision.domain.case import (
    LAST_STAGE,
    Case,
    CaseDispute,
    CaseProblem,
    FormedBody,
    Resolution,
    Scheduled,
    Signing,
    StageEntry,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope

Changes = dict[str, Any]
OWN = ("version", "resolutions", "scheduled", "tasks")


def _registered(_: Case, fact: facts.Registered, on: date, live: bool) -> Changes:  # noqa: FBT001 - one signature for all folds
    named = {name: getattr(fact, name) for name in ("key", "title", "object", "affair", "profile")}
    entry = StageEntry(stage=fact.stage, number=1, on=on, live=live)
    state = "running" if fact.stage is LAST_STAGE else "proposed"
    return {**named, "parties": tuple(fact.parties), "entries": (entry,), "state": state}


def _left(case: Case, *, live: bool) -> tuple[StageEntry, ...]:
    if not case.entries:
        return ()
    last = case.entries[-1].model_copy(update={"left": "live" if live else "legacy"})
    return (*case.entries[:-1], last)


def _stage_entered(case: Case, fact: facts.StageEntered, on: date, live: bool) -> Changes:  # noqa: FBT001 - as above
    if case.entry is not None and case.entry.stage is fact.stage:
        return {}
    number = 1 + sum(entry.stage is fact.stage for entry in case.entries)
    entries = (*_left(case, live=live), StageEntry(stage=fact.stage, number=number, on=on, live=live))
    return {"entries": entries, "state": "running" if fact.stage is LAST_STAGE else case.state}


def _body_formed(case: Case, fact: facts.BodyFormed, _: date, __: bool) -> Changes:  # noqa: FBT001 - as above
    return {"bodies": (*case.bodies, FormedBody(name=fact.name, seat=fact.seat, instrument=fact.instrument))}


def _signings(case: Case, instrument: InstrumentKind, state: str) -> tuple[Signing, ...]:
    return tuple(
        one.model_copy(update={"state": state}) if one.instrument is instrument and one.state == "planned" else one
        for one in case.signings
    )


def _signing_scheduled(case: Case, fact: facts.SigningScheduled, _: date, live: bool) -> Changes:  # noqa: FBT001 - as above
    number = 1 + sum(one.instrument is fact.instrument for one in case.signings)
    planned = Signing(
        instrument=fact.instrument,
        number=number,
        signing_on=fact.signing_on,
        institutions=tuple(fact.institutions),
        live=live,
    )
    return {"signings": (*_signings(case, fact.instrument, "rescheduled"), planned)}


def _accord_signed(case: Case, _: facts.AccordSigned, on: date, live: bool) -> Changes:  # noqa: FBT001 - as above
    return {"accord_on": on, "accord_live": live, "signings": _signings(case, InstrumentKind.ACCORD, "signed")}


def _agreement_signed(case: Case, fact: facts.AgreementSigned, on: date, _: bool) -> Changes:  # noqa: FBT001 - as above
    signed = {"agreement_on": on, "signings": _signings(case, InstrumentKind.AGREEMENT, "signed"), "state": "running"}
    return signed | _ends(case, fact.ends_on)


def _ends(case: Case, end: date | None, *, notice: bool = False) -> Changes:
    if end is None or end == case.end:
        return {"notice": notice} if notice else {}
    former = tuple(day for day in case.former_ends if day != end)
    return {"end": end, "former_ends": (*former, case.end) if case.end else former, "notice": notice}


def _parties(case: Case, fact: facts.PartyJoined | facts.PartyWithdrew, _: date, __: bool) -> Changes:  # noqa: FBT001 - as above
    parties = tuple(fact.parties)
    gone = tuple(code for code in dict.fromkeys((*case.departed, *case.parties)) if code not in parties)
    return {"parties": parties, "departed": gone}


def _problem(case: Case, key: str, value: CaseProblem) -> Changes:
    return {"problems": case.problems | {key: value}}


def _dispute(case: Case, key: str, **changed: bool) -> Changes:
    known = case.disputes.get(key) or CaseDispute(live=True)
    return {"disputes": case.disputes | {key: known.model_copy(update=changed)}}


def _proof(case: Case, fact: facts.TerminationItemCompleted, _: date, __: bool) -> Changes:  # noqa: FBT001 - as above
    return {"proofs": (*case.proofs, (fact.item, fact.region, fact.proof))}


def _over(state: str) -> Callable[[Case, Any, date, bool], Changes]:
    def fold(case: Case, _: Fact, on: date, live: bool) -> Changes:  # noqa: FBT001 - as above
        return {"state": state, "closed_on": on, "entries": _left(case, live=live)}

    return fold


def _backfill_closed(case: Case, _: facts.BackfillClosed, __: date, ___: bool) -> Changes:  # noqa: FBT001 - as above
    if case.closed:
        return {}
    current = {"live": True}
    return {
        "entries": (*case.entries[:-1], *(entry.model_copy(update=current) for entry in case.entries[-1:])),
        "signings": tuple(one.model_copy(update=current) if one.state == "planned" else one for one in case.signings),
        "problems": {key: one.model_copy(update={"live": True}) for key, one in case.problems.items()},
        "disputes": {key: one.model_copy(update={"live": True}) for key, one in case.disputes.items()},
        "accord_live": case.accord_on is not None,
    }


REGISTRY: dict[type[Fact], Callable[[Case, Any, Any, Any], Changes]] = {
    facts.Registered: _registered,
    facts.StageEntered: _stage_entered,
    facts.BodyFormed: _body_formed,
    facts.SigningScheduled: _signing_scheduled,
    facts.AccordSigned: _accord_signed,
    facts.AgreementSigned: _agreement_signed,
    facts.ProfileBound: lambda _, fact, __, ___: {"profile": fact.profile},
    facts.AgreementAmended: lambda case, fact, _, __: _ends(case, fact.ends_on),
    facts.AgreementExtended: lambda case, fact, _, __: _ends(case, fact.ends_on),
    facts.PartyJoined: _parties,
    facts.PartyWithdrew: _parties,
    facts.ProblemReported: lambda case, fact, _, live: _problem(case, fact.problem, CaseProblem(live=live)),
    facts.ProblemResolved: lambda case, fact, _, live: _problem(
        case, fact.problem, CaseProblem(live=live, resolved=True)
    ),
    facts.DisputeRaised: lambda case, fact, _, live: _dispute(case, fact.dispute, live=live),
    facts.DisputeDecisionRequested: lambda case, fact, _, __: _dispute(case, fact.dispute, requested=True),
    facts.DisputeEscalated: lambda case, fact, _, __: _dispute(case, fact.dispute, escalated=True),
    facts.DisputeSettled: lambda case, fact, _, __: _dispute(case, fact.dispute, settled=True),
    facts.TerminationNoticeGiven: lambda case, fact, _, live: _ends(case, fact.planned_end_on, notice=live),
    facts.TerminationItemAdded: lambda case, fact, _, __: {"items": (*case.items, fact.item)},
    facts.TerminationItemCompleted: _proof,
    facts.Ended: _over("ended"),
    facts.ProposalWithdrawn: _over("withdrawn"),
    facts.BackfillClosed: _backfill_closed,
}


def _resolved(case: Case, event: Envelope, fact: own.JurisdictionResolved) -> Changes:
    return {"resolutions": (*case.resolutions, Resolution.of(fact)), "version": event.streamversion}


def with_task(case: Case, event: Envelope, changed: tasks.Task | None) -> Case:
    """The case after an event of one of its tasks, which that event made ``changed``."""
    if changed is None:
        return case
    kept = {key: task for key, task in case.tasks.items() if key != changed.id}
    if changed.open:
        kept[changed.id] = changed
    if event.streamversion != 1:
        return case.model_copy(update={"tasks": kept})
    scheduled = Scheduled(on=event.occurredon, for_parties=changed.for_parties)
    known = case.scheduled | {f"{changed.duty}/{changed.occurrence}": scheduled}
    return case.model_copy(update={"tasks": kept, "scheduled": known})


def evolve(case: Case, event: Envelope) -> Case:
    """The case after one more event, unchanged by one that it has seen.

    A correction on the registry's side needs :func:`refold`.
    """
    noun = event.subject.partition("/")[0]
    if noun == "task":
        identity = UUID(event.subject.removeprefix("task/"))
        return with_task(case, event, tasks.evolve(case.tasks.get(identity), event))
    if event.streamversion <= (case.version if noun == "supervision" else case.heard):
        return case
    fact = event.fact()
    if isinstance(fact, own.JurisdictionResolved):
        return case.model_copy(update=_resolved(case, event, fact))
    fold = REGISTRY.get(type(fact))
    changes = fold(case, fact, event.occurredon, event.legacy is None) if fold is not None else {}
    return case.model_copy(update={**changes, "heard": event.streamversion})


def refold(case: Case, history: Iterable[Envelope]) -> Case:
    """The case with the registry's stream folded anew, corrections carried out; its own part stays as it is."""
    fresh = Case(id=case.id)
    for event in substituted(history):
        fresh = evolve(fresh, event)
    kept = {name: getattr(case, name) for name in OWN}
    kept["signings"] = tuple(_moved(one, case.signings) for one in fresh.signings)
    former = (*fresh.former_ends, *case.former_ends, *((case.end,) if case.end else ()))
    kept["former_ends"] = tuple(day for day in dict.fromkeys(former) if day != fresh.end)
    return fresh.model_copy(update=kept)


def _moved(fresh: Signing, before: Iterable[Signing]) -> Signing:
    """A signing that a correction gave another day is another occasion for help, as one that is rescheduled."""
    same = (one for one in before if (one.instrument, one.number) == (fresh.instrument, fresh.number))
    known = next(same, None)
    if known is None:
        return fresh
    corrected = known.signing_on != fresh.signing_on and fresh.state == "planned"
    return fresh.model_copy(update={"moved": known.moved + corrected})


def stages_entered(case: Case) -> set[Stage]:
    """The stages that the cooperation has been in."""
    return {entry.stage for entry in case.entries}
