"""The covering letter, and the box by which the print is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import segno

from ksad.contracts.reporting import NarrativeSection
from ksad.ledger.figures.content import indonesian, wording
from ksad.ledger.printing.parts import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.figures.content.values import LetterSent

UNKNOWN = "–"
NOT_DATED = "(tanggal diisi saat disampaikan)"


def _pairs(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels and values, as in the head of a letter."""
    return [(label, shown(value)) for label, value in rows]


def letter(content: ReportContent, sent: LetterSent | None, attachments: int) -> dict[str, Any]:
    """The covering letter (*surat pengantar*).

    :param sent: number, day and capacity, once it is sent.
    """
    sender, receiver = content.from_office, content.to_office
    dated = NOT_DATED if sent is None else indonesian.day(sent.on)
    capacity = "" if sent is None else indonesian.CAPACITIES[sent.capacity]
    return {
        "letterhead": [shown(line.upper()) for line in sender.letterhead],
        "address": [shown(line) for line in sender.address],
        "dated": shown(f"{sender.seat or UNKNOWN}, {dated}"),
        "head": _pairs(
            [
                ("Nomor", content.number if sent is None else sent.number),
                ("Lampiran", f"{indonesian.counted(attachments)} berkas"),
                ("Hal", f"{content.title}, {indonesian.period(content.period.id)}"),
            ]
        ),
        "to": ["Yth.", shown(receiver.head), shown(f"di {receiver.seat or UNKNOWN}")],
        "body": [shown(line) for line in wording.letter_body(content.kind, content.period, content.title)],
        "signatory": shown(f"{capacity}{sender.head}"),
        "copies": [shown(line) for line in content.narrative.of(NarrativeSection.COPIES)],
    }


def proof_address(content: ReportContent) -> str | None:
    """The address under which this version is compared with the log; ``None`` where no page was adopted."""
    page = content.proof_page
    return None if page is None else f"{page}/{content.report_id}/{content.version}"


def qr_code(text: str) -> str:
    """A QR code as SVG, black on white, one unit per module, with the quiet zone of four."""
    return segno.make(text, error="m", micro=False).svg_inline(scale=1, border=4)


def verification(content: ReportContent, digest: str) -> dict[str, Any]:
    """What identifies this version: the report, the part of the log that it was compiled from, and where to check it.

    :param digest: the SHA-256 (hex) of the content.
    """
    prefix, before, address = content.prefix, content.previous_report, proof_address(content)
    since = (
        "laporan pertama"
        if prefix.previous_size is None
        else f"laporan sebelumnya: {indonesian.number(prefix.previous_size)}"
    )
    compared = (
        "tidak ada" if before is None else f"{before.id} versi {before.version}, {indonesian.period(before.period)}"
    )
    span = f"{indonesian.day(content.period.first)} sampai dengan {indonesian.day(content.period.last)}"
    rows = [
        ("Laporan", f"{content.report_id} ({indonesian.KINDS[content.kind]}), versi {content.version}"),
        ("Dari", content.from_office.label),
        ("Kepada", content.to_office.label),
        ("Periode", f"{indonesian.period(content.period.id)} ({span})"),
        ("Keadaan pada", indonesian.day(content.state_on)),
        ("Disusun pada", indonesian.day(content.compiled_on)),
        ("Log", f"{prefix.origin}, {indonesian.number(prefix.size)} peristiwa pertama ({since})"),
        ("Hash akar log", prefix.root),
        ("Nilai hash isi (SHA-256)", digest),
        ("Dibandingkan dengan", compared),
        *[
            (f"Dikutip: {indonesian.KINDS[one.kind]} {indonesian.period(one.period)}", f"{one.id} {one.content_hash}")
            for one in content.cited
        ],
        ("Halaman pemeriksaan", address or "belum ditetapkan"),
    ]
    return {
        "rows": _pairs(rows),
        "qr": None if address is None else qr_code(address),
        "alt": "" if address is None else shown(f"Kode QR halaman pemeriksaan: {address}"),
    }
