"""The steps of lateness, each recorded as an event: overdue, reminded, escalated to the supervising head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.supervision import TaskEscalated, TaskOverdue, TaskReminded
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.catalogue import Fact
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.task import Task


def steps(task: Task, body: str, reference: Reference, day: date) -> list[Fact]:
    """The steps that an open task takes when a day has passed.

    :param body: the body responsible for the task now.
    """
    made: list[Fact] = []
    reminded, escalated = reference.late_days(task.due_on)
    # On the due day itself, when it has passed: an event says that the whole day is over.
    if task.overdue_on is None and day >= task.due_on:
        made.append(TaskOverdue(cooperation_id=task.cooperation_id, due_on=task.due_on, day=day))
    if task.reminded_on is None and day >= reminded:
        made.append(TaskReminded(cooperation_id=task.cooperation_id, day=day))
    # To the head of the present body: of a task handed over the new one answers for it.
    if task.escalated_on is None and day >= escalated:
        made.append(TaskEscalated(cooperation_id=task.cooperation_id, day=day, to_office=head_of(body)))
    return made


def next_step(task: Task, reference: Reference) -> date | None:
    """The day whose passing triggers the next step; ``None`` for a closed task or after the last step."""
    if not task.open or task.escalated_on is not None:
        return None
    reminded, escalated = reference.late_days(task.due_on)
    if task.overdue_on is None:
        return task.due_on
    return reminded if task.reminded_on is None else escalated
