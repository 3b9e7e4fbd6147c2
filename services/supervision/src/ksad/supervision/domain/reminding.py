"""Receipts of reminders: that an office has opened one, which is evidence that it was reminded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.supervision import ReminderKind, ReminderOpened
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from datetime import date

    from ksad.supervision.domain.task import Task


def opened_reminder(task: Task, reminder: ReminderKind, office: str, on: date, today: date) -> ReminderOpened:
    """The fact that an office has opened a reminder, once; also of a task that was closed in the meantime.

    :raises RuleBrokenError: it is said of another day than today, the office is not one that is reminded so of the
        task, or has opened it before.
    """
    if on != today:
        # It is evidence of when an office knew, which nobody's word makes earlier.
        detail = "Pembukaan pengingat dicatat pada hari pengingat itu dibuka. Kirim tanpa tanggal lain."
        raise RuleBrokenError("opened-today", detail, on=on)
    owing = office in {task.body, head_of(task.body)}
    sent = {
        ReminderKind.END: task.with_receipt and not owing,
        ReminderKind.ASSIGNED: task.assignee is not None and owing,
        ReminderKind.LATE: task.overdue_on is not None and owing,
    }
    if not sent[reminder]:
        detail = "Tidak ada pengingat semacam ini bagi jabatan Anda atas tugas ini."
        raise RuleBrokenError("reminder-sent", detail, task.clause, kind=RefusalKind.CONFLICT)
    if any((one.office, one.reminder) == (office, reminder) for one in task.opened):
        detail = "Pembukaan pengingat ini sudah tercatat."
        raise RuleBrokenError("opened-once", detail, task.clause, kind=RefusalKind.CONFLICT)
    return ReminderOpened(cooperation_id=task.cooperation_id, office=office, reminder=reminder)
