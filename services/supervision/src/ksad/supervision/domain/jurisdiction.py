"""Who supervises from which day on: resolved from the parties and the boundaries of that day (Pasal 2 and 3)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ksad.contracts.law import resolve
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import JurisdictionResolved

if TYPE_CHECKING:
    from datetime import date

    from ksad.supervision.domain.case import Case, Resolution
    from ksad.supervision.domain.reference import Reference

COMPARED = ("tier", "supervising_body", "dispute_forum", "clause", "basis", "row", "gap_filled", "informed")


def resolutions(
    case: Case, reference: Reference, *, through: date, anchor: date | None = None
) -> list[JurisdictionResolved]:
    """The resolutions that are missing up to a day.

    :param anchor: a day that must be looked at, because parties or boundaries changed; else only the days on which
        the adopted data say that something changes.
    :raises RuleBrokenError: the parties have no supervisor on the anchor.
    """
    history: list[Resolution | JurisdictionResolved] = list(case.resolutions)
    start = history[-1].holds_from if history else anchor
    if start is None:
        return []
    made: list[JurisdictionResolved] = []
    days = set(reference.turning_points(case.parties, min(start, anchor or start), through))
    if anchor is not None:
        days.add(anchor)
    for day in sorted(days):
        found = None
        if day == anchor:
            found = _resolved(case, reference, day)
        else:
            # A region that is gone without a successor keeps the supervisor that it had.
            with suppress(RuleBrokenError):
                found = _resolved(case, reference, day)
        if found is None or _holds(history, found):
            continue
        # A fact that became known late cannot change who supervised before the newest resolution.
        latest = max((one.holds_from for one in history), default=day)
        found = found.model_copy(update={"holds_from": max(day, latest)})
        if not _holds(history, found):
            history.append(found)
            made.append(found)
    return made


def _resolved(case: Case, reference: Reference, day: date) -> JurisdictionResolved:
    found = resolve(case.parties, reference.regions, day, reference.law.profile(case.profile))
    return JurisdictionResolved(
        cooperation_id=case.id,
        tier=found.tier,
        supervising_body=found.supervising_body,
        dispute_forum=found.dispute_forum,
        clause=found.clause,
        basis=found.basis.value,
        row=found.row.lower(),
        gap_filled=found.gap_filled,
        informed=list(found.informed),
        parties=list(case.parties),
        holds_from=day,
    )


def _holds(history: list[Resolution | JurisdictionResolved], found: JurisdictionResolved) -> bool:
    """Whether the history says of that day already what was found."""
    then = [one for one in history if one.holds_from <= found.holds_from]
    return bool(then) and all(_value(then[-1], name) == _value(found, name) for name in COMPARED)


def _value(one: Resolution | JurisdictionResolved, name: str) -> object:
    value = getattr(one, name)
    return tuple(value) if isinstance(value, list) else value
