"""Oversight that no stage calls for: what is to be verified, and what the register finds by itself (P7, P11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.law import TriggerKind
from ksad.contracts.supervision import HOME_GOVERNORS
from ksad.supervision.domain.noting import COOPERATION
from ksad.supervision.domain.occasions import occasions
from ksad.supervision.domain.owing import Owed
from ksad.supervision.domain.task import OVERSIGHT
from ksad.supervision.domain.verifying import VERIFICATION, bodies_at_work, waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from ksad.contracts.law import Duty
    from ksad.contracts.registry import Stage
    from ksad.supervision.domain.case import Case, Resolution
    from ksad.supervision.domain.reference import Reference


def raised(
    case: Case, reference: Reference, base: date, triggered: Callable[[TriggerKind, str | None], tuple[Duty, ...]]
) -> Iterator[Owed]:
    """Both kinds.

    :param triggered: the duties of a trigger for the supervising body of an agreement, or of the cooperation.
    """
    yield from _verification(case, reference, base, triggered)
    yield from _informing(case, reference, base, triggered)
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


def _informing(
    case: Case, reference: Reference, base: date, triggered: Callable[[TriggerKind, str | None], tuple[Duty, ...]]
) -> Iterator[Owed]:
    """The home Governors of what a gap of the law gives to another body are told, each once (policy)."""
    if HOME_GOVERNORS not in reference.policy.terms or case.backfill or case.closed:
        return
    own = [(key, found[-1]) for key, found in case.agreement_resolutions.items() if found]
    scopes: list[tuple[str | None, Resolution | None]] = [(None, case.resolution), *own]
    for agreement, resolution in scopes:
        if resolution is None:
            continue
        # Whoever was told of the cooperation knows of its agreements.
        earlier = (one for one in case.scheduled.values() if one.duty == OVERSIGHT)
        told = {code for one in earlier if one.agreement in (None, agreement) for code in one.for_parties}
        owed = tuple(code for code in provinces(resolution.informed) if code not in told)
        for duty in triggered(TriggerKind.STAGE_ENTERED_OR_LEFT, agreement) if owed else ():
            yield Owed(
                duty,
                f"{HOME_GOVERNORS}/{agreement or COOPERATION}/{resolution.holds_from}",
                _stage(case, agreement),
                base,
                owed,
                why=f"pembinaan lintas provinsi; Gubernur daerah asal diberi tahu: {reference.regions.names(owed)}",
                agreement=agreement,
                occasion=HOME_GOVERNORS,
                term=HOME_GOVERNORS,
            )


def provinces(offices: Iterable[str]) -> tuple[str, ...]:
    """The codes of the provinces of Governors, by which tasks name whom they are for."""
    return tuple(office.removeprefix("governor:") for office in offices)


def _stage(case: Case, agreement: str | None) -> Stage | None:
    """The stage of the line that an agreement is on."""
    entries = case.line_entries(agreement)
    return entries[-1].stage if entries else None
