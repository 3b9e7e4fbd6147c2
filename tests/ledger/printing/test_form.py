"""The form of the PDF: what a screen reader gets, what can be read in print, and which characters it shows."""

import re
import unicodedata
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.reporting import ReportKind
from ksad.ledger.printing import pdf
from ksad.ledger.printing.parts import shown
from tests.support.histories.report_contents import matrix_row, report
from tests.support.text.printed import read

pytestmark = pytest.mark.xdist_group("printing")


def dictionaries(document: pypdf.PdfReader) -> list[dict[str, Any]]:
    """Every element of the structure tree of a tagged file."""
    found: list[dict[str, Any]] = []
    root: Any = document.trailer["/Root"]
    waiting: list[Any] = [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict) and node.get("/Type") != "/Page":
            found.append(node)
            waiting += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.parametrize("kind", ReportKind)
def test_a_screen_reader_gets_language_title_headings_and_header_cells(kind: ReportKind) -> None:
    """The file says that it is PDF/A-2a and PDF/UA-1; every table has header cells; chapters are headings."""
    document = read(report(kind, 3))
    root: Any = document.trailer["/Root"]
    assert root["/Lang"] == "id-ID"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    stated = root["/Metadata"].get_object().get_data().decode()
    assert re.search(r"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A<", stated)
    assert "<pdfuaid:part>1</pdfuaid:part>" in stated
    elements = dictionaries(document)
    kinds = [element.get("/S") for element in elements]
    headings = len([entry for entry in document.outline if isinstance(entry, dict)])
    assert kinds.count("/H1") == headings + 1 > 6  # The contents have a heading that is no bookmark.
    listed = [element for element in elements if element.get("/S") == "/Table"]
    assert len(listed) > 3
    for element in listed:
        assert "/TH" in {one.get("/S") for one in below(element)}


def below(element: dict[str, Any]) -> list[dict[str, Any]]:
    """The elements under one, however deep."""
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [element.get("/K")]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            found.append(node)
            waiting += [node["/K"]] if "/K" in node else []
    return found


@pytest.mark.fault(
    "law legibility",
    kind="What is printed cannot be read in print.",
    looked="Matrix, tables, notes and footers of every kind of report.",
    found="Nothing else.",
)
def test_nothing_is_smaller_than_eight_points() -> None:
    """Neither a table nor a footer is set in less, so that a print can be read."""
    sizes: set[float] = set()

    def visit(_: str, __: Any, matrix: Any, ___: Any, size: float) -> None:
        sizes.add(round(size * abs(matrix[3]), 1))

    for page in read(report(ReportKind.R2, 3)).pages:
        page.extract_text(visitor_text=visit)
    assert min(size for size in sizes if size) >= 8


def test_every_character_that_is_let_through_can_be_set() -> None:
    """What the form shows as it is has a glyph: a missing one would fail the whole report."""
    letters = (chr(number) for number in range(0x20, 0x3000) if number not in range(0xD800, 0xE000))
    kept = [letter for letter in letters if shown(letter) == letter]
    assert len(kept) > 1000
    row = matrix_row(0, remarks=" ".join(kept))
    assert pdf.render(report(matrix=(row,)))


@given(text=st.text(min_size=1, max_size=40))
def test_no_text_fails_a_report_or_vanishes(text: str) -> None:
    """Whatever was typed becomes characters that the fonts have, and as many or more of them."""
    made = shown(text)
    assert len(made) >= len([one for one in text if unicodedata.category(one) != "Mn"])
    assert shown(made) == made


def test_the_file_is_dated_like_its_content() -> None:
    """The file's own dates, title and author come from the content, not from a clock or a machine."""
    about = read(report()).metadata
    assert about is not None
    assert about.creation_date_raw == "D:20260704170000Z"  # 5 July 2026, 00.00 WIB
    assert about.modification_date_raw in (None, about.creation_date_raw)
    assert about.title == f"{report().title}, Semester I Tahun 2026"
    assert about.author == "TKKSD Provinsi Jawa Tengah"
