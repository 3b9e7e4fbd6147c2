"""Jurisdiction: which body supervises a cooperation and which office settles its disputes.

It is computed from the parties by rows T1 to T14 of the decision table, and never entered by hand. Rows T1 to T9 give a
result. T10 needs no rule: a province that only facilitates or witnesses is not a party. T11 and T12 (a ministry, a
company) are refused because they are not regions; T13 (administrative regions of DKI Jakarta) and T14 (fewer than two
regions) are refused by rules of their own. Where a province is among the parties, the Minister has jurisdiction, so
that a Governor who is a party neither supervises the cooperation nor settles its disputes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from ksad.contracts.law.model import Basis, JurisdictionRule, Value, Words
from ksad.contracts.law.profile import Profile
from ksad.contracts.regions import Region, RegionKind, RegionTable
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import Tier

REGION_CODE = re.compile(r"[1-9][0-9](\.[0-9]{2})?")


class PartyNotRegionError(RuleBrokenError):
    """A party is not a region, but a ministry (row T11), a company or another third party (row T12)."""

    def __init__(self, party: str) -> None:
        detail = (
            f"{party!r} bukan kode wilayah. Para pihak KSAD adalah provinsi, kabupaten, atau kota; kerja sama dengan "
            "kementerian/lembaga atau pihak ketiga bukan KSAD."
        )
        super().__init__("party-is-region", detail, "P1.4", party=party, row="T11/T12")


class PartiesDifferError(RuleBrokenError):
    """There are fewer than two different regions (row T14). Codes of the same lineage are the same region."""

    def __init__(self, parties: Iterable[str]) -> None:
        detail = "KSAD memerlukan sedikitnya dua daerah yang berbeda, masing-masing disebut satu kali."
        super().__init__("parties-differ", detail, "P1.4", parties=list(parties), row="T14")


class Jurisdiction(Value):
    """Who supervises a cooperation and who settles its disputes on a day, each with clause and basis.

    ``row`` is that of the decision table. ``gap_filled``: the regulation does not say who supervises, and the row is
    the platform's reading (T5, T7). ``informed`` are the Governors to inform in this case: those of the parties.
    """

    row: str
    tier: Tier
    supervising_body: str
    clause: Words
    basis: Basis
    says: Words
    gap_filled: bool
    informed: tuple[str, ...]
    dispute_forum: str
    forum_clause: Words
    forum_basis: Basis
    forum_says: Words


def resolve(parties: Iterable[str], table: RegionTable, on: date, profile: Profile) -> Jurisdiction:
    """The jurisdiction over a cooperation on a day.

    :param parties: the region codes of the parties, present or former ones.
    :param profile: the profile whose jurisdiction table applies.
    :raises PartyNotRegionError: a party is not a region code.
    :raises RuleBrokenError: a code is unknown, or the region does not exist on that day (``ksad.contracts.regions``).
    :raises AdministrativeRegionError: a party is an administrative region of DKI Jakarta.
    :raises PartiesDifferError: there are fewer than two different regions.
    """
    # Sorted, so that the order in which parties were entered does not change the recorded result.
    regions = party_regions(parties, table, on)
    provinces = sorted({region.province for region in regions})
    rule = profile.rule(row_of(regions))
    ground, forum = rule.ground(rule.supervision, on), rule.ground(rule.forum, on)
    return Jurisdiction(
        row=rule.row,
        tier=rule.tier,
        supervising_body=_office(rule, "joint_secretariat", "tkksd", provinces),
        clause=ground.clause,
        basis=ground.basis,
        says=ground.says,
        gap_filled=rule.gap_filled,
        informed=tuple(f"governor:{province}" for province in provinces) if rule.gap_filled else (),
        dispute_forum=_office(rule, "minister", "governor", provinces),
        forum_clause=forum.clause,
        forum_basis=forum.basis,
        forum_says=forum.says,
    )


def party_regions(parties: Iterable[str], table: RegionTable, on: date) -> tuple[Region, ...]:
    """The regions that the parties are on a day, in the given order. Raises as :func:`resolve`."""
    codes = list(parties)
    for code in codes:
        if not REGION_CODE.fullmatch(code):
            raise PartyNotRegionError(code)
    regions = tuple(table.party(code, on) for code in codes)
    if len(regions) < 2 or len({region.lineage for region in regions}) < len(regions):  # noqa: PLR2004 - Pasal 1 no. 4
        raise PartiesDifferError(codes)
    return regions


def row_of(regions: tuple[Region, ...]) -> str:
    """The row of the decision table, T1 to T9, for two or more different regions."""
    provinces = {region.code for region in regions if region.kind == RegionKind.PROVINCE}
    homes = {region.province for region in regions if region.kind != RegionKind.PROVINCE}
    local = len(regions) - len(provinces)
    if not provinces:
        rows = ("T4", "T6") if len(homes) == 1 else ("T5", "T7")
        return rows[local > 2]  # noqa: PLR2004 - two parties, or three and more
    if not local:
        return "T1"
    if len(provinces) > 1:
        return "T9"
    if local > 1:
        return "T8"
    return "T2" if homes == provinces else "T3"


def _office(rule: JurisdictionRule, ministerial: str, provincial: str, provinces: list[str]) -> str:
    return ministerial if rule.tier == Tier.MINISTER else f"{provincial}:{provinces[0]}"
