"""Who may do what in supervision: the table, as data, and the conditions that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis.access import AccessTable, Grant
from ksad.contracts.catalogue import Audience
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.sight import sight
from ksad.supervision.domain.task import head_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from ksad.chassis.auth import Caller
    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.task import Task

EVERYBODY = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
MINISTERS = ("joint_secretariat", "minister")
GOVERNORS = ("tkksd:*", "governor:*")

POLICY = AccessTable(
    (
        Grant("read", EVERYBODY),
        Grant("read-events", ("minister", "joint_secretariat", "auditor", "operator")),
        Grant("read-events", GOVERNORS, "supervises", "P3"),
        Grant("upload", ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*")),
        *(
            grant
            for action in ("assign", "deliver", "complete", "correct")
            for grant in (Grant(action, MINISTERS, "owes", "P6"), Grant(action, GOVERNORS, "owes", "P10"))
        ),
        Grant("correct", ("region:*",), "own-event", "P1.3"),
        Grant("decline", ("region:*",), "own-party", "P1.3"),
        Grant("acknowledge", ("region:*",), "own-party", "P1.3"),
        Grant("operate", ("operator",)),
    ),
    {
        "owes": "the task is owed by the office's own body",
        "own-event": "the event was recorded by the same office",
        "supervises": "the office, or its team, supervises the cooperation or owes the task",
        "own-party": "the region, read by its lineage, is a party that the task is for",
    },
)


def sight_of(caller: Caller, task: Task, case: Case | None, regions: RegionTable, day: date) -> Audience:
    """The widest audience of a task that the caller belongs to: who owes it, and its head, see all of it."""
    if caller.office in {task.body, head_of(task.body)}:
        return Audience.SUPERVISOR

    def now(code: str) -> str:
        return regions.code_on(code, day)

    body = case.resolution.supervising_body if case is not None and case.resolution is not None else None
    return sight(caller.office, case.parties if case is not None else (), body, now)


def own_party(caller: Caller, parties: tuple[str, ...], regions: RegionTable) -> str | None:
    """The party that a region's office speaks for: a code is read by its lineage."""
    if not caller.office.startswith("region:"):
        return None
    return party_of(caller.office.removeprefix("region:"), parties, regions)


def party_of(code: str, parties: tuple[str, ...], regions: RegionTable) -> str | None:
    """The party that a code means today, read by its lineage."""
    try:
        lineage = regions.lineage(code)
        return next((party for party in parties if regions.lineage(party) == lineage), None)
    except RuleBrokenError:
        return None


def conditions(
    caller: Caller, task: Task, party: str | None = None, corrected_by: str | None = None
) -> Callable[[str], bool]:
    """Whether a named condition holds for a caller and a task.

    :param party: the party that the caller speaks for in this command, None if for none.
    :param corrected_by: the office whose event is to be corrected.
    """
    named = {
        "owes": caller.office in {task.body, head_of(task.body)},
        "own-party": party is not None,
        "own-event": corrected_by == caller.office,
    }
    return lambda name: named[name]
