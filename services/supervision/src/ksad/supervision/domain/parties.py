"""For which party of a task an office acts. Codes are compared by lineage, because region codes change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import HOME_GOVERNORS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.task import Task


def party_of(code: str, parties: Iterable[str], regions: RegionTable) -> str | None:
    """The party that a region code belongs to; ``None`` if it belongs to none."""
    try:
        lineage = regions.lineage(code)
        return next((party for party in parties if regions.lineage(party) == lineage), None)
    except RuleBrokenError:
        return None


def own_party(office: str, parties: Iterable[str], regions: RegionTable, acting: str = "region") -> str | None:
    """The party that a region's office acts for; ``None`` for other offices and other regions.

    :param acting: the role that acts: ``governor`` where those addressed are Governors, by the codes of provinces.
    """
    role, _, code = office.partition(":")
    return party_of(code, parties, regions) if role == acting else None


def speaks_for(office: str, named: str | None, task: Task, regions: RegionTable, today: date) -> str | None:
    """The party for which an office gives a command: its own, which the command may name.

    ``None`` if the office is none of the parties, names another party, or acts under a code that is not in force today.
    """
    acting = "governor" if task.occasion == HOME_GOVERNORS else "region"
    own = own_party(office, task.for_parties, regions, acting)
    code = office.rpartition(":")[2]
    if own is None or regions.code_on(code, today) != code:
        return None
    # A named code may be an older or newer one of the same region.
    return own if named in (None, own) else own_party(office, (named,), regions, acting) and own
