"""Which open tasks are owed no more, from facts that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import Period
from ksad.contracts.supervision import ESCALATED, HOME_GOVERNORS, Tier
from ksad.contracts.umbrella import CooperationStatus
from ksad.supervision.domain.owed import STALLED, minister_occurrence
from ksad.supervision.domain.raised import provinces
from ksad.supervision.domain.task import OVERSIGHT, REMINDER

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.task import Task

GOES_ON = ("d.2", "d.3", "d.5", OVERSIGHT)
"""Duties that go on after an end, until what ended is settled."""
OVER = "kerja sama telah berakhir"
EXTENDED = "diperpanjang sebelum berakhir"


def no_longer_owed(case: Case, task: Task) -> str | None:
    """Why an open task is owed no more, from facts that are known; None while it still is."""
    if case.state is CooperationStatus.WITHDRAWN:
        return "usulan kerja sama dibatalkan"
    over = _after_an_end(case, task)
    if over is not None:
        return over
    if task.occasion == STALLED and case.has_agreement:
        return "perjanjian telah ditandatangani"
    if task.occasion == HOME_GOVERNORS:
        resolution = case.resolution_of(task.agreement)
        told = provinces(resolution.informed) if resolution is not None else ()
        return None if set(told) & set(task.remaining) else "Gubernur daerah asal tidak perlu lagi diberi tahu"
    if task.duty == "d.2" and task.occurrence in case.problems and case.problems[task.occurrence].resolved:
        return "permasalahan telah selesai"
    if task.duty in ("d.3", "d.5"):
        return _dispute_no_longer_owed(case, task)
    agreement = _agreement_of(case, task)
    if task.duty == REMINDER and agreement is not None and task.rests_on not in _ends(agreement):
        return EXTENDED if _extended_in_time(case, agreement, task.rests_on) else "rencana pengakhiran berubah"
    return _help_no_longer_owed(case, task.occurrence) if task.duty in ("c.1", "c.2") else None


def _extended_in_time(case: Case, agreement: Agreement, end: date | None) -> bool:
    """Whether an end was recorded that has no effect, because the extension was signed by then and recorded later."""
    if end is None or end not in {one.on for one in agreement.lifted}:
        return False
    extensions = (one for one in case.noted if one.what == "extended")
    return any(case.parts.agreements.get(one.agreement or "") == agreement and one.on <= end for one in extensions)


def _ends(agreement: Agreement) -> tuple[date | None, ...]:
    """The days that a reminder may rest on: the one on which it is to end, or did; older reminders name none."""
    return None, agreement.planned_end, agreement.ended.on if agreement.ended else None


def _agreement_of(case: Case, task: Task) -> Agreement | None:
    """The agreement that a task is about; older tasks of the last stage do not name the only one that there was."""
    key = task.agreement
    if key is None and task.duty in ("d.1", REMINDER):
        return case.on_line[1] if case.on_line else None
    return case.parts.agreements.get(key or "")


def ended_on_of(case: Case, task: Task) -> date | None:
    """The day on which the agreement that a task is about ended; None while it runs, or where there is none."""
    known = _agreement_of(case, task)
    return None if known is None or known.ended is None else known.ended.on


def _after_an_end(case: Case, task: Task) -> str | None:
    """What an end leaves without object: guidance, help, monitoring of later periods, reminders of days ahead."""
    agreement = _agreement_of(case, task)
    if agreement is not None and agreement.dropped:
        return "rancangan perjanjian tidak dilanjutkan"
    # Oversight of the last stage on exit only becomes due by the settlement (P7/P11).
    if task.duty in GOES_ON:
        return None
    if agreement is None:
        return OVER if case.state is CooperationStatus.ENDED else None
    if agreement.ended is None:
        return None
    if task.duty == "d.1" and task.period is not None:
        return None if Period.parse(task.period).first <= agreement.ended.on else OVER
    if task.duty == REMINDER and task.rests_on is not None:
        return None if task.rests_on <= agreement.ended.on and agreement.settled is None else OVER
    return OVER


def _help_no_longer_owed(case: Case, occurrence: str) -> str | None:
    signing = next((one for one in case.signings if one.name == occurrence), None)
    if signing is None:
        return "tanggal penandatanganan dibetulkan"
    return "penandatanganan dijadwalkan ulang" if signing.state == "rescheduled" else None


def _dispute_no_longer_owed(case: Case, task: Task) -> str | None:
    mine = (one for key, one in case.disputes.items() if task.occurrence in (key, minister_occurrence(key)))
    dispute = next(mine, None)
    if dispute is None:
        return None
    if dispute.settled:
        return "perselisihan telah diselesaikan"
    resolution = case.resolution_of(dispute.agreement)
    governors = resolution is not None and resolution.tier is Tier.GOVERNOR
    if task.duty == "d.5" and dispute.escalated and governors and task.occasion != ESCALATED:
        return "perselisihan dilimpahkan kepada Menteri Dalam Negeri"
    return None
