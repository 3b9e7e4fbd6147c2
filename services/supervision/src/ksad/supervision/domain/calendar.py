"""The day of a command: when its fact happened, between the day on which the task arose and today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import PartialDate
from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from datetime import date

    from ksad.supervision.domain.task import Task


def day_of(on: str | None, task: Task, now: date) -> date:
    """The day that a command says, of a partly known date the first; today where it says none.

    :raises RuleBrokenError: the day has not come, or is before the task.
    """
    if on is None:
        return max(now, task.scheduled_on)
    day = PartialDate.parse(on).first
    if day > now:
        raise RuleBrokenError("date-not-future", f"Tanggal {day} belum tiba (hari ini {now}).", on=day)
    if day < task.scheduled_on:
        detail = f"Tanggal {day} sebelum tugas ini timbul ({task.scheduled_on})."
        raise RuleBrokenError("date-after-scheduled", detail, task.clause, on=day)
    return day
