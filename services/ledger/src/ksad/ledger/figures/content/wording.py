"""The standing sentences of each kind of report, for whoever compiles one and for its covering letter."""

from __future__ import annotations

from typing import NamedTuple

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import ReportPeriod


class Wording(NamedTuple):
    """What one kind of report is called and why it is written."""

    title: str
    clause: str
    purpose: str
    scope: str
    letter: str


WORDINGS: dict[ReportKind, Wording] = {
    ReportKind.R1: Wording(
        "Laporan Pelaksanaan Pembinaan dan Pengawasan Kerja Sama Antardaerah Provinsi",
        "P8",
        "Menyampaikan kepada Menteri Dalam Negeri pelaksanaan tugas pembinaan dan pengawasan Sekretariat Bersama.",
        "Kerja sama antardaerah yang pembinaan dan pengawasannya dilakukan oleh Menteri Dalam Negeri, pada seluruh "
        "tahap: penjajakan, negosiasi, penandatanganan, serta pelaksanaan dan pengakhiran.",
        "pelaksanaan tugas pembinaan dan pengawasan sebagaimana dimaksud dalam Pasal 6 dan Pasal 7",
    ),
    ReportKind.R2: Wording(
        "Laporan Pelaksanaan Pembinaan dan Pengawasan Kerja Sama Antardaerah Kabupaten/Kota",
        "P12",
        "Menyampaikan kepada Gubernur pelaksanaan tugas pembinaan dan pengawasan Tim Koordinasi Kerja Sama Daerah.",
        "Kerja sama antardaerah kabupaten/kota di wilayah provinsi, pada seluruh tahap: penjajakan, negosiasi, "
        "penandatanganan, serta pelaksanaan dan pengakhiran.",
        "pelaksanaan tugas pembinaan dan pengawasan sebagaimana dimaksud dalam Pasal 10 dan Pasal 11",
    ),
    ReportKind.R3: Wording(
        "Laporan Hasil Pembinaan dan Pengawasan Kerja Sama Antardaerah Kabupaten/Kota",
        "P13",
        "Menyampaikan kepada Menteri Dalam Negeri hasil pembinaan dan pengawasan Gubernur.",
        "Kerja sama antardaerah kabupaten/kota di wilayah provinsi, menurut laporan Tim Koordinasi Kerja Sama Daerah "
        "yang telah diterima Gubernur.",
        "hasil pembinaan dan pengawasan sebagaimana dimaksud dalam Pasal 3",
    ),
    ReportKind.OVERVIEW: Wording(
        "Ikhtisar Nasional Kerja Sama Antardaerah",
        "P2",
        "Memberi Menteri Dalam Negeri gambaran nasional kerja sama antardaerah pada kedua jenjang pembinaan.",
        "Seluruh kerja sama antardaerah yang terdaftar, per jenjang pembinaan dan per provinsi.",
        "ikhtisar nasional kerja sama antardaerah",
    ),
}


_ORIGIN = (
    "Laporan ini disusun dari catatan peristiwa yang tidak dapat diubah. Setiap angka di dalamnya dapat ditelusuri "
    "kepada peristiwa yang mendasarinya, dan keaslian isinya dapat diperiksa dengan sidik (SHA-256) yang tercantum "
    "pada setiap halaman."
)


def letter_body(kind: ReportKind, period: ReportPeriod, title: str) -> tuple[str, ...]:
    """The paragraphs of the covering letter."""
    wording = WORDINGS[kind]
    span = f"{indonesian.day(period.first)} sampai dengan {indonesian.day(period.last)}"
    basis = (
        "Untuk mendukung pembinaan dan pengawasan"
        if kind is ReportKind.OVERVIEW
        else f"Memenuhi {indonesian.clause(wording.clause)}"
    )
    request = (
        f"{basis} sebagaimana diatur dalam Peraturan Menteri Dalam Negeri Nomor 23 Tahun 2009 tentang Tata Cara "
        f"Pembinaan dan Pengawasan Kerja Sama Antardaerah, bersama ini disampaikan {title} mengenai {wording.letter}, "
        f"untuk periode {indonesian.period(period.id)} ({span})."
    )
    return (request, _ORIGIN, "Demikian disampaikan, atas perhatian diucapkan terima kasih.")
