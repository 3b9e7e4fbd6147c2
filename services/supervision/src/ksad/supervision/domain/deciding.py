"""What officers and parties may do with a task: each command is decided here, or refused by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ksad.contracts import supervision as facts
from ksad.contracts.corrections import substituted
from ksad.contracts.law import DutyKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.supervision.domain.commands import Acknowledge, Assign, Complete, CorrectTask, Decline, Deliver
from ksad.supervision.domain.parties import party_of, speaks_for
from ksad.supervision.domain.react import Decision, completed
from ksad.supervision.domain.task import REMINDER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.law import Duty
    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.commands import TaskCommand
    from ksad.supervision.domain.task import Task

DOCUMENTED = {DutyKind.OPINION, DutyKind.ADVICE, DutyKind.BRIEF}
ALL_REACHED = "telah diberikan kepada atau ditolak oleh setiap pihak"
ALL_ACKNOWLEDGED = "telah diakui oleh setiap pihak"


class TaskContext(NamedTuple):
    """What a command is decided on: the task, its duty, and whether there is an agreement to hold findings against.

    ``other`` is the further task that a completion names; None where it names none, or none that exists. ``history``
    is the task's stream, for a correction.
    """

    task: Task
    duty: Duty
    has_agreement: bool
    on: date
    regions: RegionTable
    other: Task | None = None
    history: Sequence[Envelope] = ()


def decided(command: TaskCommand, context: TaskContext, office: str) -> list[Decision]:
    """The facts that an office's command is.

    :raises RuleBrokenError: it breaks a rule.
    """
    task = context.task
    match command:
        case Assign():
            return assign(context, command.assignee)
        case Deliver():
            party = party_of(command.region, task.for_parties, context.regions) or command.region
            return deliver(context, party, command.documents, command.note)
        case Decline():
            return decline(context, speaks_for(office, command.region, task, context.regions) or "", command.reason)
        case Acknowledge():
            return acknowledge(context, speaks_for(office, command.region, task, context.regions) or "")
        case Complete():
            fact = facts.TaskCompleted(cooperation_id=task.cooperation_id, **command.model_dump(exclude={"on"}))
            return complete(context, fact, context.other)
        case CorrectTask():
            return correct(context, context.history, command.corrects, command.reason, command.fields)
    raise TypeError(type(command).__name__)


def _check_open(task: Task) -> None:
    if not task.open:
        detail = f"Tugas ini sudah {'selesai' if task.completed else 'dibatalkan'} dan tidak menerima perubahan."
        raise RuleBrokenError("task-open", detail, task.clause, kind=RefusalKind.CONFLICT, status_now=task.status.value)


def _check_party(task: Task, region: str) -> None:
    if region not in task.for_parties:
        detail = f"Daerah {region} bukan penerima tugas ini. Penerima: {', '.join(task.for_parties) or 'tidak ada'}."
        raise RuleBrokenError("task-for-party", detail, task.clause, region=region)


def assign(context: TaskContext, assignee: str) -> list[Decision]:
    """An officer, by pseudonym, takes the task."""
    _check_open(context.task)
    return _on(context, facts.TaskAssigned(cooperation_id=context.task.cooperation_id, assignee=assignee))


def deliver(context: TaskContext, region: str, documents: Sequence[DocumentRef], note: str | None) -> list[Decision]:
    """Guidance, or a reminder, reached a party; reaching the last one completes guidance."""
    task = context.task
    _check_open(task)
    _check_party(task, region)
    if region in task.delivered or region in task.declined:
        raise RuleBrokenError(
            "delivered-once", f"Daerah {region} sudah menerima atau menolak.", task.clause, kind=RefusalKind.CONFLICT
        )
    fact = facts.TaskDelivered(cooperation_id=task.cooperation_id, region=region, documents=list(documents), note=note)
    return _reaching(context, fact, region if task.duty != REMINDER else None, ALL_REACHED)


def decline(context: TaskContext, region: str, reason: str) -> list[Decision]:
    """A party needs no guidance. A reminder cannot be declined: it is acknowledged."""
    task = context.task
    _check_open(task)
    _check_party(task, region)
    if task.duty == REMINDER:
        raise RuleBrokenError("reminder-acknowledged", "Pengingat tidak ditolak, melainkan diakui.", task.clause)
    if region in task.delivered or region in task.declined:
        raise RuleBrokenError(
            "delivered-once", f"Daerah {region} sudah menerima atau menolak.", task.clause, kind=RefusalKind.CONFLICT
        )
    fact = facts.TaskDeclined(cooperation_id=task.cooperation_id, region=region, reason=reason)
    return _reaching(context, fact, region, ALL_REACHED)


def acknowledge(context: TaskContext, region: str) -> list[Decision]:
    """A party acknowledges the reminder of d.4; the last one completes it."""
    task = context.task
    _check_open(task)
    _check_party(task, region)
    if task.duty != REMINDER:
        raise RuleBrokenError("reminder-acknowledged", "Hanya pengingat pengakhiran yang diakui.", task.clause)
    if region not in task.remaining:
        raise RuleBrokenError(
            "acknowledged-once", f"Daerah {region} sudah mengakui.", task.clause, kind=RefusalKind.CONFLICT
        )
    fact = facts.ReminderAcknowledged(cooperation_id=task.cooperation_id, region=region)
    return _reaching(context, fact, region, ALL_ACKNOWLEDGED)


def complete(context: TaskContext, fact: facts.TaskCompleted, other: Task | None) -> list[Decision]:
    """The duty is done.

    :param other: the further task that ``satisfies`` names; None where it names none, or none that exists.
    """
    task, duty = context.task, context.duty
    _check_open(task)
    if duty.kind is DutyKind.REPORT:
        detail = "Kewajiban melapor selesai ketika laporannya disampaikan."
        raise RuleBrokenError("report-submitted", detail, task.clause, kind=RefusalKind.CONFLICT)
    check_completion(context, fact)
    made = _on(context, fact)
    if fact.satisfies is not None:
        made.append(Decision(_satisfied(context, fact.satisfies, other).subject, _same(fact), context.on))
    return made


def check_completion(context: TaskContext, fact: facts.TaskCompleted) -> None:
    """What a completion needs, by the kind of its duty.

    :raises RuleBrokenError: names the rule and the clause of the task.
    """
    task, kind = context.task, context.duty.kind
    if task.remaining:
        waiting = ", ".join(task.remaining)
        detail = f"Belum semua pihak terjangkau: {waiting}. Berikan kepada atau catat penolakan setiap pihak."
        raise RuleBrokenError(
            "parties-reached", detail, task.clause, kind=RefusalKind.CONFLICT, remaining=list(task.remaining)
        )
    if kind is DutyKind.OVERSIGHT and not fact.findings:
        detail = "Pengawasan selesai dengan temuan, juga bila semuanya sesuai. Isi findings."
        raise RuleBrokenError("findings-filed", detail, task.clause)
    if kind not in (DutyKind.OVERSIGHT, DutyKind.MONITORING) and fact.findings:
        raise RuleBrokenError("findings-of-oversight", "Temuan hanya untuk pengawasan dan monitoring.", task.clause)
    if not context.has_agreement and any(one.basis == "agreement" for one in fact.findings):
        detail = "Belum ada perjanjian; temuan hanya terhadap peraturan perundang-undangan."
        raise RuleBrokenError("finding-basis-exists", detail, "P1.8")
    if (kind is DutyKind.MONITORING) != (fact.evaluation is not None):
        detail = "Formulir evaluasi wajib untuk monitoring dan evaluasi, dan hanya untuk itu."
        raise RuleBrokenError("evaluation-filed", detail, task.clause)
    if kind in DOCUMENTED and not fact.documents:
        detail = "Pertimbangan, masukan, dan bahan pertimbangan memerlukan sedikitnya satu dokumen."
        raise RuleBrokenError("document-attached", detail, task.clause)


def _satisfied(context: TaskContext, named: UUID, other: Task | None) -> Task:
    """The task that one document closes as well: advice and brief of the same dispute."""
    task = context.task
    if other is None or other.id == task.id or other.cooperation_id != task.cooperation_id:
        raise RuleBrokenError(
            "satisfies-known", "Tugas yang juga dipenuhi tidak ada pada kerja sama ini.", satisfies=named
        )
    if other.duty not in context.duty.may_satisfy or other.occurrence != task.occurrence or other.body != task.body:
        detail = "Satu dokumen hanya dapat menjadi masukan dan bahan pertimbangan atas perselisihan yang sama."
        raise RuleBrokenError("satisfies-same-dispute", detail, task.clause, satisfies=named)
    _check_open(other)
    return other


def _same(fact: facts.TaskCompleted) -> facts.TaskCompleted:
    return fact.model_copy(update={"satisfies": None, "findings": [], "evaluation": None})


def _reaching(context: TaskContext, fact: Fact, region: str | None, outcome: str) -> list[Decision]:
    made = _on(context, fact)
    if region is not None and set(context.task.remaining) <= {region}:
        made += _on(context, completed(context.task, outcome))
    return made


def _on(context: TaskContext, fact: Fact) -> list[Decision]:
    return [Decision(context.task.subject, fact, context.on)]


def correct(
    context: TaskContext, history: Sequence[Envelope], corrects: UUID, reason: str, fields: dict[str, Any]
) -> list[Decision]:
    """Other values for correctable fields of an earlier event, if the stream with them still breaks no rule."""
    event = next((one for one in history if one.id == corrects), None)
    if event is None:
        raise RuleBrokenError(
            "corrected-known", "Peristiwa yang dibetulkan tidak ada pada tugas ini.", corrects=corrects
        )
    refused = sorted(set(fields) - event.declaration.correctable)
    if refused or not fields:
        allowed = ", ".join(sorted(event.declaration.correctable)) or "tidak ada"
        raise RuleBrokenError("field-correctable", f"Yang dapat dibetulkan: {allowed}.", fields=refused)
    fact = facts.TaskCorrected(
        cooperation_id=context.task.cooperation_id, corrects=corrects, reason=reason, fields=fields
    )
    for one in substituted(history, {corrects: fields}):
        _check_again(context, one, corrected=one.id == corrects)
    return _on(context, fact)


def _check_again(context: TaskContext, event: Envelope, *, corrected: bool) -> None:
    try:
        fact = event.fact()
    except ValidationError as error:
        raise RuleBrokenError("correction-fits", f"Isian tidak sesuai: {error.errors()[0]['msg']}") from error
    if corrected and isinstance(fact, facts.TaskCompleted):
        check_completion(context, fact)
