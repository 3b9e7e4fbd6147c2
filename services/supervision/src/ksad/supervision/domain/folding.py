"""Folds events into a case. :func:`evolve` is pure and total: it refuses no event and reads nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from ksad.contracts import registry as facts
from ksad.contracts import supervision as own
from ksad.contracts import umbrella, verification
from ksad.contracts.corrections import substituted
from ksad.contracts.registry import InstrumentKind, Stage
from ksad.contracts.umbrella import Agreement, AgreementState, CooperationStatus, Occurred
from ksad.contracts.verification import RecordedEvent
from ksad.supervision.domain import task as tasks
from ksad.supervision.domain.case import (
    Case,
    CaseDispute,
    CaseProblem,
    Resolution,
    Scheduled,
    Signing,
    StageEntry,
)
from ksad.supervision.domain.noting import noted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.envelope import Envelope

Changes = dict[str, Any]
OWN = ("version", "resolutions", "agreement_resolutions", "scheduled", "tasks")


class Heard(NamedTuple):
    """What a fold is told of a fact beside its data: its day, and whether it is of the platform's own time."""

    on: date
    live: bool


def _registered(_: Case, fact: facts.Registered, heard: Heard) -> Changes:
    named = {name: getattr(fact, name) for name in ("key", "title", "object", "affair", "profile")}
    return {**named, "entries": (StageEntry(stage=fact.stage, number=1, on=heard.on, live=heard.live),)}


def _entered(entries: tuple[StageEntry, ...], stage: Stage, heard: Heard) -> tuple[StageEntry, ...]:
    """A line of stages after the entry into another one."""
    # A legacy fact may repeat the present stage. That is no second entry, and makes no guidance owed again.
    if entries and entries[-1].stage is stage:
        return entries
    number = 1 + sum(entry.stage is stage for entry in entries)
    return (*_left(entries, live=heard.live), StageEntry(stage=stage, number=number, on=heard.on, live=heard.live))


def _left(entries: tuple[StageEntry, ...], *, live: bool) -> tuple[StageEntry, ...]:
    if not entries:
        return ()
    last = entries[-1].model_copy(update={"left": "live" if live else "legacy"})
    return (*entries[:-1], last)


def _stage_entered(case: Case, fact: facts.StageEntered, heard: Heard) -> Changes:
    if fact.agreement is None:
        return {"entries": _entered(case.entries, fact.stage, heard)}
    mine = case.lines.get(fact.agreement, ())
    return {"lines": case.lines | {fact.agreement: _entered(mine, fact.stage, heard)}}


def _opened(case: Case, fact: facts.AgreementOpened, heard: Heard) -> Changes:
    return {"lines": case.lines | {fact.agreement: _entered((), fact.stage, heard)}}


def _signings(case: Case, instrument: InstrumentKind, key: str, state: str) -> tuple[Signing, ...]:
    return tuple(
        one.model_copy(update={"state": state})
        if (one.instrument, one.key, one.state) == (instrument, key, "planned")
        else one
        for one in case.signings
    )


def _signing_scheduled(case: Case, fact: facts.SigningScheduled, heard: Heard) -> Changes:
    own_line = fact.instrument is InstrumentKind.AGREEMENT and case.line(fact.key) is not None
    line = (fact.instrument, fact.key if own_line else None)
    number = 1 + sum((one.instrument, one.key if one.own_line else None) == line for one in case.signings)
    planned = Signing(
        instrument=fact.instrument,
        number=number,
        signing_on=fact.signing_on,
        institutions=tuple(fact.institutions),
        live=heard.live,
        key=fact.key,
        own_line=own_line,
    )
    return {"signings": (*_signings(case, fact.instrument, fact.key, "rescheduled"), planned)}


def _accord_signed(case: Case, fact: facts.AccordSigned, heard: Heard) -> Changes:
    signings = _signings(case, InstrumentKind.ACCORD, fact.accord, "signed")
    return {"accord_on": heard.on, "accord_live": heard.live, "signings": signings}


def _agreement_signed(case: Case, fact: facts.AgreementSigned, heard: Heard) -> Changes:
    signings = _signings(case, InstrumentKind.AGREEMENT, fact.agreement, "signed")
    return {"agreement_on": heard.on, "signings": signings}


