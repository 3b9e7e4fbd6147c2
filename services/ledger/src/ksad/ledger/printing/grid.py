"""Tables on paper: columns as wide as their words need, headings on every page, rows that may break when they must."""

from __future__ import annotations

import re
from typing import Any

from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, LongTable, Paragraph
from reportlab.platypus.tables import TableStyle

from ksad.ledger.printing.page import BOLD, INK, ITALIC, LANDSCAPE_HEIGHT, REGULAR, RULE, SHADE, paragraph, safe, shown
from ksad.ledger.printing.tables import Cell, DifferenceCell, MoneyCell, ReportTable, text_of

_PADDING = 2
_DITTO_FROM = 60
_WORD_MAX = 12
"""A word may claim at most this many times the size of the print; a longer one is broken."""


class _Grid(LongTable):
    """A table that breaks between rows, and inside a row only where the row is taller than a page."""

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:  # noqa: N803 - reportlab's names
        """The parts for this page and the next ones; none asks for a new page."""
        self.splitInRow = 0
        parts: list[Flowable] = super().split(availWidth, availHeight)
        if not parts and availHeight >= LANDSCAPE_HEIGHT - 1:
            self.splitInRow = 1
            parts = super().split(availWidth, availHeight)
        return parts


class _Styles:
    """The styles of cells at one size."""

    def __init__(self, size: float) -> None:
        self.text = ParagraphStyle(
            "cell", fontName=REGULAR, fontSize=size, leading=size * 1.2, textColor=INK, embeddedHyphenation=1
        )
        self.number = ParagraphStyle("cell-number", self.text, alignment=TA_RIGHT)
        self.head = ParagraphStyle("cell-head", self.text, fontName=BOLD, alignment=TA_CENTER)
        self.order = ParagraphStyle("cell-order", self.head, fontName=ITALIC, fontSize=size * 0.9)
        self.total = ParagraphStyle("cell-total", self.text, fontName=BOLD)
        self.total_number = ParagraphStyle("cell-total-number", self.number, fontName=BOLD)

    def of(self, *, numeric: bool, total: bool) -> ParagraphStyle:
        """The style of a cell."""
        if total:
            return self.total_number if numeric else self.total
        return self.number if numeric else self.text


def _heading(label: str) -> str:
    return label.replace("/", "/\n")


def _longest_word(texts: list[str], font: str, size: float) -> float:
    words = {word for text in texts for word in re.split(r"[ \n]", shown(text))}
    return max((stringWidth(word, font, size) for word in words), default=0) + 2 * _PADDING + 0.5


def column_widths(content: ReportTable, width: float, size: float) -> list[float]:
    """The width divided by the columns' shares, except that no column breaks its words while others have room."""
    needs = []
    for position, column in enumerate(content.columns):
        texts = [text_of(row[position]) for row in content.rows]
        need = max(_longest_word([_heading(column.label)], BOLD, size), _longest_word(texts, REGULAR, size))
        needs.append(min(need, size * _WORD_MAX))
    shares = [column.share for column in content.columns]
    # A column that needs more than its share is set to its need; the others divide what is left, until all agree.
    fixed: dict[int, float] = {}
    while True:
        free = sum(share for i, share in enumerate(shares) if i not in fixed)
        left = width - sum(fixed.values())
        tight = {i: need for i, need in enumerate(needs) if i not in fixed and need > left * shares[i] / free}
        if not tight or len(fixed) + len(tight) == len(shares):
            break
        fixed |= tight
    return [fixed.get(i, left * share / free) for i, share in enumerate(shares)]


def _head_cell(label: str, room: float, styles: _Styles) -> Paragraph:
    fits = _longest_word([label], BOLD, styles.head.fontSize) <= room
    return Paragraph(safe(label if fits else _heading(label)), styles.head)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | MoneyCell | DifferenceCell)


def _texts(row: tuple[Cell, ...], above: tuple[Cell, ...], *, total: bool) -> list[str]:
    found = ["" if total and cell == "" else text_of(cell) for cell in row]
    repeated = [cell == before for cell, before in zip(row, above, strict=False)]
    for i, same in enumerate(repeated):
        if same and len(found[i]) > _DITTO_FROM:
            found[i] = "s.d.a."
    return found


def grid(content: ReportTable, width: float, size: float = 7, *, attachment: bool = False) -> Flowable:
    """A table over the given width whose heading repeats on each page; the word for nothing where it has no rows.

    An attachment's columns are numbered below the heading, as matrices of Indonesian offices do, and each of its rows
    stands alone; in a chapter a long text that repeats the row above is written ``s.d.a.``, as above.
    """
    if not content.rows:
        return paragraph("Nihil.")
    styles, widths = _Styles(size), column_widths(content, width, size)
    rows = [[_head_cell(column.label, room, styles) for column, room in zip(content.columns, widths, strict=True)]]
    if attachment:
        rows.append([Paragraph(str(i), styles.order) for i in range(1, len(content.columns) + 1)])
    head, last = len(rows), len(content.rows) - 1 if content.totalled else None
    numeric = [any(map(_is_number, cells)) for cells in zip(*content.rows, strict=True)]
    above: tuple[Cell, ...] = ()
    for position, row in enumerate(content.rows):
        total = position == last
        looks = [styles.of(numeric=is_number, total=total) for is_number in numeric]
        texts = _texts(row, () if attachment else above, total=total)
        rows.append([Paragraph(safe(text), look) for text, look in zip(texts, looks, strict=True)])
        above = row
    made: Flowable = _Grid(
        rows,
        colWidths=widths,
        repeatRows=head,
        style=TableStyle(_rules(head, totalled=content.totalled)),
        spaceAfter=8,
    )
    return made


def _rules(head: int, *, totalled: bool) -> list[Any]:
    rules: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.4, RULE),
        ("BACKGROUND", (0, 0), (-1, head - 1), SHADE),
        ("VALIGN", (0, 0), (-1, head - 1), "MIDDLE"),
        ("VALIGN", (0, head), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    return [*rules, ("LINEABOVE", (0, -1), (-1, -1), 1, INK)] if totalled else rules
