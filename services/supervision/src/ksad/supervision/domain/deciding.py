"""Decides commands on tasks: each gives events, or is refused by a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from ksad.contracts import supervision as facts
from ksad.contracts.corrections import corrected_values, substituted
from ksad.contracts.field_words import sentence
from ksad.contracts.law import DutyKind
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.supervision import BACKFILL, HOME_GOVERNORS
from ksad.contracts.wording import faults
from ksad.supervision.domain import commands
from ksad.supervision.domain.calendar import check_period_over
from ksad.supervision.domain.following_up import check_conforming, check_follow_ups, check_refiled, close_follow_up
from ksad.supervision.domain.parties import party_of, speaks_for
from ksad.supervision.domain.react import Decision, completed
from ksad.supervision.domain.reminding import opened_reminder
from ksad.supervision.domain.verifying import VERIFICATION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ksad.contracts.catalogue import DocumentRef, Fact
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.law import Duty
    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.task import Task

DOCUMENTED = {DutyKind.OPINION, DutyKind.ADVICE, DutyKind.BRIEF}
ALL_REACHED = "telah diberikan kepada atau ditolak oleh setiap pihak"
ALL_ACKNOWLEDGED = "telah dikonfirmasi oleh seluruh pihak"


class TaskContext(NamedTuple):
    """The input of a decision: the task, its duty, and whether there is an agreement to test findings against.

    ``on`` is the day of the fact, ``today`` that of the command. ``other`` is the other task that a completion names;
    ``None`` if it names none, or one that does not exist. ``history`` is the task's stream, for a correction.
    ``supervising`` is who supervises today what the task is about. ``parties`` are all that the cooperation has or had,
    and ``ended_on`` is the day on which the agreement of the task ended, ``None`` while it runs.
    """

    task: Task
    duty: Duty
    has_agreement: bool
    on: date
    today: date
    regions: RegionTable
    other: Task | None = None
    history: Sequence[Envelope] = ()
    supervising: str | None = None
    parties: tuple[str, ...] = ()
    ended_on: date | None = None


def decided(command: commands.TaskCommand, context: TaskContext, office: str) -> list[Decision]:
    """The events that a command of an office leads to.

    :raises RuleBrokenError: the command breaks a rule; the error names the rule and, where there is one, the clause.
    """
    task = context.task
    match command:
        case commands.Assign():
            return assign(context, command.assignee)
        case commands.Deliver():
            party = party_of(command.region, task.for_parties, context.regions) or command.region
            return deliver(context, party, command.documents, command.note)
        case commands.Decline():
            return decline(context, _speaking(office, command, context), command.reason)
        case commands.Acknowledge():
            return acknowledge(context, _speaking(office, command, context))
        case commands.OpenReminder():
            return _on(context, opened_reminder(task, command.reminder, office, context.on, context.today))
        case commands.Complete():
            said = command.model_dump(exclude={"on", "confirms"})
            fact = facts.TaskCompleted(cooperation_id=task.cooperation_id, duty=task.duty, **said)
            return complete(context, fact, context.other)
        case commands.CloseFollowUp():
            return _on(context, close_follow_up(task, command.finding, command.outcome, command.documents, context.on))
        case commands.CorrectTask():
            return correct(context, context.history, command.corrects, command.reason, command.fields)
    raise TypeError(type(command).__name__)


def _speaking(office: str, command: commands.Decline | commands.Acknowledge, context: TaskContext) -> str:
    return speaks_for(office, command.region, context.task, context.regions, context.today) or ""


def _check_open(task: Task) -> None:
    if not task.open:
        detail = f"Tugas ini sudah {'selesai' if task.completed else 'dibatalkan'} dan tidak menerima perubahan."
        raise RuleBrokenError("task-open", detail, task.clause, kind=RefusalKind.CONFLICT, status_now=task.status.value)


def _check_party(context: TaskContext, region: str) -> None:
    task, names = context.task, context.regions.names
    if region not in task.for_parties:
        detail = f"{names([region])} bukan penerima tugas ini. Penerima: {names(task.for_parties) or 'tidak ada'}."
        raise RuleBrokenError("task-for-party", detail, task.clause, region=region)


def assign(context: TaskContext, assignee: str) -> list[Decision]:
    """Assigns an open task to an officer, by pseudonym."""
    _check_open(context.task)
    return _on(context, facts.TaskAssigned(cooperation_id=context.task.cooperation_id, assignee=assignee))


def deliver(context: TaskContext, region: str, documents: Sequence[DocumentRef], note: str | None) -> list[Decision]:
    """Delivers guidance or a reminder to a party. When guidance has reached the last party, the task is completed."""
    task = context.task
    _check_open(task)
    _check_party(context, region)
    if region in task.delivered or region in task.declined:
        detail = f"{context.regions.names([region])} sudah menerima atau menolak."
        raise RuleBrokenError("delivered-once", detail, task.clause, kind=RefusalKind.CONFLICT)
    fact = facts.TaskDelivered(cooperation_id=task.cooperation_id, region=region, documents=list(documents), note=note)
    check_delivery(context, fact)
    # A delivered reminder does not complete its task: each party has to acknowledge it (d.4), as home Governors do.
    return _reaching(context, fact, None if task.with_receipt else region, ALL_REACHED)


def check_delivery(context: TaskContext, fact: facts.TaskDelivered) -> None:
    """Checks that something was delivered: a document, or what was said.

    :raises RuleBrokenError: there is neither.
    """
    if not fact.documents and not fact.note:
        detail = "Sertakan dokumen yang diberikan, atau catatan tentang apa yang disampaikan kepada daerah."
        raise RuleBrokenError("delivery-has-content", detail, context.task.clause)


def decline(context: TaskContext, region: str, reason: str) -> list[Decision]:
    """Records that a party needs no guidance. A reminder cannot be declined, only acknowledged."""
    task = context.task
    _check_open(task)
    _check_party(context, region)
    if task.with_receipt:
        raise RuleBrokenError(
            "reminder-acknowledged", "Pengingat tidak dapat ditolak; konfirmasikan penerimaannya.", task.clause
        )
    if region in task.delivered or region in task.declined:
        detail = f"{context.regions.names([region])} sudah menerima atau menolak."
        raise RuleBrokenError("delivered-once", detail, task.clause, kind=RefusalKind.CONFLICT)
    fact = facts.TaskDeclined(cooperation_id=task.cooperation_id, region=region, reason=reason)
    return _reaching(context, fact, region, ALL_REACHED)


def acknowledge(context: TaskContext, region: str) -> list[Decision]:
    """Records that a party acknowledges the reminder (d.4). The last acknowledgement completes the task."""
    task = context.task
    _check_open(task)
    _check_party(context, region)
    if not task.with_receipt:
        detail = "Hanya pengingat pengakhiran dan pemberitahuan kepada Gubernur yang dikonfirmasi penerimaannya."
        raise RuleBrokenError("reminder-acknowledged", detail, task.clause)
    if task.occasion == HOME_GOVERNORS and region not in task.delivered:
        detail = f"Pemberitahuan belum disampaikan kepada Gubernur {context.regions.names([region])}."
        raise RuleBrokenError("receipt-after-delivery", detail, task.clause, kind=RefusalKind.CONFLICT)
    if region not in task.remaining:
        detail = f"{context.regions.names([region])} telah mengonfirmasi penerimaan pengingat ini."
        raise RuleBrokenError("acknowledged-once", detail, task.clause, kind=RefusalKind.CONFLICT)
    fact = facts.ReminderAcknowledged(cooperation_id=task.cooperation_id, region=region)
    return _reaching(context, fact, region, ALL_ACKNOWLEDGED)


def complete(context: TaskContext, fact: facts.TaskCompleted, other: Task | None) -> list[Decision]:
    """Completes the task.

    :param other: the other task that ``satisfies`` names; ``None`` if it names none, or one that does not exist.
    """
    task, duty = context.task, context.duty
    _check_open(task)
    if duty.kind is DutyKind.REPORT:
        detail = "Kewajiban melapor selesai ketika laporannya disampaikan."
        raise RuleBrokenError("report-submitted", detail, task.clause, kind=RefusalKind.CONFLICT)
    if task.occasion == BACKFILL:
        detail = "Tugas ini selesai ketika pemasukan data lama ditutup."
        raise RuleBrokenError("backfill-closes-it", detail, task.clause, kind=RefusalKind.CONFLICT)
    if task.occasion == VERIFICATION:
        detail = "Tugas ini selesai ketika setiap fakta telah diverifikasi atau dikembalikan pada kerja samanya."
        raise RuleBrokenError("verification-closes-it", detail, task.clause, kind=RefusalKind.CONFLICT)
    if task.occasion == HOME_GOVERNORS:
        detail = "Tugas ini selesai ketika setiap Gubernur mengonfirmasi penerimaan pemberitahuannya."
        raise RuleBrokenError("receipts-close-it", detail, task.clause, kind=RefusalKind.CONFLICT)
    check_completion(context, fact)
    check_conforming(task, fact)
    if duty.kind is DutyKind.MONITORING:
        check_period_over(task, context.on, context.ended_on)
    made = _on(context, fact)
    if fact.satisfies is not None:
        further = _satisfied(context, fact.satisfies, other)
        made.append(Decision(further.subject, _same(fact, further.duty), context.on))
    return made


def check_completion(context: TaskContext, fact: facts.TaskCompleted) -> None:
    """Checks what a completion requires, by the kind of duty: findings, an evaluation, documents, all parties reached.

    :raises RuleBrokenError: something is missing or does not belong there; it names the rule and the task's clause.
    """
    task, kind = context.task, context.duty.kind
    if task.remaining:
        waiting = context.regions.names(task.remaining)
        detail = f"Belum semua pihak menerima: {waiting}. Berikan kepada setiap pihak, atau catat penolakannya."
        raise RuleBrokenError(
            "parties-reached", detail, task.clause, kind=RefusalKind.CONFLICT, remaining=list(task.remaining)
        )
    if kind is DutyKind.OVERSIGHT and not fact.findings:
        detail = "Hasil pengawasan belum diisi. Catat sedikitnya satu temuan, juga bila semuanya sesuai."
        raise RuleBrokenError("findings-filed", detail, task.clause)
    if kind not in (DutyKind.OVERSIGHT, DutyKind.MONITORING) and fact.findings:
        raise RuleBrokenError("findings-of-oversight", "Temuan hanya untuk pengawasan dan monitoring.", task.clause)
    if not context.has_agreement and any(one.basis == "agreement" for one in fact.findings):
        detail = "Belum ada perjanjian; temuan hanya terhadap peraturan perundang-undangan."
        raise RuleBrokenError("finding-basis-exists", detail, "P1.8")
    if (kind is DutyKind.MONITORING) != (fact.evaluation is not None):
        detail = "Formulir evaluasi wajib untuk monitoring dan evaluasi, dan hanya untuk itu."
        raise RuleBrokenError("evaluation-filed", detail, task.clause)
    check_follow_ups(task, fact, context.on, context.parties, context.regions)
    if kind in DOCUMENTED and not fact.documents:
        detail = "Pertimbangan, masukan, dan bahan pertimbangan memerlukan sedikitnya satu dokumen."
        raise RuleBrokenError("document-attached", detail, task.clause)


def _satisfied(context: TaskContext, named: UUID, other: Task | None) -> Task:
    """The other task that the same document fulfils: advice and brief on the same dispute.

    :raises RuleBrokenError: there is no such task, it is not one that may be fulfilled together, or it is closed.
    """
    task = context.task
    if other is None or other.id == task.id or other.cooperation_id != task.cooperation_id:
        raise RuleBrokenError(
            "satisfies-known", "Tugas yang juga dipenuhi tidak ada pada kerja sama ini.", satisfies=named
        )
    # The same occurrence is the same dispute: that of a task for d.3 or d.5 is the dispute's key.
    if other.duty not in context.duty.may_satisfy or other.occurrence != task.occurrence or other.body != task.body:
        detail = "Satu dokumen hanya dapat menjadi masukan dan bahan pertimbangan atas perselisihan yang sama."
        raise RuleBrokenError("satisfies-same-dispute", detail, task.clause, satisfies=named)
    _check_open(other)
    return other


def _same(fact: facts.TaskCompleted, duty: str) -> facts.TaskCompleted:
    # The findings and the evaluation are those of the first task; ``satisfies`` would name this task itself.
    return fact.model_copy(update={"satisfies": None, "findings": [], "evaluation": None, "duty": duty})


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
    """Corrects fields of an earlier event, if the stream with the new values still keeps all rules.

    :param corrects: the id of the event to correct.
    :raises RuleBrokenError: the event is not in the stream, a field is not correctable, or a value breaks a rule.
    """
    event = next((one for one in history if one.id == corrects), None)
    if event is None:
        raise RuleBrokenError("corrected-known", "Catatan yang diperbaiki bukan dari tugas ini.", corrects=corrects)
    fields = corrected_values(event, fields)
    fact = facts.TaskCorrected(
        cooperation_id=context.task.cooperation_id, corrects=corrects, reason=reason, fields=fields
    )
    # The first version of a completion had no place for what a finding calls for.
    filed = "findings" in fields and event.type == facts.TaskCompleted.declaration.type
    for one in substituted(history, {corrects: fields}):
        _check_again(context, one, corrected=one.id == corrects, filed=filed)
    return _on(context, fact)


def _check_again(context: TaskContext, event: Envelope, *, corrected: bool, filed: bool) -> None:
    try:
        fact = event.fact()
    except ValidationError as error:
        found = faults(error)
        detail = f"Nilai baru tidak sesuai: {sentence(found)}. Perbaiki nilainya."
        raise RuleBrokenError("correction-fits", detail, field=found[0].field) from error
    # Only the corrected event: the others keep the values that were checked when they were recorded.
    if corrected and isinstance(fact, facts.TaskDelivered):
        check_delivery(context, fact)
    if corrected and isinstance(fact, facts.TaskCompleted):
        check_completion(context._replace(on=event.occurredon), fact)
        check_refiled(context.task, fact, conforming=filed)
