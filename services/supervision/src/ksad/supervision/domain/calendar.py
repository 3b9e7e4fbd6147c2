"""The date of a command's fact: between the day on which the task was scheduled and today, of a period that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import PartialDate, Period, in_words
from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from datetime import date

    from ksad.supervision.domain.task import Task


def day_of(on: str | None, task: Task, now: date) -> date:
    """The date that a command states; of a partial date the first day that is possible; today if it states none.

    :raises RuleBrokenError: the date is in the future, or before the task arose, whatever day a partial date means.
    """
    if on is None:
        return max(now, task.scheduled_on)
    said = PartialDate.parse(on)
    if said.first > now:
        detail = f"Tanggal {in_words(said)} belum tiba. Catat setelah peristiwanya terjadi."
        raise RuleBrokenError("date-not-future", detail, on=said.first)
    if said.before(task.scheduled_on):
        detail = f"Tugas ini baru timbul pada {in_words(task.scheduled_on)}."
        raise RuleBrokenError("task-in-order", detail, task.clause, on=said.first)
    return max(said.first, task.scheduled_on)


def check_period_over(task: Task, on: date, ended_on: date | None) -> None:
    """Checks that what is done in a task is of a period that is over, or of its part until the agreement's end.

    :param ended_on: the day on which the agreement ended; ``None`` while it runs.
    :raises RuleBrokenError: it is not over on the day.
    """
    if task.period is None:
        return
    last = Period.parse(task.period).last
    over = min(last, ended_on or last)
    if on < over:
        detail = f"Monitoring ini atas masa yang baru berakhir {in_words(over)}. Catat hasilnya sejak hari itu."
        raise RuleBrokenError("period-over", detail, task.clause, kind=RefusalKind.CONFLICT, period=task.period)
