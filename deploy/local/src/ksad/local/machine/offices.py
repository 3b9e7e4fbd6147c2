"""Every office that exists today, and development tokens for them from the local issuer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import RealClock, today
from ksad.contracts.regions import Region, RegionKind, RegionTable
from ksad.contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = ("minister", "joint_secretariat", "auditor", "operator")


@cache
def _regions() -> tuple[Region, ...]:
    table = RegionTable.from_csv(regions_text())
    return tuple(region for region in table.existing(today(RealClock())) if region.autonomous)


def provinces() -> list[str]:
    """The codes of today's provinces."""
    return [region.code for region in _regions() if region.kind is RegionKind.PROVINCE]


def offices() -> list[str]:
    """The ministry's offices, those of each province's Governor and TKKSD and its feed, and every region's."""
    listed = list(ALWAYS)
    for code in provinces():
        listed += [f"governor:{code}", f"tkksd:{code}", f"feed:{code}"]
    return listed + [f"region:{region.code}" for region in _regions()]


def development_tokens(keys_dir: Path) -> dict[str, str]:
    """A token for every office, signed by the local issuer, which services accept on loopback only."""
    issuer = LocalIssuer(keys_dir)
    return {office: issuer.issue(office) for office in offices()}