def _parties(case: Case, fact: facts.PartyJoined | facts.PartyWithdrew, _: Heard) -> Changes:
    parties = tuple(fact.parties)
    gone = tuple(code for code in dict.fromkeys((*case.departed, *case.parties)) if code not in parties)
    return {"departed": gone}


def _problem(case: Case, fact: facts.ProblemReported, heard: Heard) -> Changes:
    problem = CaseProblem(live=heard.live, agreement=fact.agreement)
    return {"problems": case.problems | {fact.problem: problem}}


def _resolved(case: Case, fact: facts.ProblemResolved, heard: Heard) -> Changes:
    known = case.problems.get(fact.problem) or CaseProblem(live=heard.live)
    return {"problems": case.problems | {fact.problem: known.model_copy(update={"resolved": True})}}


def _dispute(case: Case, key: str, **changed: object) -> Changes:
    known = case.disputes.get(key) or CaseDispute(live=True)
    return {"disputes": case.disputes | {key: known.model_copy(update=changed)}}


def _backfill_closed(case: Case, _: facts.BackfillClosed, __: Heard) -> Changes:
    if case.state in (CooperationStatus.ENDED, CooperationStatus.WITHDRAWN):
        return {}
    current = {"live": True}

    def now(entries: tuple[StageEntry, ...]) -> tuple[StageEntry, ...]:
        return (*entries[:-1], *(entry.model_copy(update=current) for entry in entries[-1:]))

    return {
        "entries": now(case.entries),
        "lines": {key: now(entries) for key, entries in case.lines.items()},
        "signings": tuple(one.model_copy(update=current) if one.state == "planned" else one for one in case.signings),
        "problems": {key: one.model_copy(update={"live": True}) for key, one in case.problems.items()},
        "disputes": {key: one.model_copy(update={"live": True}) for key, one in case.disputes.items()},
        "accord_live": case.accord_on is not None,
    }


REGISTRY: dict[type[Fact], Callable[[Case, Any, Heard], Changes]] = {
    facts.Registered: _registered,
    facts.StageEntered: _stage_entered,
    facts.AgreementOpened: _opened,
    facts.SigningScheduled: _signing_scheduled,
    facts.AccordSigned: _accord_signed,
    facts.AgreementSigned: _agreement_signed,
    facts.ProfileBound: lambda _, fact, __: {} if fact.agreement else {"profile": fact.profile},
    facts.PartyJoined: _parties,
    facts.PartyWithdrew: _parties,
    facts.ProblemReported: _problem,
    facts.ProblemResolved: _resolved,
    facts.DisputeRaised: lambda case, fact, heard: _dispute(
        case, fact.dispute, live=heard.live, agreement=fact.agreement
    ),
    facts.DisputeDecisionRequested: lambda case, fact, _: _dispute(case, fact.dispute, requested=True),
    facts.DisputeEscalated: lambda case, fact, _: _dispute(case, fact.dispute, escalated=True, settled=False),
    facts.DisputeSettled: lambda case, fact, _: _dispute(case, fact.dispute, settled=True),
    facts.BackfillClosed: _backfill_closed,
}


def _over(case: Case, heard: Heard) -> Changes:
    """The lines of stages that are over are left, and whether all of it is closed since when."""
    on_line = case.on_line
    over = case.state is CooperationStatus.WITHDRAWN or (
        case.state is CooperationStatus.ENDED if on_line is None or not on_line[1].stands else _is_over(on_line[1])
    )
    lines = {key: _ending(case.lines[key], heard, over=_is_over(case.parts.agreements[key])) for key in case.lines}
    closed_on = None
    if case.closed:
        closed_on = case.closed_on or heard.on
    return {"entries": _ending(case.entries, heard, over=over), "lines": lines, "closed_on": closed_on}


def _is_over(agreement: Agreement) -> bool:
    return agreement.state in (AgreementState.CLOSED, AgreementState.DROPPED)


def _ending(entries: tuple[StageEntry, ...], heard: Heard, *, over: bool) -> tuple[StageEntry, ...]:
    """A line that is over was left; one whose end has no effect any more was not."""
    if not entries or over is (entries[-1].left is not None):
        return entries
    return _left(entries, live=heard.live) if over else (*entries[:-1], entries[-1].model_copy(update={"left": None}))


