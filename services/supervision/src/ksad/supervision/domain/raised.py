"""Oversight that no stage calls for: what is to be verified, and what the register finds by itself (P7, P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.law import TriggerKind
from ksad.supervision.domain.occasions import occasions
from ksad.supervision.domain.owing import Owed
from ksad.supervision.domain.verifying import VERIFICATION, bodies_at_work, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from ksad.contracts.law import Duty
    from ksad.contracts.registry import Stage
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference


def raised(
    case: Case, reference: Reference, base: date, triggered: Callable[[TriggerKind, str | None], tuple[Duty, ...]]
) -> Iterator[Owed]:
    """Both kinds.

    :param triggered: the duties of a trigger for the supervising body of an agreement, or of the cooperation.
    """
    yield from _verification(case, reference, base, triggered)
    for one in occasions(case, reference, base):
        for duty in triggered(TriggerKind.STAGE_ENTERED_OR_LEFT, one.agreement):
            stage = _stage(case, one.agreement)
            yield Owed(duty, one.occurrence, stage, base, why=one.why, agreement=one.agreement, occasion=one.name)


def _verification(
    case: Case, reference: Reference, base: date, triggered: Callable[[TriggerKind, str | None], tuple[Duty, ...]]
) -> Iterator[Owed]:
    """One task per body while facts of its scopes are not examined (policy)."""
    if VERIFICATION not in reference.policy.terms:
        return
    at_work = bodies_at_work(case)
    for body, oldest in sorted(waiting(case, reference.verifying_since).items()):
        if body in at_work:
            continue
        for duty in triggered(TriggerKind.STAGE_ENTERED_OR_LEFT, oldest.agreement):
            yield Owed(
                duty,
                f"{VERIFICATION}/{oldest.since}",
                _stage(case, oldest.agreement),
                base,
                why="ada fakta yang belum diperiksa",
                agreement=oldest.agreement,
                occasion=VERIFICATION,
                term=VERIFICATION,
            )


def _stage(case: Case, agreement: str | None) -> Stage | None:
    """The stage of the line that an agreement is on."""
    entries = case.line_entries(agreement)
    return entries[-1].stage if entries else None
