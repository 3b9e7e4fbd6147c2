"""The date of a command's fact: between the day on which the task was scheduled and today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import PartialDate, in_words
from ksad.contracts.rules import RuleBrokenError

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
