"""What regions and offices are called in Indonesian on a day, for whatever shows an office or a region to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.regions.reading import RegionKind

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.regions.table import RegionTable

ALONE = {
    "minister": "Menteri Dalam Negeri",
    "joint_secretariat": "Sekretariat Bersama",
    "auditor": "Auditor",
    "operator": "Operator",
    "mailer": "Pengirim surel",
    "platform": "Sistem",
}
"""The offices that there is one of."""


def region_name(code: str, regions: RegionTable, on: date) -> str:
    """A region's name as people say it: ``Kota Surakarta``, ``Provinsi Jawa Tengah``; the code where nobody knows it.

    A code that is not in use on the day has the name that it had last.
    """
    if regions.known_lineage(code) is None:
        return code
    region = next((one for one in regions.existing(on) if one.code == code), regions.known(code))
    return f"Provinsi {region.name}" if region.kind is RegionKind.PROVINCE else region.name


def office_name(office: str, regions: RegionTable, on: date) -> str:
    """An office's name: ``TKKSD Provinsi Jawa Tengah``, ``Gubernur Jawa Tengah``; of a region's office the region's."""
    role, _, code = office.partition(":")
    if not code:
        return ALONE.get(office, office)
    name = region_name(code, regions, on)
    called = {"governor": f"Gubernur {name.removeprefix('Provinsi ')}", "tkksd": f"TKKSD {name}"}
    return called.get(role, f"Umpan {name}" if role == "feed" else name)
