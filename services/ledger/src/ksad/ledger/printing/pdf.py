"""The report on paper: covering letter, chapters, and the attachments, with matrix and recapitulation in landscape."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from reportlab.platypus import Flowable, NextPageTemplate, PageBreak

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.model import content_hash
from ksad.ledger.printing import chapters, letter, page, tables
from ksad.ledger.printing.grid import grid
from ksad.ledger.printing.page import paragraph

if TYPE_CHECKING:
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.printing.tables import ReportTable

MEDIA_TYPE = "application/pdf"
_MATRIX_SIZE = 5.6
_RECAP_NOTE = (
    "Satu kerja sama dihitung pada baris setiap daerah yang menjadi pihak; baris jumlah menghitung setiap kerja sama "
    "satu kali."
)


def _attachment(position: int, table: ReportTable, size: float, *, note: str | None = None) -> list[Flowable]:
    numeral = ("I", "II", "III", "IV")[position]
    story: list[Flowable] = [
        PageBreak(),
        *page.chapter(f"LAMPIRAN {numeral}", table.title.upper()),
        grid(table, page.LANDSCAPE_WIDTH, size, attachment=True),
    ]
    if note and table.rows:
        story.append(paragraph(note, page.NOTE))
    return story


def _attachments(content: ReportContent) -> list[Flowable]:
    listed: list[tuple[ReportTable, float, str | None]] = [(tables.matrix(content.matrix), _MATRIX_SIZE, None)]
    if content.kind is ReportKind.OVERVIEW and not content.matrix:
        listed.clear()  # The national overview tells its matrix in sums; it may do without the single cooperations.
    listed += [
        (tables.recapitulation(content.recapitulation), 7.5, _RECAP_NOTE),
        (tables.evidence(content.evidence), 7.5, None),
    ]
    if content.results:
        listed.append((tables.cited_reports(content.cited), 7, None))
    story: list[Flowable] = [NextPageTemplate("landscape")]
    for position, (table, size, note) in enumerate(listed):
        story += _attachment(position, table, size, note=note)
    return story


def render(content: ReportContent) -> bytes:
    """The report as PDF; the same content makes the same bytes."""
    digest, prefix = content_hash(content), content.prefix
    period, out = indonesian.period(content.period.id), BytesIO()
    paper = page.A4Document(
        out,
        title=f"{content.title}, {period}",
        author=content.from_office.label,
        dated=content.compiled_on.strftime("%Y%m%d"),
        footer=(
            f"{indonesian.KINDS[content.kind]} {content.from_office.label}, {period}, versi {content.version}",
            f"Sidik isi {digest[:16]}…  |  Catatan {prefix.origin} [0, {prefix.size}) akar {prefix.root[:16]}…",
        ),
    )
    paper.print_out(
        [
            *letter.letter(content),
            *letter.facts(content, digest),
            *chapters.chapters(content),
            *_attachments(content),
        ]
    )
    return out.getvalue()
