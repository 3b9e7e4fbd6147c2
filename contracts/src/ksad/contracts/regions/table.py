"""Looks a region up: by its code on a date, by its lineage when the code has changed since, as a party.

Every refusal is a rule that was broken, with what to do about it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Self

from ksad.contracts.regions.reading import Region, RegionKind, RegionTextError, load_text, read, sha256, write
from ksad.contracts.rules import RuleBrokenError

__all__ = [
    "AdministrativeRegionError",
    "BoundaryConflictError",
    "Region",
    "RegionEndedError",
    "RegionKind",
    "RegionNotYetError",
    "RegionTable",
    "RegionTextError",
    "UnknownRegionError",
    "load_text",
    "sha256",
]


class UnknownRegionError(RuleBrokenError):
    """No region ever had this code: a slip of the pen, or a party that is no region (Pasal 1 nos. 1 and 4)."""

    def __init__(self, code: str) -> None:
        detail = f"Kode wilayah {code} tidak ada dalam daftar daerah. Pihak KSAD adalah provinsi, kabupaten, atau kota."
        super().__init__("region-known", detail, "P1.1", region=code)


class RegionNotYetError(RuleBrokenError):
    """The code exists, but not yet on this date."""

    def __init__(self, region: Region, on: date) -> None:
        detail = f"Kode {region.code} ({region.name}) baru berlaku sejak {region.valid_from}, belum pada {on}."
        super().__init__("region-valid", detail, "P1.1", region=region.code, on=on.isoformat())
        self.region = region


class RegionEndedError(RuleBrokenError):
    """The code was in use, but no longer on this date; the successor is told where there is one."""

    def __init__(self, region: Region, on: date, successor: Region | None) -> None:
        then = f" Gunakan kode {successor.code} ({successor.name})." if successor else ""
        detail = f"Kode {region.code} ({region.name}) berakhir pada {region.valid_to}, tidak berlaku pada {on}.{then}"
        successor_code = successor.code if successor else None
        super().__init__(
            "region-valid", detail, "P1.1", region=region.code, on=on.isoformat(), successor=successor_code
        )
        self.region = region
        self.successor = successor


class AdministrativeRegionError(RuleBrokenError):
    """An administrative regency or city of DKI Jakarta: not autonomous, so no *daerah* and no party (row T13)."""

    def __init__(self, region: Region, province: Region) -> None:
        detail = (
            f"{region.name} ({region.code}) adalah wilayah administrasi, bukan daerah otonom, dan tidak dapat menjadi "
            f"pihak. Pihaknya adalah {province.name} ({province.code})."
        )
        super().__init__("region-autonomous", detail, "P1.1", region=region.code, province=province.code, row="T13")
        self.region = region


class BoundaryConflictError(RuleBrokenError):
    """A boundary change that contradicts the table."""

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__("boundary-consistent", detail)
        self.facts = facts


class RegionTable:
    """All regions, of every time. Immutable; equal texts make equal tables."""

    def __init__(self, regions: tuple[Region, ...]) -> None:
        self.regions = regions
        self._by_code: dict[str, list[Region]] = defaultdict(list)
        self._by_lineage: dict[str, list[Region]] = defaultdict(list)
        for region in sorted(regions, key=lambda one: one.valid_from or date.min):
            self._by_code[region.code].append(region)
            self._by_lineage[region.lineage].append(region)

    @classmethod
    def from_csv(cls, text: str) -> Self:
        """The table that a canonical text describes; raises RegionTextError with every fault."""
        return cls(read(text))

    def to_csv(self) -> str:
        """The canonical text of this table."""
        return write(self.regions)

    def known(self, code: str) -> Region:
        """The latest region under a code, in use or not; raises UnknownRegionError."""
        if code not in self._by_code:
            raise UnknownRegionError(code)
        return self._by_code[code][-1]

    def lineage(self, code: str) -> str:
        """What stays the same when the code changes; raises UnknownRegionError."""
        return self.known(code).lineage

    def valid(self, code: str, on: date) -> Region:
        """The region under this very code on a date.

        :raises UnknownRegionError: no region ever had the code.
        :raises RegionNotYetError: it begins later.
        :raises RegionEndedError: it ended before, and names the successor.
        """
        latest = self.known(code)
        for region in self._by_code[code]:
            if region.exists(on):
                return region
        if latest.valid_to is not None and latest.valid_to <= on:
            raise RegionEndedError(latest, on, self._of_lineage(latest.lineage, on))
        raise RegionNotYetError(next(one for one in self._by_code[code] if one.valid_from and one.valid_from > on), on)

    def current(self, code: str, on: date) -> Region:
        """The region that the code means, under the code it has on a date: a code is read by its lineage.

        :raises UnknownRegionError: no region ever had the code.
        :raises RegionNotYetError: the region, not only its code, begins later.
        :raises RegionEndedError: the region itself is gone.
        """
        return self._of_lineage(self.lineage(code), on) or self.valid(code, on)

    def code_on(self, code: str, on: date) -> str:
        """The code that a region has on a date; the code itself where it has none then, or never had one."""
        known = self._by_code.get(code)
        found = self._of_lineage(known[-1].lineage, on) if known else None
        return code if found is None else found.code

    def province_of(self, code: str, on: date) -> Region:
        """The province that a region lies in, or is, on a date; errors as for ``current``."""
        return self.valid(self.current(code, on).province, on)

    def party(self, code: str, on: date) -> Region:
        """The region as a party to a cooperation: errors as for ``current``, and AdministrativeRegionError."""
        region = self.current(code, on)
        if not region.autonomous:
            raise AdministrativeRegionError(region, self.province_of(code, on))
        return region

    def existing(self, on: date) -> tuple[Region, ...]:
        """All regions in use on a date, in the table's order."""
        return tuple(region for region in self.regions if region.exists(on))

    def provinces(self, on: date) -> tuple[Region, ...]:
        """The provinces on a date, in the table's order."""
        return tuple(region for region in self.existing(on) if region.kind == RegionKind.PROVINCE)

    def within(self, province: str, on: date) -> tuple[Region, ...]:
        """The regencies and cities of a province on a date, administrative ones included."""
        return tuple(region for region in self.existing(on) if region.province_code == province)

    def with_boundary_change(self, code: str, successor: str, effective_on: date) -> RegionTable:
        """This table after a region went on under another code; the same table if it says so already.

        :raises UnknownRegionError: the region, or the province of its new code, is unknown.
        :raises RegionEndedError, RegionNotYetError: the region is not in use on that date.
        :raises BoundaryConflictError: the new code is in use for another region, or another date stands in the table.
        """
        known = self._by_code.get(successor, [])
        if any(one.lineage == self.lineage(code) and one.valid_from == effective_on for one in known):
            return self
        region = self.valid(code, effective_on)
        if known or successor == code:
            detail = f"Kode {successor} sudah dipakai atau berlaku sejak tanggal lain dalam daftar daerah."
            raise BoundaryConflictError(detail, region=code, successor=successor, effective_on=effective_on.isoformat())
        if ("." in successor) != (region.kind != RegionKind.PROVINCE) or region.valid_from == effective_on:
            detail = f"{region.name} ({code}) tidak dapat berganti kode menjadi {successor} pada {effective_on}."
            raise BoundaryConflictError(detail, region=code, successor=successor, effective_on=effective_on.isoformat())
        province = successor.partition(".")[0] if "." in successor else None
        if province:
            self.valid(province, effective_on)
        then = {"code": successor, "province_code": province, "valid_from": effective_on, "valid_to": region.valid_to}
        ended = region.model_copy(update={"valid_to": effective_on})
        kept = tuple(ended if one is region else one for one in self.regions)
        return RegionTable((*kept, Region.model_validate(region.model_dump() | then)))

    def _of_lineage(self, lineage: str, on: date) -> Region | None:
        return next((region for region in self._by_lineage[lineage] if region.exists(on)), None)