def _resolution(case: Case, event: Envelope, fact: own.ResolvedFact) -> Changes:
    made = Resolution.of(fact)
    if isinstance(fact, own.AgreementJurisdictionResolved):
        mine = (*case.agreement_resolutions.get(fact.agreement, ()), made)
        changed: Changes = {"agreement_resolutions": case.agreement_resolutions | {fact.agreement: mine}}
    else:
        changed = {"resolutions": (*case.resolutions, made)}
    return changed | {"version": event.streamversion}


def with_task(case: Case, event: Envelope, changed: tasks.Task | None) -> Case:
    """The case after an event of one of its tasks.

    :param changed: the task after the event.
    """
    if changed is None:
        return case
    kept = {key: task for key, task in case.tasks.items() if key != changed.id}
    if changed.open:
        kept[changed.id] = changed
    # The first event of a task schedules it. The entry stays when the task is closed, so that the duty is not owed
    # again; what was cancelled may be.
    if event.streamversion != 1 and changed.cancelled is None:
        return case.model_copy(update={"tasks": kept})
    names = ("for_parties", "duty", "agreement", "rests_on")
    said = {name: getattr(changed, name) for name in names}
    scheduled = Scheduled(on=changed.scheduled_on, cancelled=changed.cancelled is not None, **said)
    known = case.scheduled | {f"{changed.duty}/{changed.occurrence}": scheduled}
    return case.model_copy(update={"tasks": kept, "scheduled": known})


def evolve(case: Case, event: Envelope) -> Case:
    """The case after a further event; unchanged by an event that it has seen before.

    Corrections of the registry's events need :func:`refold`.
    """
    noun = event.subject.partition("/")[0]
    if noun == "task":
        identity = UUID(event.subject.removeprefix("task/"))
        return with_task(case, event, tasks.evolve(case.tasks.get(identity), event))
    if event.streamversion <= (case.version if noun == "supervision" else case.heard):
        return case
    fact = event.fact()
    if isinstance(fact, own.ResolvedFact):
        return case.model_copy(update=_resolution(case, event, fact))
    heard = Heard(event.occurredon, event.legacy is None)
    fold = REGISTRY.get(type(fact))
    changes = fold(case, fact, heard) if fold is not None else {}
    occurred = Occurred(event.id, event.occurredon, event.legacy is True)
    changes["backfill"] = not isinstance(fact, facts.BackfillClosed) and (case.backfill or event.legacy is True)
    name, data = fact.declaration.name, vars(fact)
    changes["parts"] = umbrella.evolve(case.parts, name, data, occurred)
    said = RecordedEvent(event.id, event.streamversion, occurred.legacy, event.time)
    changes["noted"] = noted(case.noted, case.parts, event, fact)
    changes["examined"] = verification.evolve(case.examined, name, data, said, changes["parts"])
    after = case.model_copy(update={**changes, "heard": event.streamversion})
    return after.model_copy(update=_over(after, heard))


def refold(case: Case, history: Iterable[Envelope]) -> Case:
    """The case with the registry's stream folded from its start, corrections applied.

    What comes from own events is kept.
    """
    fresh = Case(id=case.id)
    for event in substituted(history):
        fresh = evolve(fresh, event)
    # Two values come from comparing with the case before the correction: signings moved, and former ends.
    kept = {name: getattr(case, name) for name in OWN}
    kept["signings"] = tuple(_moved(one, case.signings) for one in fresh.signings)
    return fresh.model_copy(update=kept)


def _moved(fresh: Signing, before: Iterable[Signing]) -> Signing:
    """A signing that a correction gave another day is another occasion for help, as one that is rescheduled."""
    which = (fresh.instrument, fresh.key, fresh.number)
    same = (one for one in before if (one.instrument, one.key, one.number) == which)
    known = next(same, None)
    if known is None:
        return fresh
    corrected = known.signing_on != fresh.signing_on and fresh.state == "planned"
    return fresh.model_copy(update={"moved": known.moved + corrected})


def stages_entered(case: Case) -> set[Stage]:
    """The stages that the cooperation has entered."""
    return {entry.stage for entry in case.entries}
