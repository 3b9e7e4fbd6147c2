"""The paper: fonts, styles, portrait and landscape A4 with a footer on every page, and tables that wrap and repeat."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph, Spacer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from io import BytesIO


# The standard PDF fonts are narrow enough for nineteen columns, and every viewer has them; they cover cp1252.
REGULAR, BOLD, ITALIC, FIXED = "Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Courier"
MARGIN = 20 * mm
NARROW = 9 * mm
FOOTER = 14 * mm
PORTRAIT_WIDTH = A4[0] - 2 * MARGIN
LANDSCAPE_WIDTH = A4[1] - 2 * NARROW
PORTRAIT_HEIGHT = A4[1] - FOOTER - 22 * mm
LANDSCAPE_HEIGHT = A4[0] - FOOTER - 14 * mm
INK, RULE, SHADE = HexColor("#111111"), HexColor("#8a8a8a"), HexColor("#e6ebf2")
_REPLACED = {"≤": "<=", "≥": ">=", "−": "-", "→": "->", "‑": "-", "\u00ad": ""}

BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=10, leading=14, alignment=TA_JUSTIFY, spaceAfter=6)
LEFT = ParagraphStyle("left", BODY, alignment=0, spaceAfter=0)
INDENTED = ParagraphStyle("indented", BODY, leftIndent=14, bulletIndent=0, spaceAfter=3)
RIGHT = ParagraphStyle("right", LEFT, alignment=TA_RIGHT)
HASH = ParagraphStyle("hash", LEFT, fontName=FIXED, fontSize=8, splitLongWords=1)
CENTERED = ParagraphStyle("centered", BODY, alignment=TA_CENTER, spaceAfter=0)
LETTERHEAD = ParagraphStyle("letterhead", CENTERED, fontName=BOLD, fontSize=12.5, leading=16)
TITLE = ParagraphStyle("title", CENTERED, fontName=BOLD, fontSize=13, leading=17, spaceAfter=10)
CHAPTER = ParagraphStyle("chapter", TITLE, fontSize=12, spaceBefore=16, spaceAfter=8)
SECTION = ParagraphStyle("section", BODY, fontName=BOLD, alignment=0, spaceBefore=8, spaceAfter=4)
NOTE = ParagraphStyle("note", BODY, fontName=ITALIC, fontSize=8, leading=10)


def _fit(character: str) -> str:
    try:
        character.encode("cp1252")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", character).encode("cp1252", "ignore").decode("cp1252")
        return _REPLACED.get(character) or bare or f"[U+{ord(character):04X}]"
    return character


def shown(text: str) -> str:
    """Text in the letters that the font has; another one shows its base letter or its number, never a blank."""
    return text if text.isascii() else "".join(map(_fit, text))


def safe(text: str) -> str:
    """Text for a paragraph: its own markup is inert, and its line breaks are kept."""
    return escape(shown(text)).replace("\n", "<br/>")


def paragraph(text: str, style: ParagraphStyle = BODY, bullet: str | None = None) -> Paragraph:
    """A paragraph of plain text."""
    return Paragraph(safe(text), style, bulletText=bullet)


def chapter(number: str, title: str) -> list[Flowable]:
    """A chapter's two-line heading, never alone at the foot of a page; it stands in the outline of the file, too."""
    return [CondPageBreak(65 * mm), Paragraph(f"{safe(number)} <br/>{safe(title)}", CHAPTER)]


def section(title: str) -> list[Flowable]:
    """A heading with room below it for the first rows of a table, which may still break between pages."""
    return [CondPageBreak(55 * mm), paragraph(title, SECTION)]


def numbered(lines: Iterable[str], *, empty: str = "Nihil.") -> list[Flowable]:
    """Numbered paragraphs, or the word for nothing."""
    found: list[Flowable] = [paragraph(line, INDENTED, f"{i}.") for i, line in enumerate(lines, 1)]
    return found or [paragraph(empty)]


def gap(millimetres: float) -> Spacer:
    """Empty height."""
    return Spacer(1, millimetres * mm)


class _PagedCanvas(Canvas):
    """A canvas that knows the number of pages only at its end, and draws it then into the form that pages refer to."""

    def save(self) -> None:
        self.beginForm("page-count", 0, -4, 60, 12)
        self.setFont(REGULAR, 7)
        self.drawString(0, 0, str(self.getPageNumber() - 1))
        self.endForm()
        super().save()


class A4Document(BaseDocTemplate):
    """A document on A4 with two page templates, ``portrait`` and ``landscape``, and the identity on every page."""

    def __init__(self, out: BytesIO, title: str, author: str, dated: str, footer: tuple[str, str]) -> None:
        super().__init__(out, pagesize=A4, title=title, author=author, lang="id-ID", invariant=1)
        self._dated, self._footer = dated, footer
        wide = landscape(A4)
        frames = {
            "portrait": (A4, Frame(MARGIN, FOOTER + 6 * mm, PORTRAIT_WIDTH, PORTRAIT_HEIGHT, 0, 0, 0, 0)),
            "landscape": (
                wide,
                Frame(NARROW, FOOTER + 4 * mm, LANDSCAPE_WIDTH, LANDSCAPE_HEIGHT, 0, 0, 0, 0),
            ),
        }
        self.addPageTemplates(
            [
                PageTemplate(id=name, frames=[frame], pagesize=size, onPage=self._draw_footer)
                for name, (size, frame) in frames.items()
            ]
        )

    def print_out(self, story: list[Flowable]) -> None:
        """Lay the story out and write the file."""
        self.build(story, canvasmaker=self._canvas)

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab calls it by this name
        """Enter a chapter's heading in the outline that readers show beside the pages."""
        if isinstance(flowable, Paragraph) and flowable.style.name == CHAPTER.name:
            heading = flowable.getPlainText()
            self.canv.bookmarkPage(heading)
            self.canv.addOutlineEntry(heading, heading, 0)

    def _canvas(self, *arguments: Any, **options: Any) -> Canvas:  # noqa: ANN401 - passed through to reportlab
        canvas = _PagedCanvas(*arguments, **options)
        # The file is dated like its content, in the capital's time zone, so that it is the same whenever it is printed.
        canvas.setDateFormatter(lambda *_: f"D:{self._dated}000000+07'00'")
        return canvas

    def _draw_footer(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        size = document.pageTemplate.pagesize
        side = MARGIN if size == A4 else NARROW
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.4)
        canvas.line(side, FOOTER, size[0] - side, FOOTER)
        canvas.setFont(REGULAR, 7)
        for line, text in enumerate(self._footer):
            canvas.drawString(side, FOOTER - 9 - 9 * line, shown(text))
        edge = size[0] - side - canvas.stringWidth("0000", REGULAR, 7)
        canvas.drawRightString(edge, FOOTER - 9, f"Halaman {canvas.getPageNumber()} dari ")
        canvas.translate(edge, FOOTER - 9)
        canvas.doForm("page-count")
        canvas.restoreState()
