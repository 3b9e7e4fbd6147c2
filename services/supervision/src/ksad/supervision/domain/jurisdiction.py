"""Resolves who supervises from which day on, from the parties and the boundaries of that day (Pasal 2 and 3)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.law import resolve
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import AgreementJurisdictionResolved, JurisdictionResolved, ResolvedFact
from ksad.contracts.umbrella import AgreementState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from ksad.contracts.law import Jurisdiction, Profile
    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.case import Case, Resolution
    from ksad.supervision.domain.reference import Reference

COMPARED = ("tier", "supervising_body", "dispute_forum", "clause", "basis", "row", "gap_filled", "informed")


def resolutions(case: Case, reference: Reference, *, through: date, anchor: date | None = None) -> list[ResolvedFact]:
    """The resolutions that are missing up to a day: of the cooperation, and of agreements that resolve otherwise.

    :param through: the last day considered.
    :param anchor: a day that must be considered because parties or boundaries changed. All other days considered are
        those on which adopted reference data change.
    :raises RuleBrokenError: the parties have no supervisor on the anchor.
    """
    made: list[ResolvedFact] = []
    history: list[Resolution | ResolvedFact] = list(case.resolutions)
    profile = reference.law.profile(case.profile)
    start = history[-1].holds_from if history else anchor
    if start is None:
        return []
    days = _days(case.parties, reference, min(start, anchor or start), through, anchor)
    for found in _missing(case.parties, history, reference, profile, days, anchor):
        one = JurisdictionResolved(cooperation_id=case.id, parties=list(case.parties), **_fields(found))
        history.append(one)
        made.append(one)
    for key, agreement in case.parts.agreements.items():
        if agreement.state not in (AgreementState.CLOSED, AgreementState.DROPPED):
            made += _of_agreement(case, key, agreement, reference, history, through, anchor)
    return made


def _of_agreement(
    case: Case,
    key: str,
    agreement: Agreement,
    reference: Reference,
    umbrella: Sequence[Resolution | ResolvedFact],
    through: date,
    anchor: date | None,
) -> Iterator[AgreementJurisdictionResolved]:
    """Those of one agreement: while its parties resolve as those of the cooperation, the cooperation's hold."""
    own = case.agreement_resolutions.get(key, ())
    if len(agreement.between) < 2 or (not own and set(agreement.between) == set(case.parties)):  # noqa: PLR2004 - Pasal 1 no. 4
        return
    begun = agreement.opened_on or agreement.signed_on or umbrella[0].holds_from
    start = max(own[-1].holds_from if own else begun, umbrella[0].holds_from)
    # It is looked at when it came, when its parties may have changed, and whenever the cooperation was resolved anew.
    changed = [one.holds_from for one in umbrella if one.holds_from > start]
    days = _days(agreement.between, reference, start, through, start, anchor, *changed)
    profile = reference.law.profile(agreement.profile or case.profile)
    history: list[Resolution | ResolvedFact] = list(own)
    if not own:
        history = [one for one in umbrella if one.holds_from <= start]
    for found in _missing(agreement.between, history, reference, profile, days, None):
        between = list(agreement.between)
        made = AgreementJurisdictionResolved(cooperation_id=case.id, agreement=key, between=between, **_fields(found))
        yield made


def _days(
    parties: tuple[str, ...], reference: Reference, after: date, through: date, *others: date | None
) -> list[date]:
    """The days that must be looked at: those on which the adopted data say that something changes, and others."""
    return sorted({*reference.turning_points(parties, after, through), *filter(None, others)})


class _Found(NamedTuple):
    """A resolution that is not in the history, and from when on it holds."""

    resolved: Jurisdiction
    holds_from: date


def _missing(
    parties: tuple[str, ...],
    known: Sequence[Resolution | ResolvedFact],
    reference: Reference,
    profile: Profile,
    days: list[date],
    anchor: date | None,
) -> Iterator[_Found]:
    history: list[Resolution | ResolvedFact | _Found] = list(known)
    for day in days:
        resolved = None
        if day == anchor:
            resolved = resolve(parties, reference.regions, day, profile)
        else:
            # If a region has ended without a successor, the last supervisor stays.
            with suppress(RuleBrokenError):
                resolved = resolve(parties, reference.regions, day, profile)
        if resolved is None or _holds(history, _Found(resolved, day)):
            continue
        # A fact that became known late does not change who supervised before the newest resolution.
        latest = max((one.holds_from for one in history), default=day)
        found = _Found(resolved, max(day, latest))
        if not _holds(history, found):
            history.append(found)
            yield found


def _fields(found: _Found) -> dict[str, Any]:
    """The fields of a resolution that do not depend on whose it is."""
    one = found.resolved
    return {
        "tier": one.tier,
        "supervising_body": one.supervising_body,
        "dispute_forum": one.dispute_forum,
        "clause": one.clause,
        "basis": one.basis.value,
        "row": one.row.lower(),
        "gap_filled": one.gap_filled,
        "informed": list(one.informed),
        "holds_from": found.holds_from,
        "forum_clause": one.forum_clause,
        "forum_basis": one.forum_basis.value,
        "forum_says": one.forum_says,
    }


def _holds(history: list[Resolution | ResolvedFact | _Found], found: _Found) -> bool:
    """Whether the history says of that day already what was found."""
    then = [one for one in history if one.holds_from <= found.holds_from]
    return bool(then) and _compared(then[-1]) == _compared(found)


def _compared(one: Resolution | ResolvedFact | _Found) -> dict[str, object]:
    values = _fields(one) if isinstance(one, _Found) else {name: getattr(one, name) for name in COMPARED}
    return {name: tuple(values[name]) if name == "informed" else values[name] for name in COMPARED}
