"""The duty to report (Pasal 8, 12, 13): it arises when a period closes and is fulfilled by submitting the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.identifiers import task_id
from ksad.contracts.law import TriggerKind
from ksad.contracts.supervision import TaskScheduled, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date
    from uuid import UUID

    from ksad.contracts.dates import Period
    from ksad.contracts.law import Duty
    from ksad.supervision.domain.reference import Reference


class ClosedPeriod(NamedTuple):
    """A period of a reporting duty that has closed."""

    duty: Duty
    clause: str
    period: Period


def report_task(office: str, kind: str, period: str) -> UUID:
    """The id of the task to report; there is one per office, kind of report and period."""
    return task_id(office, kind, period)


def closed_periods(reference: Reference, previous: date | None, day: date) -> Iterator[ClosedPeriod]:
    """The reporting periods that closed with a day.

    :param previous: the day that passed before it.
    """
    profile = reference.law.in_force(day)
    for tier in Tier:
        for duty in profile.triggered_by(TriggerKind.REPORT_PERIOD_CLOSED, tier):
            current = reference.policy.cadences[duty.cadence or duty.due].containing(day)
            for period in (current.preceding, current):
                before = previous if previous is not None else period.last.replace(day=1)
                if before < period.last <= day and (previous is not None or period.last == day):
                    clause = duty.id(tier)
                    assert clause is not None  # noqa: S101 - the profile gives the duties of a tier
                    yield ClosedPeriod(duty, clause, period)


def offices_owing(duty: Duty, clause: str, teams: Iterable[str]) -> list[str]:
    """The offices that owe a report: the Joint Secretariat, the given teams (TKKSD), or their Governors.

    :param teams: the teams that supervised something in the period or were established.
    """
    if clause == duty.clause.minister:
        return ["joint_secretariat"]
    listed = sorted(team for team in teams if team.startswith("tkksd:"))
    if duty.doer == "governor":
        return [team.replace("tkksd:", "governor:") for team in listed]
    return listed


def scheduled(closed: ClosedPeriod, office: str, reference: Reference) -> TaskScheduled:
    """The event that schedules the task of one office to report on a period."""
    due = reference.due(closed.duty.due, closed.period.last)
    return TaskScheduled(
        cooperation_id=None,
        duty=closed.duty.key,
        clause=closed.clause,
        body=office,
        stage=None,
        for_parties=[],
        occurrence=str(closed.period),
        period=str(closed.period),
        due_on=due.on,
        due_basis=due.basis[:500],
        agreement=None,
        occasion=None,
        rests_on=None,
    )
