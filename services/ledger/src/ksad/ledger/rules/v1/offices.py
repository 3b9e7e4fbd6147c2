"""The offices that write and receive reports, and how letters name them. The names are presentation, not law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.rules.v1.content.values import LetterOffice

if TYPE_CHECKING:
    from ksad.ledger.rules.v1.prefix import Prefix


def from_office(kind: ReportKind, office: str) -> str:
    """Checks that an office owes reports of this kind, and returns it.

    :raises RuleBrokenError: it does not (P8, P12, P13).
    """
    pattern = {
        ReportKind.R1: "joint_secretariat",
        ReportKind.R2: "tkksd:",
        ReportKind.R3: "governor:",
        ReportKind.OVERVIEW: "joint_secretariat",
    }[kind]
    clause = {ReportKind.R1: "P8", ReportKind.R2: "P12", ReportKind.R3: "P13"}.get(kind)
    if not office.startswith(pattern):
        raise RuleBrokenError("office-owes-report", f"Jabatan {office} tidak menyusun laporan {kind.value}.", clause)
    return office


def to_office(kind: ReportKind, office: str) -> str:
    """The addressee: the Governor of the province for R2 (P12), the Minister for all others (P8, P13)."""
    return f"governor:{office.partition(':')[2]}" if kind is ReportKind.R2 else "minister"


def written(office: str, prefix: Prefix) -> LetterOffice:
    """The office with its names as printed on a letter."""
    if office == "minister":
        lines: tuple[str, ...] = ("Kementerian Dalam Negeri", "Republik Indonesia")
        return LetterOffice(
            id=office, label="Menteri Dalam Negeri", letterhead=lines, head="Menteri Dalam Negeri", seat="Jakarta"
        )
    if office == "joint_secretariat":
        lines = ("Kementerian Dalam Negeri", "Sekretariat Bersama Kerja Sama Antardaerah")
        return LetterOffice(
            id=office, label="Sekretariat Bersama", letterhead=lines, head="Ketua Sekretariat Bersama", seat="Jakarta"
        )
    province = prefix.region(office.partition(":")[2]).name
    if office.startswith("governor:"):
        head = f"Gubernur {province}"
        return LetterOffice(id=office, label=head, letterhead=(head,), head=head, seat=f"Provinsi {province}")
    team = "Tim Koordinasi Kerja Sama Daerah"
    return LetterOffice(
        id=office,
        label=f"TKKSD Provinsi {province}",
        letterhead=(f"Pemerintah Provinsi {province}", team),
        head=f"Ketua {team} Provinsi {province}",
        seat=f"Provinsi {province}",
    )
