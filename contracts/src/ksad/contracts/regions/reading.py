"""Reads the canonical text of a region table, and names all that is wrong with it at once."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from enum import StrEnum
from importlib import resources

from pydantic import BaseModel, ConfigDict, ValidationError

from ksad.contracts.identifiers import ProvinceCode, RegionCode, ShortText


class RegionTextError(ValueError):
    """The text is no canonical region table; the message lists every fault with its line."""


class RegionKind(StrEnum):
    """Pasal 1 no. 1: a province, a regency (*kabupaten*), a city (*kota*)."""

    PROVINCE = "province"
    REGENCY = "regency"
    CITY = "city"


class Region(BaseModel):
    """One region under one code, in use from ``valid_from`` on and no longer from ``valid_to`` on; ``None`` is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
        """The code of the province it is or lies in."""
        return self.province_code or self.code

    def exists(self, on: date) -> bool:
        """Whether the code is in use on a date."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


def load_text() -> str:
    """This package's copy of the table; its source stands in the README beside it."""
    return resources.files("ksad.contracts.regions").joinpath("data", "regions.csv").read_bytes().decode()


def sha256(text: str) -> str:
    """The digest under which a text is adopted: SHA-256 of its UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> tuple[Region, ...]:
    """The regions of a canonical text: CSV with the fields of ``Region`` as its header, lines ending in LF.

    :raises RegionTextError: not canonical, a line that is no region, a code twice on one day, a province unknown.
    """
    fields = list(Region.model_fields)
    head = ",".join(fields)
    if "\r" in text or not text.endswith("\n") or text.partition("\n")[0] != head:
        raise RegionTextError(f"line 1: expected the header {head}, lines ending in LF, and a last line that ends too")
    reader = csv.reader(text.splitlines()[1:])
    try:
        rows = list(reader)
    except csv.Error as error:
        raise RegionTextError(f"line {reader.line_num + 1}: {error}") from error
    regions: list[Region] = []
    faults: list[str] = []
    for line, row in enumerate(rows, start=2):
        try:
            regions.append(_region(fields, row))
        except ValueError as error:
            faults.append(f"line {line}: {_said(error)}")
    faults += _unfit(regions)
    if faults:
        raise RegionTextError("; ".join(faults))
    return tuple(regions)


def write(regions: tuple[Region, ...]) -> str:
    """The canonical text of regions: what ``read`` reads back."""
    fields = list(Region.model_fields)
    rows = [[_cell(getattr(region, field)) for field in fields] for region in regions]
    return "".join(",".join(row) + "\n" for row in [fields, *rows])


def _region(fields: list[str], row: list[str]) -> Region:
    if len(row) != len(fields):
        raise ValueError(f"{len(row)} fields instead of {len(fields)}")
    cells = {field: cell or None for field, cell in zip(fields, row, strict=True)}
    if cells["autonomous"] not in ("true", "false"):
        raise ValueError("autonomous is neither true nor false")
    return Region.model_validate(cells)


def _said(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        return ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return str(error)


def _unfit(regions: list[Region]) -> list[str]:
    """What each line may say alone and all together may not."""
    provinces = {region.code for region in regions if region.kind == RegionKind.PROVINCE}
    faults = []
    for region in regions:
        inside = region.kind != RegionKind.PROVINCE
        if inside != (region.province_code is not None) or inside != ("." in region.code):
            faults.append(f"{region.code}: a {region.kind} with this code and province_code is contradictory")
        elif inside and region.province_code not in provinces:
            faults.append(f"{region.code}: province {region.province_code} is not in the table")
        if region.valid_from and region.valid_to and region.valid_from >= region.valid_to:
            faults.append(f"{region.code}: ends before it begins")
    for by in ("code", "lineage"):
        faults += _overlaps(regions, by)
    return faults


def _overlaps(regions: list[Region], by: str) -> list[str]:
    """Two lines of one code, or two codes of one lineage, that are in use on the same day."""
    faults = []
    last: dict[str, Region] = {}
    for region in sorted(regions, key=lambda one: one.valid_from or date.min):
        name = getattr(region, by)
        before = last.get(name)
        if before is not None and (before.valid_to is None or before.valid_to > (region.valid_from or date.min)):
            faults.append(f"{region.code}: {by} {name} is in use twice at the same time")
        last[name] = region
    return faults


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
