"""The report as a workbook: a summary, and one real table per sheet for those who count further."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.model import content_hash
from ksad.ledger.printing import sheet, tables, task_tables
from ksad.ledger.printing.tables import DateCell, ReportTable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from ksad.ledger.figures.content.activities import Activities
    from ksad.ledger.figures.content.model import ReportContent, Results
    from ksad.ledger.printing.tables import Cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CORE = "docProps/core.xml"
_SUMMARY_WIDTHS = (46, 30, 16, 14, 14, 34)


def _activity_sheets(activities: Activities) -> dict[str, ReportTable]:
    return {
        "Pembinaan": task_tables.guidance_rows(activities.guidance, whole=True),
        "Pengawasan": task_tables.findings(activities.findings),
        "Evaluasi": task_tables.evaluations(activities.evaluations),
        "Masalah": task_tables.problems(activities.problems),
        "Perselisihan": task_tables.disputes(activities.disputes),
        "Pengakhiran": task_tables.terminations(activities.terminations),
        "Peringatan": task_tables.reminders(activities.terminations),
        "Daftar Periksa": task_tables.checklist(activities.terminations),
    }


def _result_sheets(results: Results) -> dict[str, ReportTable]:
    return {
        "Capaian": tables.achievements(results.achievements),
        "Evaluasi": task_tables.evaluations(results.evaluations),
        "Permasalahan Menonjol": tables.prominent(results.problems),
    }


def _sheets(content: ReportContent) -> dict[str, ReportTable]:
    found = {
        "Matriks": tables.matrix(content.matrix),
        "Rekapitulasi": tables.recapitulation(content.recapitulation),
    }
    if content.activities:
        found |= _activity_sheets(content.activities)
    if content.results:
        found |= _result_sheets(content.results) | {"Laporan Dikutip": tables.cited_reports(content.cited)}
    return found | {
        "Keterlambatan": tables.late(content.late),
        "Bukti": tables.evidence(content.evidence),
    }


def _identity(content: ReportContent, digest: str) -> list[tuple[str, Cell]]:
    prefix = content.prefix
    return [
        ("Nomor", content.number),
        ("Laporan", f"{content.report_id} ({indonesian.KINDS[content.kind]})"),
        ("Versi", content.version),
        ("Dari", content.from_office.label),
        ("Kepada", content.to_office.label),
        ("Periode", indonesian.period(content.period.id)),
        ("Hari pertama", DateCell(content.period.first.isoformat())),
        ("Hari terakhir", DateCell(content.period.last.isoformat())),
        ("Disusun pada", DateCell(content.compiled_on.isoformat())),
        ("Catatan peristiwa", prefix.origin),
        ("Jumlah peristiwa", prefix.size),
        ("Jumlah peristiwa laporan sebelumnya", prefix.previous_size),
        ("Akar catatan", prefix.root),
        ("Sidik isi (SHA-256)", digest),
    ]


def _bold(page: Worksheet, row: int, text: str, size: int = 11) -> None:
    cell = sheet.put(page, row, 1, text)
    cell.font, cell.alignment = Font(bold=True, size=size), Alignment(wrap_text=False)


def _summary(page: Worksheet, content: ReportContent, digest: str) -> None:
    page.title = "Ringkasan"
    for position, width in enumerate(_SUMMARY_WIDTHS, 1):
        page.column_dimensions[get_column_letter(position)].width = width
    _bold(page, 1, content.title, 14)
    row = 2
    for label, value in _identity(content, digest):
        row += 1
        sheet.put(page, row, 1, label)
        sheet.put(page, row, 2, value).alignment = Alignment(horizontal="left", vertical="top")
    figures = tables.figures(content.figures)
    row += 2
    for position, column in enumerate(figures.columns, 1):
        sheet.put(page, row, position, column.label).font = Font(bold=True)
    for values in figures.rows or (("Nihil",),):
        row += 1
        for position, value in enumerate(values, 1):
            sheet.put(page, row, position, value)
    for title, lines in _notes(content).items():
        row += 2
        _bold(page, row, title)
        for line in lines or ("Nihil",):
            row += 1
            sheet.put(page, row, 1, line)
            page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_SUMMARY_WIDTHS))
            # A spreadsheet does not grow the height of merged cells by itself.
            page.row_dimensions[row].height = 15 * (1 + len(line) // sum(_SUMMARY_WIDTHS))


def _notes(content: ReportContent) -> dict[str, list[str]]:
    notes = {
        "Dasar hukum": [tables.legal_basis_text(line) for line in content.introduction.legal_basis],
        "Keterangan tanda": [indonesian.BASIS_LEGEND],
    }
    if content.activities:
        closing = content.activities.closing
        notes |= {
            "Kesimpulan": list(closing.conclusions),
            "Kendala": list(closing.obstacles),
            "Saran": list(closing.suggestions),
            "Tindak lanjut": list(closing.follow_up),
        }
    if content.results:
        notes |= {
            "Ringkasan eksekutif": list(content.results.summary),
            "Hasil evaluasi": list(content.results.evaluation_summary),
            "Hal yang dimohonkan kepada Menteri": list(content.results.requests),
        }
    if content.remarks:
        notes["Catatan atas versi yang dikembalikan"] = [
            f"Versi {remark.version}, {remark.office}, {indonesian.day(remark.on)}: {remark.text}"
            for remark in content.remarks
        ]
    return notes


def _normalised(book: Workbook, moment: datetime) -> bytes:
    """The workbook's bytes with every clock reading replaced by the report's own date."""
    raw, out = BytesIO(), BytesIO()
    book.save(raw)
    book.properties.created = book.properties.modified = moment
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = tostring(book.properties.to_tree()) if name == _CORE else source.read(name)
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return out.getvalue()


def render(content: ReportContent) -> bytes:
    """The report as XLSX; the same content makes the same bytes."""
    digest = content_hash(content)
    book = Workbook()
    first = book.active or book.create_sheet()
    _summary(first, content, digest)
    line = (
        f"{content.from_office.label}, {indonesian.period(content.period.id)}, versi {content.version}, {digest[:16]}"
    )
    sheet.print_setup(first, line)
    for name, table in _sheets(content).items():
        sheet.add(book, name, table, line)
    book.properties.title = content.title
    book.properties.creator = content.from_office.label
    return _normalised(book, datetime.combine(content.compiled_on, time()))
