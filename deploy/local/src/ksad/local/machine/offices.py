"""All offices that exist today, and development tokens for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.clock import RealClock, today
from ksad.contracts.regions import Region, RegionKind, RegionTable
from ksad.contracts.regions import load_text as regions_text

if TYPE_CHECKING:
    from pathlib import Path

ALWAYS = ("minister", "joint_secretariat", "auditor", "operator", "mailer")


@cache
def _existing(text: str) -> tuple[Region, ...]:
    table = RegionTable.from_csv(text)
    return tuple(region for region in table.existing(today(RealClock())) if region.autonomous)


def _regions(adopted: Path | None) -> tuple[Region, ...]:
    """The regions of today.

    :param adopted: the table that the log has adopted, as a file; the package's table if there is none yet.
    """
    return _existing(adopted.read_text() if adopted is not None and adopted.exists() else regions_text())


def provinces(adopted: Path | None = None) -> list[str]:
    """The codes of the provinces that exist today."""
    return [region.code for region in _regions(adopted) if region.kind is RegionKind.PROVINCE]


def offices(adopted: Path | None = None) -> list[str]:
    """The ministry's offices, those of each province (Governor, TKKSD, feed), and all regions."""
    listed = list(ALWAYS)
    for code in provinces(adopted):
        listed += [f"governor:{code}", f"tkksd:{code}", f"feed:{code}"]
    return listed + [f"region:{region.code}" for region in _regions(adopted)]


def development_tokens(keys_dir: Path, adopted: Path | None = None) -> dict[str, str]:
    """A token of the local issuer for every office; services accept these on loopback only."""
    issuer = LocalIssuer(keys_dir)
    return {office: issuer.issue(office) for office in offices(adopted)}
