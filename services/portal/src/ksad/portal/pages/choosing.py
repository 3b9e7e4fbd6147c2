"""The page on which one of several offices is chosen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ksad.chassis.clock import RealClock, today
from ksad.contracts.law import Affairs
from ksad.contracts.regions import RegionTable, load_text
from ksad.portal.guarding import inside
from ksad.portal.languages import language
from ksad.portal.naming import ROLES, Names

if TYPE_CHECKING:
    from fastapi import Response

    from ksad.portal.visits import Visit


@cache
def known_names(code: str) -> Names:
    """Names of offices by the table of regions that is delivered, for pages before any service was asked."""
    return Names(RegionTable.from_csv(load_text()), Affairs(()), today(RealClock()), language(code))


def choosing(visit: Visit, back: str) -> Response:
    """The page on which one of several offices is chosen; each by its name of today, with the officer's role in it."""
    names = known_names(visit.language.code)
    held = sorted((names.office(office), office, ROLES[role]) for office, role in visit.held.items())
    return visit.page("offices.html", held=held, back=inside(back), acting=visit.office if visit.signed_in else None)
