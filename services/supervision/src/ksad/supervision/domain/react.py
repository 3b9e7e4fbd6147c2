"""Decides what supervision records after an event: resolutions, new tasks, cancellations, handovers, lateness.

A reaction is the difference between what the state calls for and what is recorded already. Seeing an event again
therefore changes nothing, and a restored store receives nothing twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts import registry
from ksad.contracts.dates import in_words, jakarta_day
from ksad.contracts.identifiers import task_id
from ksad.contracts.supervision import (
    BACKFILL,
    ESCALATED,
    HOME_GOVERNORS,
    AgreementJurisdictionResolved,
    TaskCancelled,
    TaskCompleted,
    TaskDeclined,
    TaskDelivered,
    TaskHandedOver,
    TaskScheduled,
    Tier,
)
from ksad.supervision.domain import lateness, occasions
from ksad.supervision.domain.case import Resolution
from ksad.supervision.domain.gone import no_longer_owed
from ksad.supervision.domain.jurisdiction import resolutions
from ksad.supervision.domain.owed import DutyLedger
from ksad.supervision.domain.owing import Owed
from ksad.supervision.domain.register import bodies_formed
from ksad.supervision.domain.verifying import EXAMINED, VERIFICATION, body_of, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.supervision import ResolvedFact
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.register import Document, RegisterQueries
    from ksad.supervision.domain.task import Task

PARTY_FACTS = (registry.Registered, registry.PartyJoined, registry.PartyWithdrew)
BACKFILL_CLOSED = "pemasukan data lama ditutup"
EXTENSION = "perluasan bagi {}: pasal hanya menyebut daerah provinsi"


class Decision(NamedTuple):
    """A fact to record on a stream, and the day on which it occurred."""

    subject: str
    fact: Fact
    on: date


class Reaction(NamedTuple):
    """The facts to record, and the documents that they refer to."""

    decisions: tuple[Decision, ...]
    documents: tuple[Document, ...] = ()


class Moment(NamedTuple):
    """The occasion of a reaction: a fact of the cooperation, a day that passed, or new reference data.

    ``on`` is the day of the fact; ``base`` the latest of it, the day of its recording and the newest day passed;
    ``anchor`` a day for which the supervisor must be resolved again; ``day`` the day that passed, if that is the
    occasion.
    """

    on: date
    base: date
    anchor: date | None = None
    legacy: bool = False
    day: date | None = None


def moment_of(event: Envelope, current: date | None) -> Moment:
    """The occasion for a fact of a cooperation.

    :param current: the newest day that passed.
    """
    on = event.occurredon
    # Terms count from the day on which the body could know, however long ago it happened; of a year or a month that day
    # would be its first. The regulation sets no term and no day from which it counts (policy).
    known = jakarta_day(datetime.fromisoformat(event.time))
    fact = event.fact()
    anchor = on if isinstance(fact, PARTY_FACTS) else None
    legacy = event.legacy is True and not isinstance(fact, registry.BackfillClosed)
    return Moment(on, max(on, current or known, known), anchor, legacy=legacy)


def react(before: Case, case: Case, moment: Moment, reference: Reference, register: RegisterQueries) -> Reaction:
    """Decides what to record.

    :param before: the case before the occasion; ``case`` is the case after it.
    :raises RuleBrokenError: the parties have no supervisor.
    """
    if not case.entries:
        return Reaction(())
    made: list[Decision] = []
    # Changes of reference data before this fact apply to the parties of that time.
    earlier = resolutions(before, reference, through=moment.on) if before.entries and not before.closed else []
    case = _with(case, earlier)
    later = []
    if not case.closed:
        through = moment.on if moment.legacy else moment.base
        later = resolutions(case, reference, through=through, anchor=moment.anchor)
        case = _with(case, later)
    made += [Decision(case.subject, one, one.holds_from) for one in (*earlier, *later)]
    if case.resolution is None:
        return Reaction(tuple(made))
    documents: list[Document] = []
    # A legacy fact leads to no duty but that to complete the backfill: it happened before the platform.
    if moment.legacy:
        for owed in DutyLedger(case, reference, moment.base).backfill():
            made += _scheduling(case, owed, moment.base, reference, register, documents)
        return Reaction(tuple(made))
    kept = []
    # Sorted, so that the same state always leads to the same events in the same order.
    for _, task in sorted(case.tasks.items()):
        changes = list(_changed(case, task, reference, moment.base))
        made += changes
        if not any(isinstance(one.fact, TaskCancelled | TaskCompleted) for one in changes):
            over = [one.fact.to_body for one in changes if isinstance(one.fact, TaskHandedOver)]
            kept.append((task, over[0] if over else task.body))
    for owed in DutyLedger(case, reference, moment.base).owed():
        made += _scheduling(case, owed, moment.base, reference, register, documents)
    if moment.day is not None:
        # After the changes: a task cancelled by this reaction is not late, and one handed over escalates to its new
        # body's head.
        for task, body in kept:
            steps = lateness.steps(task, body, reference, moment.day)
            made += [Decision(task.subject, fact, moment.day) for fact in steps]
    return Reaction(tuple(made), tuple(documents))


def _with(case: Case, resolved: list[ResolvedFact]) -> Case:
    """The case after these resolutions."""
    for fact in resolved:
        if isinstance(fact, AgreementJurisdictionResolved):
            mine = (*case.agreement_resolutions.get(fact.agreement, ()), Resolution.of(fact))
            changed = {"agreement_resolutions": case.agreement_resolutions | {fact.agreement: mine}}
            case = case.model_copy(update=changed)
        else:
            case = case.model_copy(update={"resolutions": (*case.resolutions, Resolution.of(fact))})
    return case


def _changed(case: Case, task: Task, reference: Reference, base: date) -> Iterator[Decision]:
    """Changes of an open task: a handover, a cancellation, or withdrawal for a party that left."""
    if task.occasion == BACKFILL and not case.backfill:
        yield Decision(task.subject, completed(task, BACKFILL_CLOSED), base)
        return
    if task.occasion == VERIFICATION and body_of(case, task.agreement) not in waiting(case, reference.verifying_since):
        yield Decision(task.subject, completed(task, EXAMINED), base)
        return
    reason = no_longer_owed(case, task)
    if reason is None and task.occasion in occasions.NAMES:
        standing = {one.occurrence for one in occasions.occasions(case, reference, base)}
        reason = None if task.occurrence in standing else occasions.GONE
    left = [] if task.occasion == HOME_GOVERNORS else _left(case, task)
    if reason is None and left and set(left) == set(task.for_parties):
        reason = "daerah keluar dari kerja sama"
    if reason is not None:
        yield Decision(task.subject, TaskCancelled(cooperation_id=case.id, reason=reason), base)
        return
    resolution = case.resolution_of(task.agreement)
    assert resolution is not None  # noqa: S101 - only a resolved case gets here
    body = resolution.supervising_body
    if task.body != body and task.occasion != ESCALATED:
        clause = reference.law.profile(case.profile).duty(task.duty).id(resolution.tier)
        # The clause can change with the body: Pasal 6 lists the duties of the Joint Secretariat, Pasal 10 those of a
        # TKKSD.
        over = TaskHandedOver(
            cooperation_id=case.id,
            from_body=task.body,
            to_body=body,
            clause=clause or task.clause,
            reason=f"pembina dan pengawas berubah sejak {in_words(resolution.holds_from)}",
        )
        yield Decision(task.subject, over, base)
    for code in left:
        fact = TaskDeclined(cooperation_id=case.id, region=code, reason="daerah keluar dari kerja sama")
        yield Decision(task.subject, fact, base)
    if left and set(left) == set(task.remaining):
        yield Decision(task.subject, completed(task, "telah diberikan kepada semua pihak yang tersisa"), base)


def _left(case: Case, task: Task) -> list[str]:
    """The parties of a task that have left what it is about."""
    known = case.parts.agreements.get(task.agreement or "")
    return [
        code for code in task.remaining if (code in case.departed if known is None else code not in known.participants)
    ]


def completed(task: Task, outcome: str, documents: tuple[DocumentRef, ...] = ()) -> TaskCompleted:
    """A completion without findings and evaluation."""
    return TaskCompleted(
        cooperation_id=task.cooperation_id,
        outcome=outcome,
        documents=list(documents),
        findings=[],
        evaluation=None,
        satisfies=None,
        duty=task.duty,
    )


def _scheduling(
    case: Case, owed: Owed, base: date, reference: Reference, register: RegisterQueries, documents: list[Document]
) -> Iterator[Decision]:
    resolution = case.resolution_of(owed.agreement)
    assert resolution is not None  # noqa: S101 - nothing is owed before it is resolved by whom
    tier = owed.tier or resolution.tier
    clause = owed.duty.id(tier)
    assert clause is not None  # noqa: S101 - the ledger asks for the duties of a tier
    due = reference.due(owed.term or owed.duty.due, owed.start)
    basis = [owed.why, due.basis, _extension(owed, tier)]
    fact = TaskScheduled(
        cooperation_id=case.id,
        duty=owed.duty.key,
        clause=clause,
        body="joint_secretariat" if owed.tier is Tier.MINISTER else resolution.supervising_body,
        stage=owed.stage,
        for_parties=list(owed.for_parties),
        occurrence=owed.occurrence,
        period=owed.period,
        due_on=due.on,
        due_basis="; ".join(filter(None, basis))[:500],
        agreement=owed.agreement,
        occasion=owed.occasion,
        rests_on=owed.rests_on,
    )
    subject = f"task/{task_id(case.id, owed.duty.key, owed.occurrence)}"
    yield Decision(subject, fact, base)
    # Which cooperations resemble this one an officer judges; which bodies were formed is a fact.
    if owed.duty.filled_from == "bodies":
        filled = bodies_formed(owed.duty, clause, case, register, reference, base)
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
            duty=owed.duty.key,
        )
        yield Decision(subject, done, base)


def _extension(owed: Owed, tier: Tier) -> str | None:
    """The note for parties that a clause does not name.

    In the Minister's tier some duties name provinces only. Regencies and cities are offered the same, as policy.
    """
    # A code with a dot is that of a regency or city.
    others = [code for code in owed.for_parties if "." in code]
    if tier is not Tier.MINISTER or owed.duty.addressed != "own_kind" or not others:
        return None
    return EXTENSION.format(", ".join(others))
