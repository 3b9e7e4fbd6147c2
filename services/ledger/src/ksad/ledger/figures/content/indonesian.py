"""Indonesian official writing: dates, money, numbers, and the names of stages, tiers, clauses and states."""

from __future__ import annotations

import re
from datetime import date

from ksad.contracts.dates import MONTHS_IN_WORDS

STAGES = {
    "exploration": "Penjajakan",
    "negotiation": "Negosiasi",
    "signing": "Penandatanganan",
    "implementation": "Pelaksanaan dan Pengakhiran",
}
"""Pasal 4 letters a to d; implementation and termination are one stage."""

STAGE_LETTERS = {"exploration": "a", "negotiation": "b", "signing": "c", "implementation": "d"}

TIERS = {"minister": "Menteri", "governor": "Gubernur"}

KINDS = {
    "R1": "Laporan Sekretariat Bersama",
    "R2": "Laporan TKKSD",
    "R3": "Laporan Gubernur",
    "overview": "Ikhtisar Nasional",
}
"""What a report is called for short; the regulation itself gives its reports no names."""

NUMBER_UNKNOWN = "nomor tidak diketahui"

BASIS_MARKS = {"text": "", "inference": "[tafsir]", "memory": "[belum diverifikasi]", "policy": "[kebijakan]"}
"""The mark behind a statement whose basis is not the wording of the law."""

BASIS_LEGEND = (
    "Tanda [tafsir]: penafsiran yang tidak tertulis dalam peraturan; [belum diverifikasi]: bunyi peraturan belum "
    "dicocokkan dengan naskah resminya; [kebijakan]: ditetapkan dengan keputusan Menteri Dalam Negeri atau "
    "Sekretariat Bersama, atau bawaan perangkat lunak yang belum ditetapkan, karena peraturan tidak mengaturnya. "
    "Tanpa tanda: menurut bunyi peraturan. Jatuh tempo tugas seluruhnya menurut kebijakan."
)

REFERENCES = {
    "regions": "daftar wilayah",
    "profile": "ketentuan menurut {}",
    "policy": "jangka waktu dan tenggat",
    "holidays": "hari libur",
    "affairs": "urusan pemerintahan",
    "openings": "tanggal pembukaan platform",
    "offices": "kop surat dan kedudukan",
}

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
    "handed_over": "Dialihkan",
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
CASE_STATES = {
    "proposed": "Diusulkan, belum ada yang ditandatangani",
    "running": "Berjalan",
    "ended": "Berakhir",
    "withdrawn": "Usulan dibatalkan",
}
PART_STATES = {
    "in_force": "Berlaku",
    "replaced": "Digantikan",
    "ended": "Berakhir",
    "drafting": "Disusun",
    "signed": "Ditandatangani, belum berlaku",
    "settling": "Berakhir, dalam penyelesaian",
    "closed": "Berakhir dan selesai",
    "dropped": "Tidak dilanjutkan",
}
"""How accords and agreements stand."""
SETTLING = {"open": "Belum tuntas", "closed": "Tuntas"}
ENTRY_STATES = {"unverified": "belum diverifikasi", "verified": "terverifikasi", "returned": "dikembalikan"}
READERS = {"auditor": "Pemeriksa", "operator": "Operator platform", "other": "Pejabat lain"}
"""For whom a case is printed, where it is neither a region nor a supervising office."""
NARRATIVES = {
    "conclusions": "Kesimpulan",
    "obstacles": "Kendala",
    "advice": "Saran",
    "follow_up": "Tindak lanjut",
    "requests": "Hal yang dimohonkan",
    "copies": "Tembusan",
}
"""The sections that only the office itself can write."""
OPEN_ROWS = {
    "conclusions": "kerja sama yang dilaporkan",
    "obstacles": "permasalahan atau temuan yang belum selesai",
    "advice": "tugas yang terlambat",
    "follow_up": "temuan yang tidak sesuai tanpa tindak lanjut",
    "requests": "perselisihan yang belum diselesaikan",
    "copies": "penerima",
}
"""What of the data a section has to speak of."""
CAPACITIES = {"definitif": "", "plt": "Plt. ", "plh": "Plh. ", "pj": "Pj. ", "pjs": "Pjs. "}
"""What stands before the title of whoever signs."""
OCCASIONS = {
    "accord-without-agreement": "kesepakatan tanpa perjanjian",
    "retroactive": "perjanjian berlaku surut",
    "accord-lapsed": "perjanjian tanpa kesepakatan yang berlaku",
    "approval-missing": "persetujuan DPRD tidak tercatat",
    "budget-not-stated": "beban dan penganggaran tidak dinyatakan",
    "accord-not-by-head": "kesepakatan tidak ditandatangani kepala daerah",
    "withdrawal": "pihak keluar dari kerja sama",
    "planned-end-passed": "rencana pengakhiran lewat tanpa pengakhiran dicatat",
    "extension-under-new-law": "perpanjangan menurut hukum yang lain",
    "late-fact": "fakta terlambat dicatat",
    "recorded-over-refusal": "tindakan dicatat walaupun ditolak salah satu pihak",
}
"""What the register finds by itself."""
SETTLEMENTS = {"deliberation": "Musyawarah", "decision": "Keputusan"}

