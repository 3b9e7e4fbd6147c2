"""Indonesian official writing: dates, money, numbers, and the names of stages, tiers, clauses and states."""

from __future__ import annotations

import re
from datetime import date

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)

STAGES = {
    "exploration": "Penjajakan",
    "negotiation": "Negosiasi",
    "signing": "Penandatanganan",
    "implementation": "Pelaksanaan dan Pengakhiran",
}
"""Pasal 4 letters a to d; implementation and termination are one stage."""

STAGE_LETTERS = {"exploration": "a", "negotiation": "b", "signing": "c", "implementation": "d"}

TIERS = {"minister": "Menteri", "governor": "Gubernur"}

KINDS = {"R1": "R1", "R2": "R2", "R3": "R3", "overview": "Ikhtisar"}

BASIS_MARKS = {"text": "", "inference": "[tafsir]", "memory": "[belum diverifikasi]", "policy": "[kebijakan]"}
"""The mark behind a statement whose basis is not the wording of the law."""

BASIS_LEGEND = (
    "Tanda [tafsir]: penafsiran yang tidak tertulis dalam peraturan; [belum diverifikasi]: bunyi peraturan belum "
    "dicocokkan dengan naskah resminya; [kebijakan]: ditetapkan oleh pengelola karena peraturan tidak mengaturnya. "
    "Tanpa tanda: menurut bunyi peraturan."
)

INSTRUMENTS = {
    "accord": "Kesepakatan",
    "agreement": "Perjanjian kerja sama",
    "amendment": "Adendum",
    "extension": "Perpanjangan",
}
CATEGORIES = {"mandatory": "Wajib", "voluntary": "Sukarela"}
TASK_STATES = {
    "open": "Belum selesai",
    "delivered": "Telah diberikan",
    "declined": "Tidak diperlukan daerah",
    "done": "Selesai",
    "withdrawn": "Dibatalkan",
}
FINDING_BASES = {"legislation": "Peraturan", "agreement": "Perjanjian"}
OUTCOMES = {"conforms": "Sesuai", "deviates": "Tidak sesuai"}
RECOMMENDATIONS = {"continue": "Dilanjutkan", "expand": "Diperluas", "stop": "Dihentikan"}
PROBLEM_STATES = {"open": "Belum ditanggapi", "opinion_given": "Pertimbangan diberikan", "resolved": "Selesai"}
DISPUTE_STATES = {
    "open": "Diajukan, belum diselesaikan",
    "decision_requested": "Menunggu keputusan",
    "escalated": "Ditangani Menteri Dalam Negeri",
    "settled": "Selesai",
}
SETTLEMENTS = {"deliberation": "Musyawarah", "decision": "Keputusan"}

_FULL, _MONTH = 3, 2
_ORDINALS = ("I", "II", "III", "IV")
_CLAUSE = re.compile(r"P(\d+)(?:\((\d+)\))?((?:\.[a-z0-9]+)*)")
_PERIOD = re.compile(r"(\d{4})(?:-(?:S([12])|Q([1-4])|(0[1-9]|1[0-2])))?")


def number(value: int) -> str:
    """An integer with dots between thousands: ``1.250.000``."""
    return f"{value:,}".replace(",", ".")


def rupiah(amount: int) -> str:
    """An amount in whole rupiah: ``Rp 1.250.000``. A negative amount has its sign before the currency."""
    return f"{'-' if amount < 0 else ''}Rp {number(abs(amount))}"


def signed(change: int) -> str:
    """A change with its sign: ``+3``, ``-1``, ``0``."""
    return f"+{number(change)}" if change > 0 else number(change)


def day(value: date | str) -> str:
    """A date as written in letters, with the precision given: ``22 Mei 2009``, ``Oktober 2016``, ``2009``.

    :param value: a date, or ISO 8601 text of a day, month or year.
    """
    parts = (value.isoformat() if isinstance(value, date) else value).split("-")
    if len(parts) == _FULL:
        return f"{int(parts[2])} {MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return f"{MONTHS[int(parts[1]) - 1]} {parts[0]}" if len(parts) == _MONTH else parts[0]


def period(identifier: str) -> str:
    """A reporting period in words: ``2026-S1`` is ``Semester I Tahun 2026``. Other text is returned unchanged."""
    found = _PERIOD.fullmatch(identifier)
    if found is None:
        return identifier
    year, half, quarter, month = found.groups()
    if half:
        return f"Semester {_ORDINALS[int(half) - 1]} Tahun {year}"
    if quarter:
        return f"Triwulan {_ORDINALS[int(quarter) - 1]} Tahun {year}"
    return f"Bulan {MONTHS[int(month) - 1]} {year}" if month else f"Tahun {year}"


def clause(identifier: str) -> str:
    """A clause id as a legal citation: ``P10.d.4.c`` is ``Pasal 10 huruf d angka 4 huruf c``.

    An id of another regulation is a citation already and is returned unchanged.
    """
    found = _CLAUSE.fullmatch(identifier)
    if found is None:
        return identifier
    article, paragraph, rest = found.groups()
    words = [f"Pasal {article}"]
    if paragraph:
        words.append(f"ayat ({paragraph})")
    words += [f"{'angka' if part.isdigit() else 'huruf'} {part}" for part in rest.split(".") if part]
    return " ".join(words)


def marked(text: str, basis: str) -> str:
    """A statement followed by the mark of its basis, which keeps policy and inference apart from the law."""
    return f"{text} {BASIS_MARKS[basis]}".rstrip()
