"""Authority over a task: which office may give a command on it, and what an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.access.supervision import TABLE
from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import sight
from ksad.supervision.domain.commands import NAMES, Acknowledge, CorrectTask, Decline
from ksad.supervision.domain.parties import speaks_for
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.commands import TaskCommand
    from ksad.supervision.domain.deciding import TaskContext
    from ksad.supervision.domain.task import Task


def check(office: str, command: TaskCommand, context: TaskContext) -> None:
    """The office may give this command on the task.

    :raises RuleBrokenError: of kind FORBIDDEN, it may not.
    """
    TABLE.check(office, NAMES[type(command)], _conditions(office, command, context))


def check_reading_events(office: str, seen: Audience) -> None:
    """The office may read a task's events: who supervises, and nobody else.

    :param seen: the widest audience of the task that the office belongs to.
    :raises RuleBrokenError: of kind FORBIDDEN, it may not.
    """
    TABLE.check(office, "read-events", lambda _: seen is Audience.SUPERVISOR)


def _conditions(office: str, command: TaskCommand, context: TaskContext) -> Callable[[str], bool]:
    """Whether a named condition of the table holds."""
    task = context.task

    def own_party() -> bool:
        if not isinstance(command, Decline | Acknowledge):
            return False
        return speaks_for(office, command.region, task, context.regions) is not None

    def own_event() -> bool:
        if not isinstance(command, CorrectTask):
            return False
        return any(one.id == command.corrects and one.actoroffice == office for one in context.history)

    named: dict[str, Callable[[], bool]] = {
        "owes": lambda: office in {task.body, head_of(task.body)},
        "own-party": own_party,
        "own-event": own_event,
    }
    return lambda name: named[name]()


def sight_of(office: str, task: Task, case: Case | None, regions: RegionTable, day: date) -> Audience:
    """The widest audience of a task that the office belongs to: who owes it, and its head, see all of it."""
    if office in {task.body, head_of(task.body)}:
        return Audience.SUPERVISOR

    def now(code: str) -> str:
        return regions.code_on(code, day)

    body = case.resolution.supervising_body if case is not None and case.resolution is not None else None
    return sight(office, case.parties if case is not None else (), body, now)
