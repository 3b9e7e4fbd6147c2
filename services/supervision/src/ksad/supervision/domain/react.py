"""What supervision records when something happens: who supervises, what is owed, owed no more, handed over, or late.

A reaction is the difference between what the state calls for and what has been recorded. So it does not matter how
often an event is seen, and a restored store is not given twice what it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry
from ksad.contracts.identifiers import task_id
from ksad.contracts.supervision import (
    TaskCancelled,
    TaskCompleted,
    TaskDeclined,
    TaskDelivered,
    TaskHandedOver,
    TaskScheduled,
    Tier,
)
from ksad.supervision.domain import lateness
from ksad.supervision.domain.case import Resolution
from ksad.supervision.domain.jurisdiction import resolutions
from ksad.supervision.domain.owed import ESCALATED, DutyLedger, Owed, no_longer_owed
from ksad.supervision.domain.register import register_extract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.supervision import JurisdictionResolved
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.register import Document, RegisterQueries
    from ksad.supervision.domain.task import Task

PARTY_FACTS = (registry.Registered, registry.PartyJoined, registry.PartyWithdrew)
EXTENSION = "perluasan bagi {}: pasal hanya menyebut daerah provinsi"


class Decision(NamedTuple):
    """A fact to record on a stream, and the day it is of."""

    subject: str
    fact: Fact
    on: date


class Reaction(NamedTuple):
    """What is recorded, and the documents that it refers to."""

    decisions: tuple[Decision, ...]
    documents: tuple[Document, ...] = ()


class Moment(NamedTuple):
    """What happened: a fact of the cooperation, a day that passed, or new reference data.

    ``on`` is the fact's day, ``base`` the later of it and the current day; ``anchor`` a day on which the supervisor
    must be resolved anew.
    """

    on: date
    base: date
    anchor: date | None = None
    legacy: bool = False
    day: date | None = None


def moment_of(event: Envelope, current: date | None) -> Moment:
    """The moment of a fact of a cooperation; ``current`` is the newest day that passed."""
    on = event.occurredon
    fact = event.fact()
    anchor = on if isinstance(fact, PARTY_FACTS) else None
    legacy = event.legacy is True and not isinstance(fact, registry.BackfillClosed)
    return Moment(on, max(on, current or on), anchor, legacy=legacy)


def react(before: Case, case: Case, moment: Moment, reference: Reference, register: RegisterQueries) -> Reaction:
    """What to record.

    :param before: the case as it was, and ``case`` as what happened made it.
    :raises RuleBrokenError: the parties have no supervisor.
    """
    if not case.entries:
        return Reaction(())
    made: list[Decision] = []
    # What the calendar changed before this fact came in, with the parties of that time.
    earlier = resolutions(before, reference, through=moment.on) if before.resolutions and not before.closed else []
    case = _with(case, earlier)
    later = []
    if not case.closed:
        through = moment.on if moment.legacy else moment.base
        later = resolutions(case, reference, through=through, anchor=moment.anchor)
        case = _with(case, later)
    made += [Decision(case.subject, one, one.holds_from) for one in (*earlier, *later)]
    if case.resolution is None or moment.legacy:
        return Reaction(tuple(made))
    kept = []
    for _, task in sorted(case.tasks.items()):
        changes = list(_changed(case, task, reference, moment.base))
        made += changes
        if not any(isinstance(one.fact, TaskCancelled | TaskCompleted) for one in changes):
            over = [one.fact.to_body for one in changes if isinstance(one.fact, TaskHandedOver)]
            kept.append((task, over[0] if over else task.body))
    documents: list[Document] = []
    for owed in DutyLedger(case, reference, moment.base).owed():
        made += _scheduling(case, owed, moment.base, reference, register, documents)
    if moment.day is not None:
        for task, body in kept:
            steps = lateness.steps(task, body, reference, moment.day)
            made += [Decision(task.subject, fact, moment.day) for fact in steps]
    return Reaction(tuple(made), tuple(documents))


def _with(case: Case, resolved: list[JurisdictionResolved]) -> Case:
    """The case as these resolutions will make it."""
    if not resolved:
        return case
    return case.model_copy(update={"resolutions": (*case.resolutions, *map(Resolution.of, resolved))})


def _changed(case: Case, task: Task, reference: Reference, base: date) -> Iterator[Decision]:
    """What becomes of an open task: handed over, or owed no more as a whole or to a party that left."""
    reason = no_longer_owed(case, task.duty, task.occurrence)
    left = [code for code in task.remaining if code in case.departed]
    if reason is None and left and set(left) == set(task.for_parties):
        reason = "daerah keluar dari kerja sama"
    if reason is not None:
        yield Decision(task.subject, TaskCancelled(cooperation_id=case.id, reason=reason), base)
        return
    assert case.resolution is not None  # noqa: S101 - only a resolved case gets here
    body = case.resolution.supervising_body
    if task.body != body and not task.occurrence.endswith(ESCALATED):
        clause = reference.law.profile(case.profile).duty(task.duty).id(case.resolution.tier)
        over = TaskHandedOver(
            cooperation_id=case.id,
            from_body=task.body,
            to_body=body,
            clause=clause or task.clause,
            reason=f"pembina dan pengawas berubah sejak {case.resolution.holds_from}",
        )
        yield Decision(task.subject, over, base)
    for code in left:
        fact = TaskDeclined(cooperation_id=case.id, region=code, reason="daerah keluar dari kerja sama")
        yield Decision(task.subject, fact, base)
    if left and set(left) == set(task.remaining):
        yield Decision(task.subject, completed(task, "telah diberikan kepada semua pihak yang tersisa"), base)


def completed(task: Task, outcome: str, documents: tuple[DocumentRef, ...] = ()) -> TaskCompleted:
    """A completion without findings or evaluation."""
    return TaskCompleted(
        cooperation_id=task.cooperation_id,
        outcome=outcome,
        documents=list(documents),
        findings=[],
        evaluation=None,
        satisfies=None,
    )


def _scheduling(
    case: Case, owed: Owed, base: date, reference: Reference, register: RegisterQueries, documents: list[Document]
) -> Iterator[Decision]:
    assert case.resolution is not None  # noqa: S101 - nothing is owed before it is resolved by whom
    tier = owed.tier or case.resolution.tier
    clause = owed.duty.id(tier)
    assert clause is not None  # noqa: S101 - the ledger asks for the duties of a tier
    due = reference.due(owed.duty.due, owed.start)
    basis = [owed.why, due.basis, _extension(owed, tier)]
    fact = TaskScheduled(
        cooperation_id=case.id,
        duty=owed.duty.key,
        clause=clause,
        body="joint_secretariat" if owed.tier is Tier.MINISTER else case.resolution.supervising_body,
        stage=owed.stage,
        for_parties=list(owed.for_parties),
        occurrence=owed.occurrence,
        period=owed.period,
        due_on=due.on,
        due_basis="; ".join(filter(None, basis))[:500],
    )
    subject = f"task/{task_id(case.id, owed.duty.key, owed.occurrence)}"
    yield Decision(subject, fact, base)
    if owed.duty.filled_from is not None:
        filled = register_extract(owed.duty, clause, case, register, reference, base)
        documents.append(filled)
        for code in owed.for_parties:
            given = TaskDelivered(
                cooperation_id=case.id, region=code, documents=[filled.ref], note="diisi dari register"
            )
            yield Decision(subject, given, base)
        done = TaskCompleted(
            cooperation_id=case.id,
            outcome="diisi dari register dan diberikan kepada semua pihak",
            documents=[filled.ref],
            findings=[],
            evaluation=None,
            satisfies=None,
        )
        yield Decision(subject, done, base)


def _extension(owed: Owed, tier: Tier) -> str | None:
    """``domain.md`` 1.3: in the Minister's tier some duties name provinces only; the others are offered the same."""
    others = [code for code in owed.for_parties if "." in code]
    if tier is not Tier.MINISTER or owed.duty.addressed != "own_kind" or not others:
        return None
    return EXTENSION.format(", ".join(others))
