"""The offices that write and receive the reports of the tests, with what was adopted for their letters."""

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content.values import LetterOffice

MINISTER = LetterOffice(
    id="minister",
    label="Menteri Dalam Negeri",
    letterhead=("Kementerian Dalam Negeri", "Republik Indonesia"),
    address=("Jalan Medan Merdeka Utara Nomor 7, Jakarta 10110",),
    head="Menteri Dalam Negeri",
    seat="Jakarta",
)
GOVERNOR = LetterOffice(
    id="governor:33",
    label="Gubernur Jawa Tengah",
    letterhead=("Gubernur Jawa Tengah",),
    address=(),
    head="Gubernur Jawa Tengah",
    seat="Semarang",
)
TEAM = LetterOffice(
    id="tkksd:33",
    label="TKKSD Provinsi Jawa Tengah",
    letterhead=("Pemerintah Provinsi Jawa Tengah", "Sekretariat Daerah"),
    address=("Jalan Pahlawan Nomor 9, Semarang 50243", "Telepon (024) 8311174"),
    head="Ketua Tim Koordinasi Kerja Sama Daerah Provinsi Jawa Tengah",
    seat="Semarang",
)
SECRETARIAT = LetterOffice(
    id="joint_secretariat",
    label="Sekretariat Bersama",
    letterhead=("Kementerian Dalam Negeri", "Sekretariat Bersama Kerja Sama Antardaerah"),
    address=(),
    head="Ketua Sekretariat Bersama",
    seat="Jakarta",
)
WAYS = {
    ReportKind.R1: (SECRETARIAT, MINISTER),
    ReportKind.R2: (TEAM, GOVERNOR),
    ReportKind.R3: (GOVERNOR, MINISTER),
    ReportKind.OVERVIEW: (SECRETARIAT, MINISTER),
}