FILES = {
    "application/pdf": "PDF",
    "text/plain": "Teks",
    "image/jpeg": "Gambar",
    "image/png": "Gambar",
    "application/json": "Data",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Lembar kerja",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Naskah",
}
"""What a file is, by its media type without parameters."""

_FULL, _MONTH = 3, 2
_ORDINALS = ("I", "II", "III", "IV")
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


def reference(kind: str, law: str = "") -> str:
    """What a reference text is called, such as ``hari libur`` or ``ketentuan menurut PP Nomor 28 Tahun 2018``.

    :param law: what a profile holds, by its title.
    """
    return REFERENCES[kind].format(law).rstrip()


def counted(value: int) -> str:
    """A small number as letters write it: ``3 (tiga)``."""
    words = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
    return f"{value} ({words[value]})" if value < len(words) else number(value)


def file_kind(media_type: str) -> str:
    """What kind of file a document is, in words."""
    return FILES.get(media_type.partition(";")[0].strip(), "Berkas lain")


def day(value: date | str) -> str:
    """A date as written in letters, with the precision given: ``22 Mei 2009``, ``Oktober 2016``, ``2009``.

    :param value: a date, or ISO 8601 text of a day, month or year.
    """
    parts = (value.isoformat() if isinstance(value, date) else value).split("-")
    if len(parts) == _FULL:
        return f"{int(parts[2])} {MONTHS_IN_WORDS[int(parts[1]) - 1]} {parts[0]}"
    return f"{MONTHS_IN_WORDS[int(parts[1]) - 1]} {parts[0]}" if len(parts) == _MONTH else parts[0]


def short_day(value: str) -> str:
    """A date for a narrow column, which no line breaks: ``22 Mei 2009``, ``10 Nov 2025``, ``Okt 2016``, ``2009``.

    :param value: ISO 8601 text of a day, month or year.
    """
    *rest, last = day(value).split()
    return "\u00a0".join([*(one if one.isdigit() else one[:3] for one in rest), last])


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
    return f"Bulan {MONTHS_IN_WORDS[int(month) - 1]} {year}" if month else f"Tahun {year}"


def short_period(identifier: str) -> str:
    """A reporting period for a narrow place: ``2026-S1`` is ``Smt. I 2026``."""
    words = period(identifier).replace("Semester", "Smt.").replace("Triwulan", "Trw.").replace(" Tahun", "")
    return words.removeprefix("Bulan ").removeprefix("Tahun ")


def marked(text: str, basis: str) -> str:
    """A statement followed by the mark of its basis, which keeps policy and inference apart from the law."""
    return f"{text} {BASIS_MARKS[basis]}".rstrip()
