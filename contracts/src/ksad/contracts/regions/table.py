"""Finds regions: by the code in use on a date, by a former or later code of the same region, and as a party.

A region keeps its *lineage* when its code changes, so a code from an old agreement still finds its region. Every
refusal names the rule that was broken and says what to do.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Self

from ksad.contracts.dates import in_words
from ksad.contracts.regions.reading import Region, RegionKind, RegionTextError, load_text, read, sha256, write
from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def _day(day: date | None) -> str:
    return "waktu yang tidak diketahui" if day is None else in_words(day)


class UnknownRegionError(RuleBrokenError):
    """No region has ever had this code: a typing error, or a party that is not a region (Pasal 1 nos. 1 and 4)."""

    def __init__(self, code: str) -> None:
        detail = f"Kode wilayah {code} tidak ada dalam daftar daerah. Pihak KSAD adalah provinsi, kabupaten, atau kota."
        super().__init__("region-known", detail, "P1.1", region=code)


class RegionNotYetError(RuleBrokenError):
    """The code comes into use after this date."""

    def __init__(self, region: Region, on: date) -> None:
        detail = (
            f"Kode {region.code} ({region.name}) baru berlaku sejak {_day(region.valid_from)}, belum pada {_day(on)}."
        )
        super().__init__("region-valid", detail, "P1.1", region=region.code, on=on.isoformat())
        self.region = region


class RegionEndedError(RuleBrokenError):
    """The code went out of use before this date; ``successor`` is the region under its code of that date, if any."""

    def __init__(self, region: Region, on: date, successor: Region | None) -> None:
        then = f" Gunakan kode {successor.code} ({successor.name})." if successor else ""
        detail = (
            f"Kode {region.code} ({region.name}) berakhir pada {_day(region.valid_to)}, "
            f"tidak berlaku pada {_day(on)}.{then}"
        )
        successor_code = successor.code if successor else None
        super().__init__(
            "region-valid", detail, "P1.1", region=region.code, on=on.isoformat(), successor=successor_code
        )
        self.region = region
        self.successor = successor


class AdministrativeRegionError(RuleBrokenError):
    """An administrative regency or city of DKI Jakarta, which is not autonomous and so cannot be a party (row T13)."""

    def __init__(self, region: Region, province: Region) -> None:
        detail = (
            f"{region.name} ({region.code}) adalah wilayah administrasi, bukan daerah otonom, dan tidak dapat menjadi "
            f"pihak. Pihaknya adalah {province.name} ({province.code})."
        )
        super().__init__("region-autonomous", detail, "P1.1", region=region.code, province=province.code, row="T13")
        self.region = region


class BoundaryConflictError(RuleBrokenError):
    """A boundary change contradicts the table."""

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__("boundary-consistent", detail)
        self.facts = facts


class BoundaryBeforeFoundingError(RuleBrokenError):
    """A code is to be followed by another before it came into use."""

    def __init__(self, code: str, founded: date) -> None:
        detail = f"Kode {code} baru berlaku sejak {in_words(founded)}."
        super().__init__("boundary-in-life", detail, region=code, valid_from=founded.isoformat())


class RegionTable:
    """All regions under all codes that they have had. Immutable."""

    def __init__(self, regions: tuple[Region, ...]) -> None:
        self.regions = regions
        self._by_code: dict[str, list[Region]] = defaultdict(list)
        self._by_lineage: dict[str, list[Region]] = defaultdict(list)
        for region in sorted(regions, key=lambda one: one.valid_from or date.min):
            self._by_code[region.code].append(region)
            self._by_lineage[region.lineage].append(region)
        limits = [day for region in regions for day in (region.valid_from, region.valid_to)]
        self._turning_points = {day for day in limits if day is not None}

    @classmethod
    def from_csv(cls, text: str, *, strict: bool = False) -> Self:
        """The table in a canonical text.

        :param strict: for a text that is to be adopted, as for :func:`ksad.contracts.regions.reading.read`.
        :raises RegionTextError: the text has faults; the message lists all of them.
        """
        return cls(read(text, strict=strict))

    def to_csv(self) -> str:
        """The canonical text of this table."""
        return write(self.regions)

    def known(self, code: str) -> Region:
        """The latest region to have had a code, whether or not the code is still in use.

        :raises UnknownRegionError: no region has ever had the code.
        """
        if code not in self._by_code:
            raise UnknownRegionError(code)
        return self._by_code[code][-1]

    def names(self, codes: Iterable[str]) -> str:
        """The names of regions for people, in the given order; the code where nobody knows it."""
        return ", ".join(self._by_code[code][-1].name if code in self._by_code else code for code in codes)

    def lineage(self, code: str) -> str:
        """The lineage of the region with this code: what stays the same when its code changes.

        :raises UnknownRegionError: no region has ever had the code.
        """
        return self.known(code).lineage

    def known_lineage(self, code: str) -> str | None:
        """The lineage as :meth:`lineage` gives it; None where no region has ever had the code."""
        return self._by_code[code][-1].lineage if code in self._by_code else None

    def codes_of(self, lineage: str) -> tuple[Region, ...]:
        """The region of a lineage under each code that it has had, the oldest first."""
        return tuple(self._by_lineage.get(lineage, ()))

    def valid(self, code: str, on: date) -> Region:
        """The region that uses exactly this code on a date.

        :raises UnknownRegionError: no region has ever had the code.
        :raises RegionNotYetError: the code comes into use later.
        :raises RegionEndedError: the code went out of use before; the error has the successor.
        """
        latest = self.known(code)
        for region in self._by_code[code]:
            if region.exists(on):
                return region
        if latest.valid_to is not None and latest.valid_to <= on:
            raise RegionEndedError(latest, on, self._of_lineage(latest.lineage, on))
        raise RegionNotYetError(next(one for one in self._by_code[code] if one.valid_from and one.valid_from > on), on)

    def current(self, code: str, on: date) -> Region:
        """The region that a code of any time belongs to, under the code that it has on a date.

        :raises UnknownRegionError: no region has ever had the code.
        :raises RegionNotYetError: the region, under any code, begins later.
        :raises RegionEndedError: the region no longer exists under any code.
        """
        return self._of_lineage(self.lineage(code), on) or self.valid(code, on)

    def code_on(self, code: str, on: date) -> str:
        """The code that a region has on a date; the given code if it is unknown or the region does not exist then.

        Unlike :meth:`current` it never raises, so that folds can use it on whatever the log contains.
        """
        known = self._by_code.get(code)
        found = self._of_lineage(known[-1].lineage, on) if known else None
        return code if found is None else found.code

    def codes_in(self, province: str, on: date) -> frozenset[str]:
        """All codes of any time whose regions are the province, or lie in it, on a date."""
        return frozenset(code for code in self._by_code if self.code_on(code, on)[:2] == province)

    def changes_between(self, after: date, through: date) -> bool:
        """Whether a code begins or ends on a day in ``(after, through]``."""
        return any(after < day <= through for day in self._turning_points)

    def next_change(self, after: date) -> date | None:
        """The first day after another on which a code begins or ends; ``None`` if none is known."""
        return min((day for day in self._turning_points if day > after), default=None)

    def province_of(self, code: str, on: date) -> Region:
        """The province of a region on a date; a province's own. Raises as :meth:`current`."""
        return self.valid(self.current(code, on).province, on)

    def party(self, code: str, on: date) -> Region:
        """The region as a party to a cooperation on a date.

        :raises AdministrativeRegionError: the region is not autonomous; other errors as for :meth:`current`.
        """
        region = self.current(code, on)
        if not region.autonomous:
            raise AdministrativeRegionError(region, self.province_of(code, on))
        return region

    def existing(self, on: date) -> tuple[Region, ...]:
        """All regions in use on a date, in the table's order."""
        return tuple(region for region in self.regions if region.exists(on))

    def provinces(self, on: date) -> tuple[Region, ...]:
        """The provinces that exist on a date, in the table's order."""
        return tuple(region for region in self.existing(on) if region.kind == RegionKind.PROVINCE)

    def within(self, province: str, on: date) -> tuple[Region, ...]:
        """The regencies and cities of a province on a date, including administrative ones, in the table's order."""
        return tuple(region for region in self.existing(on) if region.province_code == province)

    def with_boundary_change(self, code: str, successor: str, effective_on: date) -> RegionTable:
        """A table in which a region has another code from a date on; this table if it has that change already.

        :raises UnknownRegionError: the region, or the province of its new code, is unknown.
        :raises BoundaryBeforeFoundingError, RegionEndedError: the region is not yet, or no more, in use on that date.
        :raises BoundaryConflictError: another region has the new code, the table has another date for the change, or
            the new code does not fit the kind of region.
        """
        # The packaged table contains the changes known at its release. Recording one of them again must do no harm.
        known = self._by_code.get(successor, [])
        if any(one.lineage == self.lineage(code) and one.valid_from == effective_on for one in known):
            return self
        founded = [one.valid_from for one in self._by_code.get(code, [])]
        if founded and all(day is not None and effective_on < day for day in founded):
            raise BoundaryBeforeFoundingError(code, min(day for day in founded if day is not None))
        region = self.valid(code, effective_on)
        if known or successor == code:
            detail = f"Kode {successor} sudah dipakai atau berlaku sejak tanggal lain dalam daftar daerah."
            raise BoundaryConflictError(detail, region=code, successor=successor, effective_on=effective_on.isoformat())
        if ("." in successor) != (region.kind != RegionKind.PROVINCE) or region.valid_from == effective_on:
            detail = (
                f"{region.name} ({code}) tidak dapat berganti kode menjadi {successor} pada {in_words(effective_on)}."
            )
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
