"""What people call things: regions, offices, clauses, affairs and stages. No code reaches a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.access import Role
from ksad.contracts.dates import PartialDate
from ksad.contracts.registry import Stage
from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from ksad.contracts.law.affairs import Affairs
    from ksad.contracts.regions import RegionTable
    from ksad.portal.languages import Language

TRAINING = "LATIHAN"
"""The mark of what a platform for training shows and sends."""
STAGES = {
    Stage.EXPLORATION: noted("Penjajakan"),
    Stage.NEGOTIATION: noted("Negosiasi"),
    Stage.SIGNING: noted("Penandatanganan"),
    Stage.IMPLEMENTATION_AND_TERMINATION: noted("Pelaksanaan dan pengakhiran"),
}
STATUSES = {
    "proposed": noted("usulan"),
    "running": noted("berjalan"),
    "ended": noted("berakhir"),
    "withdrawn": noted("usulan ditarik"),
}
ALONE = {
    "minister": noted("Menteri Dalam Negeri"),
    "joint_secretariat": noted("Sekretariat Bersama"),
    "auditor": noted("Auditor"),
    "operator": noted("Operator"),
    "mailer": noted("Pengirim surel"),
    "platform": noted("Sistem"),
}
ROLES = {
    Role.READER: noted("pembaca"),
    Role.CLERK: noted("penyusun"),
    Role.REVIEWER: noted("pemeriksa"),
    Role.SIGNER: noted("penanda tangan"),
}
CATEGORIES = {"mandatory": noted("Wajib"), "voluntary": noted("Sukarela")}
INSTRUMENTS = {
    "accord": noted("Kesepakatan bersama"),
    "agreement": noted("Perjanjian kerja sama"),
    "amendment": noted("Perubahan perjanjian"),
    "extension": noted("Perpanjangan perjanjian"),
}
INSTRUMENT_STATES = {
    "in_force": ("live", noted("berlaku")),
    "replaced": ("", noted("digantikan")),
    "ended": ("", noted("berakhir")),
    "drafting": ("", noted("disusun")),
    "signed": ("wait", noted("ditandatangani, belum berlaku")),
    "settling": ("soon", noted("berakhir, dalam penyelesaian")),
    "closed": ("done", noted("selesai")),
    "dropped": ("", noted("tidak dilanjutkan")),
}
"""How accords and agreements stand: the colour of their tag, and its word."""
REPORTS = {
    "R1": noted("Laporan Sekretariat Bersama"),
    "R2": noted("Laporan TKKSD"),
    "R3": noted("Laporan Gubernur"),
    "overview": noted("Ikhtisar nasional"),
}
"""What each kind of report is called for short."""
_PERIOD = re.compile(r"(\d{4})(?:-(?:S([12])|Q([1-4])|(\d{2})))?")
_ORDINALS = ("I", "II", "III", "IV")


def period_in(language: Language, period: str) -> str:
    """A reporting period in a language: ``semester I 2026``; other text is returned unchanged."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return period
    year, half, quarter, month = found.groups()
    if half or quarter:
        said = noted("semester %(part)s %(year)s") if half else noted("triwulan %(part)s %(year)s")
        return language.gettext(said) % {"part": _ORDINALS[int(half or quarter) - 1], "year": year}
    if month:
        return language.day(PartialDate.parse(f"{year}-{month}").first, "MMMM y")
    return language.gettext("tahun %(year)s") % {"year": year}


class Names(NamedTuple):
    """The names that hold on a day, in one language."""

    regions: RegionTable
    affairs: Affairs
    today: date
    language: Language

    def region(self, code: str) -> str:
        """A region's name as of its code: ``Kota Surakarta``; a province is ``Provinsi Jawa Tengah``."""
        name = self.regions.names([code])
        return f"Provinsi {name}" if "." not in code and name != code else name

    def listed(self, codes: Iterable[str]) -> str:
        """Names of regions in a sentence: ``Kota Surakarta dan Kabupaten Sukoharjo``."""
        return self._joined([self.region(code) for code in codes])

    def _joined(self, words: list[str]) -> str:
        *some, last = words or [""]
        linked = self.language.gettext("dan")
        return f"{', '.join(some)} {linked} {last}" if some else last

    def office(self, office: str) -> str:
        """An office's name: ``TKKSD Provinsi Jawa Tengah``."""
        role, _, code = office.partition(":")
        if not code:
            return self.language.gettext(ALONE.get(role, role))
        if role == "governor":
            return self.language.gettext("Gubernur %(province)s") % {"province": self.regions.names([code])}
        return f"TKKSD {self.region(code)}" if role == "tkksd" else self.region(code)

    def stage(self, stage: str | None) -> str:
        """A stage of Pasal 4."""
        return "" if stage is None else self.language.gettext(STAGES[Stage(stage)])

    def day(self, value: str | date | None, form: str = "d MMMM y") -> str:
        """A day as people write it; of a month or a year only what is known; a dash for none."""
        if value is None:
            return "–"
        known = PartialDate.parse(value if isinstance(value, str) else value.isoformat())
        forms = {"day": form, "month": "MMMM y", "year": "y"}
        return self.language.day(known.first, forms[str(known.precision)])

    def short(self, value: str | date | None) -> str:
        """A day in a table."""
        return self.day(value, "d MMM y")

    def rupiah(self, amount: int) -> str:
        """An amount as people write it: ``Rp1.250.000``, with a minus sign where it is paid."""
        return f"{'−' if amount < 0 else ''}Rp{abs(amount):,}".replace(",", ".")

    def period(self, period: str) -> str:
        """A reporting period: ``semester I 2026``."""
        return period_in(self.language, period)

    def report(self, kind: str) -> str:
        """What a kind of report is called."""
        return self.language.gettext(REPORTS[kind])

    def numbers(self, numbers: dict[str, Any]) -> str:
        """The numbers of an instrument: ``Kota Surakarta 11/KB/2025 dan Kabupaten Sukoharjo 12/KB/2025``."""
        unknown = self.language.gettext("nomor tidak diketahui")
        return self._joined(
            [f"{self.region(code)} {number or unknown}" for code, number in numbers.items()] or [unknown]
        )


def upper_first(text: str) -> str:
    """A text as it begins a sentence; names within it stay as they are written."""
    return text[:1].upper() + text[1:]


def instrument_titles(names: Names, cooperation: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What accords and agreements are called, by their kind and key: by title, or numbered where there are several."""
    return {
        kind: {
            key: one.get("title") or _numbered(names, kind, number, len(cooperation[listed]))
            for number, (key, one) in enumerate(cooperation[listed].items(), 1)
        }
        for kind, listed in (("accord", "accords"), ("agreement", "agreements"))
    }


def _numbered(names: Names, kind: str, number: int, of: int) -> str:
    called = names.language.gettext(INSTRUMENTS[kind])
    return called if of == 1 else f"{called} {number}"
