"""Reads and writes the canonical text of a region table. A refusal lists all faults of the text."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from enum import StrEnum
from importlib import resources

from pydantic import ValidationError

from ksad.contracts.identifiers import ProvinceCode, RegionCode, ShortText
from ksad.contracts.strict import Strict
from ksad.contracts.wording import told


class RegionTextError(ValueError):
    """A text is not a canonical region table; the message lists every fault with its line or code."""


class RegionKind(StrEnum):
    """The kinds of region in Pasal 1 no. 1: province, regency (*kabupaten*) and city (*kota*)."""

    PROVINCE = "province"
    REGENCY = "regency"
    CITY = "city"


class Region(Strict):
    """A region under one of its codes.

    The code is in use from ``valid_from`` until the day before ``valid_to``; ``None`` means without limit.
    ``province_code`` is ``None`` for a province. ``lineage`` is the same for all codes that the region has had.
    ``autonomous`` is false for the administrative regions of DKI Jakarta.
    """

    code: RegionCode
    kind: RegionKind
    name: ShortText
    province_code: ProvinceCode | None
    autonomous: bool
    valid_from: date | None
    valid_to: date | None
    lineage: RegionCode

    @property
    def province(self) -> str:
        """The code of the region's province; a province's own code."""
        return self.province_code or self.code

    def exists(self, on: date) -> bool:
        """Whether the code is in use on a date."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


def load_text() -> str:
    """This package's copy of the region table. ``data/README.md`` names its sources."""
    return resources.files("ksad.contracts.regions").joinpath("data", "regions.csv").read_bytes().decode()


def sha256(text: str) -> str:
    """The digest under which a text is adopted: SHA-256 of its UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str, *, strict: bool = False) -> tuple[Region, ...]:
    """The regions in a canonical text: CSV with the fields of :class:`Region` as its header, lines ending in LF.

    :param strict: for a text that is to be adopted: each value in the one form in which :func:`write` writes it.
        Earlier releases adopted other forms, too.
    :raises RegionTextError: the text is not canonical, a line is not a region, a code or lineage is in use twice on one
        day, or a province is unknown.
    """
    # One form only, because the text is adopted under its digest: the same table must not have two digests.
    fields = list(Region.model_fields)
    head = ",".join(fields)
    if "\r" in text or not text.endswith("\n") or text.partition("\n")[0] != head:
        raise RegionTextError(f"baris 1: seharusnya {head}; setiap baris, juga yang terakhir, diakhiri LF")
    reader = csv.reader(text.splitlines()[1:])
    try:
        rows = list(reader)
    except csv.Error as error:
        raise RegionTextError(f"baris {reader.line_num + 1}: bukan CSV") from error
    regions: list[Region] = []
    faults: list[str] = []
    for line, row in enumerate(rows, start=2):
        try:
            regions.append(_region(fields, row))
        except ValueError as error:
            faults.append(f"baris {line}: {_reason(error)}")
    faults += _contradictions(regions)
    if strict and not faults:
        forms = enumerate(write(tuple(regions)).splitlines(), 1)
        faults = [
            f"baris {line}: seharusnya {form}" for line, form in forms if form not in text.splitlines()[line - 1 : line]
        ]
    if faults:
        raise RegionTextError("; ".join(faults))
    return tuple(regions)


def write(regions: tuple[Region, ...]) -> str:
    """The canonical text of regions, from which :func:`read` makes equal regions."""
    fields = list(Region.model_fields)
    rows = [[_cell(getattr(region, field)) for field in fields] for region in regions]
    return "".join(",".join(row) + "\n" for row in [fields, *rows])


def _region(fields: list[str], row: list[str]) -> Region:
    if len(row) != len(fields):
        raise ValueError(f"{len(row)} kolom, seharusnya {len(fields)}")
    cells = {field: cell or None for field, cell in zip(fields, row, strict=True)}
    if cells["autonomous"] not in ("true", "false"):
        raise ValueError("autonomous harus true atau false")
    return Region.model_validate(cells, strict=False)


def _reason(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return told(error)
    return str(error)


def _contradictions(regions: list[Region]) -> list[str]:
    """Faults that only show when lines are compared, or fields of one line."""
    provinces = {region.code for region in regions if region.kind == RegionKind.PROVINCE}
    faults = []
    for region in regions:
        inside = region.kind != RegionKind.PROVINCE
        if inside != (region.province_code is not None) or inside != ("." in region.code):
            faults.append(f"{region.code}: code dan province_code tidak cocok untuk {region.kind}")
        elif inside and region.province_code not in provinces:
            faults.append(f"{region.code}: provinsi {region.province_code} tidak ada dalam tabel")
        if region.valid_from and region.valid_to and region.valid_from >= region.valid_to:
            faults.append(f"{region.code}: berakhir sebelum mulai")
    for by in ("code", "lineage"):
        faults += _overlaps(regions, by)
    return faults


def _overlaps(regions: list[Region], by: str) -> list[str]:
    """Regions that share a code, or a lineage, and are in use on the same day."""
    faults = []
    last: dict[str, Region] = {}
    for region in sorted(regions, key=lambda one: one.valid_from or date.min):
        name = getattr(region, by)
        before = last.get(name)
        if before is not None and (before.valid_to is None or before.valid_to > (region.valid_from or date.min)):
            faults.append(f"{region.code}: {by} {name} dipakai dua kali pada waktu yang sama")
        last[name] = region
    return faults


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
