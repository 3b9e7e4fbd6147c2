"""The fixed sentences of each kind of report and of its covering letter."""

from __future__ import annotations

from typing import NamedTuple

from ksad.contracts.law import citation
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import ReportPeriod


class Wording(NamedTuple):
    """The title, legal clause, purpose, scope and letter phrase of one kind of report."""

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
        "Kerja sama antardaerah kabupaten/kota di wilayah provinsi. Angka diambil dari laporan Tim Koordinasi Kerja "
        "Sama Daerah yang telah diterima Gubernur; perselisihan, permasalahan, capaian, dan lampiran menurut register.",
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


_REGULATION = (
    "Peraturan Menteri Dalam Negeri Nomor 23 Tahun 2009 tentang Tata Cara Pembinaan dan Pengawasan Kerja Sama "
    "Antardaerah"
)


def letter_body(kind: ReportKind, period: ReportPeriod, title: str) -> tuple[str, ...]:
    """The paragraphs of the covering letter."""
    wording = WORDINGS[kind]
    span = f"{indonesian.day(period.first)} sampai dengan {indonesian.day(period.last)}"
    basis = (
        f"Dalam rangka pembinaan dan pengawasan menurut {_REGULATION}"
        if kind is ReportKind.OVERVIEW
        else f"Berdasarkan ketentuan {citation(wording.clause)} {_REGULATION}"
    )
    told = title if kind is ReportKind.OVERVIEW else f"{title} mengenai {wording.letter}"
    request = f"{basis}, dengan hormat disampaikan {told}, untuk periode {indonesian.period(period.id)} ({span})."
    return (request, "Demikian disampaikan, atas perhatian diucapkan terima kasih.")
