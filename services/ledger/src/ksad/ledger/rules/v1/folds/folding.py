"""Folds entries of the log under rules 1, which know the event types of their time in their first version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.rules.v1.folds.register import RegisterProjection
from ksad.ledger.rules.v1.folds.tasks import TasksProjection

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Traced
    from ksad.ledger.log.entries import Entry

KNOWN = frozenset(
    f"ksad.{name}.v1"
    for name in (
        "anchor.feeds_anchored",
        "anchor.log_continued",
        "body.supervising_body_established",
        "calendar.day_passed",
        "cooperation.accord_signed",
        "cooperation.agreement_amended",
        "cooperation.agreement_extended",
        "cooperation.agreement_signed",
        "cooperation.backfill_closed",
        "cooperation.body_formed",
        "cooperation.corrected",
        "cooperation.council_approval_recorded",
        "cooperation.dispute_decision_requested",
        "cooperation.dispute_escalated",
        "cooperation.dispute_raised",
        "cooperation.dispute_settled",
        "cooperation.ended",
        "cooperation.party_joined",
        "cooperation.party_withdrew",
        "cooperation.problem_reported",
        "cooperation.problem_resolved",
        "cooperation.profile_bound",
        "cooperation.proposal_withdrawn",
        "cooperation.registered",
        "cooperation.signing_scheduled",
        "cooperation.stage_entered",
        "cooperation.termination_item_added",
        "cooperation.termination_item_completed",
        "cooperation.termination_notice_given",
        "reference.boundary_changed",
        "reference.reference_adopted",
        "report.accepted",
        "report.compiled",
        "report.corrected",
        "report.returned",
        "report.submitted",
        "supervision.jurisdiction_resolved",
        "task.assigned",
        "task.cancelled",
        "task.completed",
        "task.corrected",
        "task.declined",
        "task.delivered",
        "task.escalated",
        "task.handed_over",
        "task.overdue",
        "task.reminded",
        "task.reminder_acknowledged",
        "task.scheduled",
    )
)
"""The event types of the last release that compiled by these rules."""

REGISTER, TASKS = RegisterProjection(), TasksProjection()


def fold(register: Traced, tasks: Traced, entry: Entry) -> None:
    """Applies one entry to the rows of the register and of the tasks.

    :raises PoisonError: rules 1 do not know the event, or it lacks what they read. The rows must then be discarded.
    """
    event = orjson.loads(entry.raw)
    kind = event["type"]
    name = "register" if kind.startswith(REGISTER.prefixes) else "tasks"
    if kind not in KNOWN:
        raise PoisonError(name, entry, event, f"{kind} is no event of rules 1")
    try:
        if kind.startswith(REGISTER.prefixes):
            REGISTER.apply(register, entry.number, event)
        elif kind.startswith(TASKS.prefixes):
            TASKS.apply(tasks, entry.number, event)
    # What a fold raises when data lack a field or have another shape than it expects.
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise PoisonError(name, entry, event, f"{type(error).__name__}: {error}") from error
