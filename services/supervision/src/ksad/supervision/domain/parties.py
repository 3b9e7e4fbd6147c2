"""For which party of a task an office speaks: a region's code is read by its lineage, for codes change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.regions import RegionTable
    from ksad.supervision.domain.task import Task


def party_of(code: str, parties: Iterable[str], regions: RegionTable) -> str | None:
    """The party that a code means today; None where it means none of them."""
    try:
        lineage = regions.lineage(code)
        return next((party for party in parties if regions.lineage(party) == lineage), None)
    except RuleBrokenError:
        return None


def own_party(office: str, parties: Iterable[str], regions: RegionTable) -> str | None:
    """The party that a region's office speaks for; None for every other office."""
    role, _, code = office.partition(":")
    return party_of(code, parties, regions) if role == "region" else None


def speaks_for(office: str, named: str | None, task: Task, regions: RegionTable) -> str | None:
    """The party that an office speaks for in a command that may name one: its own, and no other that is named."""
    own = own_party(office, task.for_parties, regions)
    if own is None or named in (None, own):
        return own
    return own_party(office, (named,), regions) and own
