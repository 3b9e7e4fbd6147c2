"""The covering letter and the page of facts behind it: identity, figures, what is late, remarks on earlier versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.platypus import Flowable, HRFlowable, KeepTogether, PageBreak
from reportlab.platypus import Table as Layout

from ksad.ledger.figures.content import indonesian, wording
from ksad.ledger.printing import page, tables
from ksad.ledger.printing.grid import grid
from ksad.ledger.printing.page import paragraph

if TYPE_CHECKING:
    from ksad.ledger.figures.content.model import ReportContent


def _pairs(rows: list[tuple[str, str]], label_width: float, *, fixed: frozenset[str] = frozenset()) -> Layout:
    """Labels, colons and values in line, as a letter's head has them; hashes stand in a fixed-width font."""
    fixed_or_not = (page.LEFT, page.HASH)
    width = page.PORTRAIT_WIDTH - label_width - 10
    return Layout(
        [[paragraph(label, page.LEFT), ":", paragraph(value, fixed_or_not[label in fixed])] for label, value in rows],
        colWidths=[label_width, 10, width],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            ("FONTSIZE", (1, 0), (1, -1), page.BODY.fontSize),
            ("LEADING", (1, 0), (1, -1), page.BODY.leading),
        ],
        hAlign="LEFT",
    )


def letter(content: ReportContent) -> list[Flowable]:
    """The covering letter (*surat pengantar*)."""
    sender, receiver = content.from_office, content.to_office
    story: list[Flowable] = [paragraph(line.upper(), page.LETTERHEAD) for line in sender.letterhead]
    story += [
        page.gap(2),
        HRFlowable(width="100%", thickness=1.6, color=page.INK, spaceAfter=10),
        paragraph(f"{sender.seat}, {indonesian.day(content.compiled_on)}", page.RIGHT),
        page.gap(4),
        _pairs(
            [
                ("Nomor", content.number),
                ("Sifat", "Penting"),
                ("Lampiran", "1 (satu) berkas"),
                ("Hal", f"{content.title}, {indonesian.period(content.period.id)}"),
            ],
            62,
        ),
        page.gap(6),
        paragraph("Yth.", page.LEFT),
        paragraph(receiver.head, page.LEFT),
        paragraph(f"di {receiver.seat}", page.LEFT),
        page.gap(6),
    ]
    story += [paragraph(line) for line in wording.letter_body(content.kind, content.period, content.title)]
    signature = Layout(
        [["", [paragraph(f"{sender.head},", page.CENTERED), page.gap(24), paragraph("." * 44, page.CENTERED)]]],
        colWidths=[page.PORTRAIT_WIDTH * 0.5, page.PORTRAIT_WIDTH * 0.5],
    )
    story += [page.gap(6), KeepTogether(signature)]
    if content.copies:
        story += [page.gap(6), paragraph("Tembusan:", page.SECTION), *page.numbered(content.copies)]
    return story


def facts(content: ReportContent, digest: str) -> list[Flowable]:
    """What this version is, what it counts, what changed, what is late and why an earlier version came back."""
    prefix, before = content.prefix, content.previous_report
    since = (
        "laporan pertama"
        if prefix.previous_size is None
        else f"laporan sebelumnya: {indonesian.number(prefix.previous_size)}"
    )
    compared = (
        "tidak ada" if before is None else f"{before.id} versi {before.version}, {indonesian.period(before.period)}"
    )
    span = f"{indonesian.day(content.period.first)} sampai dengan {indonesian.day(content.period.last)}"
    story: list[Flowable] = [
        PageBreak(),
        paragraph(content.title, page.TITLE),
        paragraph("Jati diri laporan", page.SECTION),
        _pairs(
            [
                ("Laporan", f"{content.report_id} ({indonesian.KINDS[content.kind]}), versi {content.version}"),
                ("Dari", content.from_office.label),
                ("Kepada", content.to_office.label),
                ("Periode", f"{indonesian.period(content.period.id)} ({span})"),
                ("Disusun pada", indonesian.day(content.compiled_on)),
                ("Catatan peristiwa", f"{prefix.origin}, {indonesian.number(prefix.size)} peristiwa pertama ({since})"),
                ("Akar catatan", prefix.root),
                ("Sidik isi (SHA-256)", digest),
                ("Dibandingkan dengan", compared),
            ],
            108,
            fixed=frozenset({"Akar catatan", "Sidik isi (SHA-256)"}),
        ),
        page.gap(2),
    ]
    for table in (tables.figures(content.figures), tables.late(content.late)):
        story += [*page.section(table.title), grid(table, page.PORTRAIT_WIDTH)]
    if content.remarks:
        story += page.section("Catatan atas versi yang dikembalikan")
        story += page.numbered(
            f"Versi {remark.version} dikembalikan oleh {remark.office} pada {indonesian.day(remark.on)}: {remark.text}"
            for remark in content.remarks
        )
    return story
