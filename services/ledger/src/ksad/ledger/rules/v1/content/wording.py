"""The fixed sentences of each kind of report and of its covering letter."""

from __future__ import annotations

from typing import NamedTuple

from ksad.contracts.reporting import ReportKind


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
