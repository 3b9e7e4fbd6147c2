"""Permissions on tasks: which office may give a command, and what an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.access.supervision import TABLE
from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import former_party, sight
from ksad.supervision.domain.commands import NAMES, Acknowledge, CorrectTask, Decline, OpenReminder
from ksad.supervision.domain.parties import speaks_for
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.commands import TaskCommand
    from ksad.supervision.domain.deciding import TaskContext
    from ksad.supervision.domain.task import Task


def check(office: str, command: TaskCommand, context: TaskContext) -> None:
    """Checks that an office may give a command on a task.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    TABLE.check(office, NAMES[type(command)], _conditions(office, command, context))


def check_reading_events(office: str, seen: Audience) -> None:
    """Checks that an office may read a task's events: only supervisors may.

    :param seen: the widest audience of the task that the office belongs to.
    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    TABLE.check(office, "read-events", lambda _: seen is Audience.SUPERVISOR)


def _conditions(office: str, command: TaskCommand, context: TaskContext) -> Callable[[str], bool]:
    """A function that tells whether a condition named in the access table holds."""
    task = context.task

    def own_party() -> bool:
        if isinstance(command, OpenReminder):
            return speaks_for(office, None, task, context.regions, context.today) is not None
        if not isinstance(command, Decline | Acknowledge):
            return False
        return speaks_for(office, command.region, task, context.regions, context.today) is not None

    def own_event() -> bool:
        if not isinstance(command, CorrectTask):
            return False
        return any(one.id == command.corrects and one.actoroffice == office for one in context.history)

    named: dict[str, Callable[[], bool]] = {
        "owes": lambda: office in {task.body, head_of(task.body)},
        "owes-or-supervises": lambda: office in _both(task.body) | _both(context.supervising),
        "own-party": own_party,
        "informed": own_party,
        "own-event": own_event,
    }
    return lambda name: named[name]()


def _both(body: str | None) -> set[str]:
    """A supervising body and its head."""
    return set() if body is None else {body, head_of(body)}


def sight_of(office: str, task: Task, case: Case | None, regions: RegionTable, day: date) -> Audience:
    """The widest audience of a task that an office belongs to. The responsible body and its head see all of it."""
    if office in {task.body, head_of(task.body)}:
        return Audience.SUPERVISOR

    def now(code: str) -> str:
        return regions.code_on(code, day)

    if case is None:
        return sight(office, (), (), now)
    bodies = {found[-1].supervising_body for found in (case.resolutions, *case.agreement_resolutions.values()) if found}
    seen = sight(office, case.parties, bodies, now)
    if seen is not Audience.PUBLIC:
        return seen
    participants = {key: one.participants for key, one in case.parts.agreements.items()}
    former = former_party(office, case.parts.former, participants, now)
    if former is None or (task.scheduled_on > former.until and task.agreement not in former.settlements):
        return Audience.PUBLIC
    return Audience.PARTIES


def own_regions(office: str, codes: Iterable[str], regions: RegionTable, day: date) -> tuple[str, ...]:
    """Those of the regions that an office speaks for, or in whose province it is the Governor or the TKKSD."""
    role, _, code = office.partition(":")
    if role in {"governor", "tkksd"}:
        return tuple(one for one in codes if regions.code_on(one, day)[:2] == code)
    return tuple(one for one in codes if role == "region" and regions.code_on(one, day) == regions.code_on(code, day))
