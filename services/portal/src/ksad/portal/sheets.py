"""Lists as files: CSV and XLSX with the columns of a page, its filters, and the moment that it shows.

Whatever is typed by people stays text: no cell of either file is a formula when a spreadsheet opens it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

from openpyxl import Workbook as Spreadsheet
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Signs at the beginning of a text by which spreadsheets take it for a formula."""
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
TITLE_MAX = 31


class Listed(NamedTuple):
    """A list: its title, what it was filtered by and when it was read, a name for each column, and the rows."""

    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def as_csv(listed: Listed) -> bytes:
    """The list as CSV with a byte order mark, which spreadsheets take as UTF-8; the first line says what it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in ([f"{listed.title}. {listed.about}"], listed.columns, *listed.rows):
        writer.writerow([f"'{text}" if text.startswith(FORMULA) else text for text in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(listed: Listed) -> bytes:
    """The list as one sheet; its first row says what it is, its second has the names of the columns."""
    book = Spreadsheet(write_only=True)
    sheet = book.create_sheet(listed.title[:TITLE_MAX])
    sheet.freeze_panes = "A3"
    for number, row in enumerate(([f"{listed.title}. {listed.about}"], listed.columns, *listed.rows)):
        cells = [WriteOnlyCell(sheet, text) for text in row]
        for cell in cells:
            cell.data_type = "s"
            cell.font = Font(bold=number < 2)  # noqa: PLR2004 - the two rows above the list
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WRITERS = {"csv": as_csv, "xlsx": as_xlsx}
