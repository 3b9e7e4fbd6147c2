"""The offices that write and receive reports, and how letters name them: the names, and what was adopted for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import LetterOffice

if TYPE_CHECKING:
    from ksad.ledger.figures.prefix import Prefix


OWING = {
    ReportKind.R1: "joint_secretariat",
    ReportKind.R2: "tkksd:",
    ReportKind.R3: "governor:",
    ReportKind.OVERVIEW: "joint_secretariat",
}
"""With what the office begins that owes reports of a kind."""


def owes(kind: ReportKind, office: str) -> bool:
    """Whether an office owes reports of a kind."""
    return office.startswith(OWING[kind])


def from_office(kind: ReportKind, office: str) -> str:
    """Checks that an office owes reports of this kind, and returns it.

    :raises RuleBrokenError: it does not (P8, P12, P13).
    """
    clause = {ReportKind.R1: "P8", ReportKind.R2: "P12", ReportKind.R3: "P13"}.get(kind)
    if not owes(kind, office):
        raise RuleBrokenError("office-owes-report", f"Jabatan ini tidak menyusun {indonesian.KINDS[kind]}.", clause)
    return office


def to_office(kind: ReportKind, office: str) -> str:
    """The addressee: the Governor of the province for R2 (P12), the Minister for all others (P8, P13)."""
    return f"governor:{office.partition(':')[2]}" if kind is ReportKind.R2 else "minister"


def written(office: str, prefix: Prefix) -> LetterOffice:
    """The office with its names as printed on a letter.

    Letterhead, address and seat are those that were adopted for it; without them the letterhead says only who writes.
    """
    label, head, lines = _names(office, prefix)
    entry = prefix.offices.entry(office)
    return LetterOffice(
        id=office,
        label=label,
        letterhead=entry.letterhead or lines,
        address=entry.address,
        head=head,
        seat=entry.seat,
    )


def supervisor(body: str | None, prefix: Prefix) -> str:
    """Who supervises (P2, P3): the head whom a body assists; said so where nobody does yet."""
    if body is None:
        return "belum ditetapkan"
    head = "minister" if body == "joint_secretariat" else body.replace("tkksd:", "governor:")
    return written(head, prefix).label


def assisted(body: str | None, prefix: Prefix) -> str:
    """Who supervises, with the body that assists (P5, P9)."""
    return supervisor(body, prefix) + ("" if body is None else f", dibantu {written(body, prefix).label}")


def _names(office: str, prefix: Prefix) -> tuple[str, str, tuple[str, ...]]:
    """The name of an office, the title of its head, and the letterhead where none was adopted."""
    if office == "minister":
        return "Menteri Dalam Negeri", "Menteri Dalam Negeri", ("Menteri Dalam Negeri", "Republik Indonesia")
    if office == "joint_secretariat":
        lines = ("Kementerian Dalam Negeri", "Sekretariat Bersama Kerja Sama Antardaerah")
        return "Sekretariat Bersama", "Ketua Sekretariat Bersama", lines
    province = prefix.region(office.partition(":")[2]).name
    if office.startswith("governor:"):
        return f"Gubernur {province}", f"Gubernur {province}", (f"Gubernur {province}",)
    # A team has no letterhead of its own: it sits at the Sekretariat Daerah (P9(3)).
    team, home = "Tim Koordinasi Kerja Sama Daerah", f"Pemerintah Provinsi {province}"
    return f"TKKSD Provinsi {province}", f"Ketua {team} Provinsi {province}", (home, "Sekretariat Daerah")
