"""The report as an XLSX workbook: a summary, and one table per sheet for further calculation."""

from __future__ import annotations

import zipfile
from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import tostring

from ksad.contracts.reporting import NarrativeSection
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.model import content_hash
from ksad.ledger.printing import ending_tables, matter_tables, sheet, sum_tables, tables, task_tables
from ksad.ledger.printing.chapters import unwritten
from ksad.ledger.printing.days import EACH_PERIOD, day_of, known_on
from ksad.ledger.printing.letter import verification
from ksad.ledger.printing.parts import TRAINING
from ksad.ledger.printing.tables import DateCell, ReportTable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from ksad.ledger.figures.content.activities import Activities
    from ksad.ledger.figures.content.model import ReportContent, Results
    from ksad.ledger.figures.content.values import LetterSent
    from ksad.ledger.printing.tables import Cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CORE = "docProps/core.xml"
_SUMMARY_WIDTHS = (46, 30, 16, 14, 14, 34)


def _activity_sheets(activities: Activities) -> dict[str, ReportTable]:
    return {
        "Pembinaan": task_tables.guidance_rows(activities.guidance, whole=True),
        "Evaluasi": task_tables.evaluations(activities.evaluations),
    }


def _common_sheets(content: ReportContent) -> dict[str, ReportTable]:
    ends = content.terminations
    return {
        "Pengawasan": task_tables.findings(content.findings),
        "Pengakhiran": task_tables.terminations(ends),
        "Pengingat": task_tables.reminders(ends),
        "Daftar Periksa": task_tables.checklist(ends),
        "Pembagian": ending_tables.divisions(ends),
        "Keadaan Register": sum_tables.registered(content.register_states),
    }


def _result_sheets(results: Results) -> dict[str, ReportTable]:
    return {
        **({"Angka Laporan TKKSD": matter_tables.accepted(results.accepted)} if results.accepted else {}),
        "Evaluasi": task_tables.evaluations(results.evaluations),
    }


def _sheets(content: ReportContent) -> dict[str, ReportTable]:
    later = content.developments
    found = {
        "Perselisihan": matter_tables.disputes(content.matters.disputes),
        "Permasalahan": matter_tables.problems(content.matters.problems),
        "Untuk Diketahui": matter_tables.informed(content.matters.informed),
        "Capaian": tables.achievements(content.achievements),
        "Matriks": tables.matrix(content.matrix),
        "Rekapitulasi": tables.recapitulation(content.recapitulation),
    }
    if content.activities:
        found |= _activity_sheets(content.activities)
    if content.results:
        found |= _result_sheets(content.results) | {"Laporan Dikutip": tables.cited_reports(content.cited)}
    found |= _common_sheets(content)
    return found | {
        "Ketepatan Waktu": sum_tables.timeliness(content.timeliness),
        "Tidak Dilaksanakan": tables.late(content.late),
        "Skor": sum_tables.scores(content.scored.evaluations),
        "Tren Skor": sum_tables.trend(content.scored.trend),
        "Setelah Periode": sum_tables.developments("Setelah periode", later.after, later.more_after),
        "Baru Diketahui": sum_tables.developments("Baru diketahui", later.earlier, later.more_earlier),
        "Bukti": tables.evidence(content.evidence),
        "Verifikasi": _verification(content),
    }


def _identity(content: ReportContent, sent: LetterSent | None) -> list[tuple[str, Cell]]:
    return [
        ("Nomor", content.number if sent is None else sent.number),
        ("Tanggal surat", None if sent is None else DateCell(sent.on.isoformat())),
        ("Tempat", content.from_office.seat),
        ("Laporan", indonesian.KINDS[content.kind]),
        ("Versi", content.version),
        ("Dari", content.from_office.label),
        ("Kepada", content.to_office.label),
        ("Periode", indonesian.period(content.period.id)),
        ("Hari pertama", DateCell(content.period.first.isoformat())),
        ("Hari terakhir", DateCell(content.period.last.isoformat())),
        ("Keadaan pada", DateCell(content.state_on.isoformat())),
        ("Disusun pada", DateCell(content.compiled_on.isoformat())),
    ]


def _verification(content: ReportContent) -> ReportTable:
    """What a workbook is verified by, in one sheet: the rows of the printed box, and the hash of each document."""
    rows: list[tuple[str, str]] = list(verification(content, content_hash(content))["rows"])
    rows += [(f"Bukti: {one.what}", one.sha256) for one in content.evidence]
    return ReportTable("Verifikasi", tables.columns({"Hal": 60, "Nilai": 70}), tuple(rows))


def _bold(page: Worksheet, row: int, text: str, size: int = 11) -> None:
    cell = sheet.put(page, row, 1, text)
    cell.font, cell.alignment = Font(bold=True, size=size), sheet.UNWRAPPED


def _title(content: ReportContent) -> str:
    return f"{TRAINING}: {content.title}" if content.training else content.title


def _summary(page: Worksheet, content: ReportContent, sent: LetterSent | None) -> None:
    page.title = "Ringkasan"
    for position, width in enumerate(_SUMMARY_WIDTHS, 1):
        page.column_dimensions[get_column_letter(position)].width = width
    _bold(page, 1, _title(content), 14)
    row = 2
    for label, value in _identity(content, sent):
        row += 1
        sheet.put(page, row, 1, label)
        sheet.put(page, row, 2, value).alignment = Alignment(horizontal="left", vertical="top")
    figures = tables.figures(content.figures)
    row += 2
    for position, column in enumerate(figures.columns, 1):
        sheet.put(page, row, position, column.label).font = sheet.BOLD
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
        "Riwayat dasar hukum": [tables.legal_basis_text(line) for line in content.introduction.legal_history],
        "Keterangan tanda": [indonesian.BASIS_LEGEND],
    }
    for part in NarrativeSection:
        notes[indonesian.NARRATIVES[part.value]] = list(content.narrative.of(part)) or [unwritten(content)]
    if content.results:
        notes["Hasil evaluasi"] = list(content.results.evaluation_summary)
    if content.remarks:
        notes["Catatan atas versi yang dikembalikan"] = [
            f"Versi {remark.version}, {remark.office}, {indonesian.day(remark.on)}: {remark.text}"
            for remark in content.remarks
        ]
    return notes


def _normalised(book: Workbook, moment: datetime) -> bytes:
    """The bytes of a workbook with all timestamps set to ``moment``, so that equal contents give equal bytes."""
    raw, out = BytesIO(), BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:  # Compressed below, and not twice.
        ExcelWriter(book, archive).save()
    book.properties.created = book.properties.modified = moment
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = tostring(book.properties.to_tree()) if name == _CORE else source.read(name)
            entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return out.getvalue()


def render(content: ReportContent, sent: LetterSent | None = None) -> bytes:
    """The report as XLSX. Equal contents give equal bytes.

    :param sent: number, day and capacity of the letter, once it is sent.
    """
    book = Workbook()
    first = book.active or book.create_sheet()
    _summary(first, content, sent)
    line = f"{content.from_office.label}, {indonesian.period(content.period.id)}, versi {content.version}"
    line = f"{TRAINING}: {line}" if content.training else line
    sheet.print_setup(first, line)
    days = dict.fromkeys(("Setelah Periode", "Baru Diketahui", "Verifikasi"), known_on(content))
    days["Angka Laporan TKKSD"] = EACH_PERIOD
    for name, table in _sheets(content).items():
        sheet.add(book, name, table, line, days.get(name, day_of(content)))
    book.properties.title = _title(content)
    book.properties.creator = content.from_office.label
    return _normalised(book, datetime.combine(content.compiled_on if sent is None else sent.on, time()))
