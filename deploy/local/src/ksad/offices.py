"""Every office that exists, and development tokens for them from the local issuer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chassis.auth import LocalIssuer
from contracts.regions import RegionTable
from contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = ("minister", "joint_secretariat", "auditor", "operator")


def offices() -> list[str]:
    """The ministry's offices, and for each region of today those of its Governor, TKKSD and head."""
    table = RegionTable.from_csv(regions_text())
    listed = list(ALWAYS)
    for region in table.regions:
        if region.valid_to is not None or not region.autonomous:
            continue
        if region.kind == "province":
            listed += [f"governor:{region.code}", f"tkksd:{region.code}", f"feed:{region.code}"]
        listed.append(f"region:{region.code}")
    return listed


def development_tokens(keys_dir: Path) -> dict[str, str]:
    """A token for every office, signed by the local issuer, which services accept on loopback only."""
    issuer = LocalIssuer(keys_dir)
    return {office: issuer.issue(office) for office in offices()}
