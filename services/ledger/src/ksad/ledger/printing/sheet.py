"""Worksheets: typed cells, a table with filters, a frozen heading, column widths, and A4 landscape for printing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from ksad.contracts.wording import shortened
from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.tables import DateCell, DifferenceCell, MeanCell, MoneyCell

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as ExcelCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from ksad.ledger.printing.tables import Cell, ReportTable

# Locale 421 is Indonesian, so month names and the currency do not depend on the reader's settings.
DATE_FORMAT = "[$-421]d mmmm yyyy"
MONEY_FORMAT = "[$Rp-421] #,##0"
NUMBER_FORMAT = "#,##0"
MEAN_FORMAT = "0.00"
CHANGE_FORMAT = "+#,##0;-#,##0;0"
_CELL_MAX = 32_767
# For the note of what was left out.
_NOTE = 40
_KEYS = 16
"""The share of a column that is not printed on a page."""
_FULL_DATE = len("2009-05-22")
_FIRST_DATE = "1900-03-01"  # Spreadsheets disagree on every day before.
# A spreadsheet keeps fifteen significant digits.
_EXACT_MAX = 10**15
# In inches.
_EDGE = 0.4
_HEADER_MAX = 200
# The row of the column labels; above it stands the day of the table.
HEAD = 2
# Shared by all cells that have them: to make such an object takes longer than to write a cell.
TOP = Alignment(vertical="top", wrap_text=True)
UNWRAPPED = Alignment(wrap_text=False)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
BOLD = Font(bold=True)
# A4 in the list of paper sizes of ECMA-376 (SpreadsheetML, pageSetup).
_A4 = 9


def put(sheet: Worksheet, row: int, column: int, value: Cell) -> ExcelCell:
    """Writes a value as a typed cell. Text stays text: a title that begins with ``=`` does not become a formula."""
    # Only rows that are already merged hold cells of another kind, and no caller writes into those.
    cell = cast("ExcelCell", sheet.cell(row, column))
    cell.alignment = TOP
    match value:
        case None | "":
            cell.value = None
        case DateCell(iso) if len(iso) == _FULL_DATE and iso >= _FIRST_DATE:
            cell.value, cell.number_format = date.fromisoformat(iso), DATE_FORMAT
        case DateCell(iso):
            _put_text(cell, indonesian.day(iso))
        case MoneyCell(amount) if abs(amount) >= _EXACT_MAX:
            # As a number it would be rounded.
            _put_text(cell, indonesian.rupiah(amount))
        case MoneyCell(amount):
            cell.value, cell.number_format = amount, MONEY_FORMAT
        case DifferenceCell(change):
            cell.value, cell.number_format = change, CHANGE_FORMAT
        case MeanCell(hundredths):
            cell.value, cell.number_format = hundredths / 100, MEAN_FORMAT
        case int():
            cell.value, cell.number_format = value, NUMBER_FORMAT
        case _:
            _put_text(cell, value)
    return cell


def _put_text(cell: ExcelCell, text: str) -> None:
    cell.value = shortened(text, _CELL_MAX - _NOTE)
    cell.data_type = "s"
    cell.number_format = "@"


def print_setup(sheet: Worksheet, line: str) -> None:
    """Sets a sheet to print on A4 landscape, fitted to the width, with ``line`` in the header and page numbers."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = _EDGE
    above, below = HeaderFooterItem(), HeaderFooterItem()
    # In headers "&" begins a code, so a literal one is doubled; a spreadsheet takes no more than 255 letters.
    short = line if len(line) <= _HEADER_MAX else f"{line[: _HEADER_MAX - 1]}…"
    above.left.text = f"&A — {short.replace('&', '&&')}"
    below.right.text = "Halaman &P dari &N"
    sheet.HeaderFooter.oddHeader, sheet.HeaderFooter.oddFooter = above, below


def add(book: Workbook, name: str, content: ReportTable, line: str, day: str) -> Worksheet:
    """Adds a sheet with one table; one without rows says ``Nihil``. The total row is outside the filtered range.

    :param day: what day the table speaks of, in the words that stand above it.
    """
    sheet: Worksheet = book.create_sheet(name)
    told = put(sheet, 1, 1, day)
    told.font, told.alignment = Font(italic=True), UNWRAPPED
    for position, column in enumerate(content.columns, 1):
        cell = put(sheet, HEAD, position, column.label)
        cell.alignment, cell.font = _MIDDLE, BOLD
        sheet.column_dimensions[get_column_letter(position)].width = max((column.share or _KEYS) * 1.25, 9)
    for row, values in enumerate(content.rows or (("Nihil",),), HEAD + 1):
        for position, value in enumerate(values, 1):
            put(sheet, row, position, value)
    last = len(content.rows) + HEAD
    if content.totalled:
        for total in sheet[last]:
            total.font = BOLD
        last -= 1
    table = ExcelTable(
        displayName="".join(filter(str.isalnum, name)),
        ref=f"A{HEAD}:{get_column_letter(len(content.columns))}{max(last, HEAD + 1)}",
    )
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight9", showRowStripes=True)
    sheet.add_table(table)
    sheet.freeze_panes = f"A{HEAD + 1}"
    sheet.print_title_rows = f"1:{HEAD}"
    print_setup(sheet, line)
    return sheet
