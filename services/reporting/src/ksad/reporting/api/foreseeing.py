"""The answer to a dry run of a step of a report: what it would bring about, of which nothing was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from ksad.chassis.clock import today
from ksad.chassis.foreseeing import ForeseenFact, foreseen_fact
from ksad.contracts.regions import office_name
from ksad.ledger.folds.report_state import CLAUSES
from ksad.reporting.api import answering_reports as answering

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.chassis.edge import Submission
    from ksad.ledger.folds.report_state import Report
    from ksad.reporting.parts import Parts
    from ksad.reporting.reports.recording import ForeseenStep
    from ksad.reporting.reports.steps import Decide

TURN = {
    "submitted": "to_office",
    **dict.fromkeys(("none", "compiled", "returned", "discarded"), "from_office"),
}
"""Whose the next step is, by the state of the newest version; of one that was accepted it is nobody's."""


class ReportEffects(BaseModel):
    """What a step of a report would bring about; nothing was recorded.

    ``state`` and ``version`` are the report's afterwards. ``turn`` is the office whose step would be next, null for
    none. ``fulfils`` is the clause of the duty to report, where the step would fulfil it.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: Literal[True] = True
    state: str
    version: int
    facts: list[ForeseenFact]
    turn: str | None
    turn_name: str | None
    fulfils: str | None


STEP = answering.ReportRecorded | ReportEffects
"""What is answered to a step: the report after it, or what it would bring about."""


def effects(parts: Parts, submission: Submission, identity: UUID, decide: Decide) -> dict[str, Any]:
    """Decides a step as if it were sent.

    :raises RuleBrokenError: as when it is sent.
    """
    return told(parts, foreseen(parts.reporting.foresee(submission, identity, decide)))


def foreseen(step: ForeseenStep) -> ReportEffects:
    """What a step would bring about, without names."""
    fulfils = _sent(step.after) and not _sent(step.before)
    return ReportEffects(
        state=step.after.state,
        version=len(step.after.versions),
        facts=[foreseen_fact(step.fact, step.on)],
        turn=_turn(step.after),
        turn_name=None,
        fulfils=CLAUSES.get(step.after.kind) if fulfils else None,
    )


def told(parts: Parts, found: ReportEffects) -> dict[str, Any]:
    """The answer, with the name that an office has today."""
    with parts.journal.database.read() as connection:
        regions = parts.references.table(connection)
    name = None if found.turn is None else office_name(found.turn, regions, today(parts.clock))
    return found.model_copy(update={"turn_name": name}).model_dump(mode="json")


def _turn(report: Report) -> str | None:
    name = TURN.get(report.state)
    return None if name is None else getattr(report, name)


def _sent(report: Report) -> bool:
    """Whether any version was sent to the addressee, which is what the duty asks for."""
    return any(one.sent is not None for one in report.versions)
