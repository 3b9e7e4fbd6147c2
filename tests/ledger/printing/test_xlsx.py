"""The workbook is read back with a spreadsheet library: types, filters, frozen headings, print setup."""

import io
import re
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.activities import ChecklistProof
from ksad.ledger.figures.content.values import CitedClause, Remark
from ksad.ledger.printing import xlsx
from tests.support.histories.report_contents import LONG_TITLE, activities, matrix_row, report

SHEETS = {
    ReportKind.R2: ["Ringkasan", "Perselisihan", "Permasalahan", "Untuk Diketahui", "Capaian", "Matriks",
                    "Rekapitulasi", "Pembinaan", "Evaluasi", "Pengawasan", "Pengakhiran", "Pengingat",
                    "Daftar Periksa", "Pembagian", "Keadaan Register", "Ketepatan Waktu", "Tidak Dilaksanakan", "Skor",
                    "Tren Skor", "Setelah Periode", "Baru Diketahui", "Bukti", "Verifikasi"],
    ReportKind.R3: ["Ringkasan", "Perselisihan", "Permasalahan", "Untuk Diketahui", "Capaian", "Matriks",
                    "Rekapitulasi", "Angka Laporan TKKSD", "Evaluasi", "Laporan Dikutip", "Pengawasan", "Pengakhiran",
                    "Pengingat", "Daftar Periksa", "Pembagian", "Keadaan Register", "Ketepatan Waktu",
                    "Tidak Dilaksanakan", "Skor", "Tren Skor", "Setelah Periode", "Baru Diketahui", "Bukti",
                    "Verifikasi"],
}  # fmt: skip


def read(content: model.ReportContent) -> Workbook:
    """The report as a spreadsheet library opens it."""
    return openpyxl.load_workbook(io.BytesIO(xlsx.render(content)))


def column(sheet: Worksheet, heading: str) -> list[object]:
    """The cells of a column below its heading."""
    headings = [cell.value for cell in sheet[2]]
    return [row[headings.index(heading)].value for row in sheet.iter_rows(min_row=3)]


@pytest.mark.parametrize("kind", SHEETS)
def test_the_sheets_of_a_kind(kind: ReportKind) -> None:
    """R2 has a sheet for each activity, R3 for each result; both have summary, matrix, recapitulation and evidence."""
    assert read(report(kind, 3)).sheetnames == SHEETS[kind]


@pytest.mark.fault(
    "law charts",
    kind="Numbers that are compared are nowhere drawn, and a workbook cannot be filtered.",
    looked="Summary, achievements, timeliness, preceding periods; every sheet of the workbook.",
    found="Sheets and chapters had different names.",
)
@pytest.mark.parametrize("count", [0, 1, 12])
def test_every_table_filters_freezes_and_prints(count: int) -> None:
    """Each table has filters over all its columns, a frozen and repeated heading, and prints as landscape A4."""
    book = read(report(ReportKind.R2, count))
    for sheet in book.worksheets[1:]:
        (table,) = sheet.tables.values()
        assert table.ref.startswith("A2:")
        assert table.autoFilter.ref == table.ref
        assert [c.name for c in table.tableColumns] == [cell.value for cell in sheet[2]]
        assert sheet.freeze_panes == "A3"
        assert sheet.print_title_rows == "$1:$2"
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert sheet.page_setup.fitToHeight == 0
        footer = sheet.HeaderFooter.oddFooter
        assert footer is not None
        assert footer.right.text == "Halaman &P dari &N"


def test_dates_are_dates_where_the_day_is_known() -> None:
    """A day is a date that can be sorted; a month or a year stays text, so that no day is made up."""
    sheet = read(report(ReportKind.R2, 3))["Matriks"]
    assert column(sheet, "Mulai") == [datetime(2019, 5, 22), "Oktober 2016", "2009"]  # noqa: DTZ001 - a spreadsheet's date has no zone
    assert column(sheet, "Berakhir") == [datetime(2029, 5, 21), "Desember 2026", None]  # noqa: DTZ001 - as above
    assert sheet["J3"].is_date
    assert "mmmm" in sheet["J3"].number_format


def test_counts_and_money_are_numbers() -> None:
    """Counts are integers, rupiah are integers in the currency's format, and the total stands below the filter."""
    book = read(report(ReportKind.R2, 12))
    recap = book["Rekapitulasi"]
    assert column(recap, "Berjalan") == [6, 6, 6, 6, 12]
    assert column(recap, "Kabupaten/Kota")[-1] == "Jumlah"
    assert recap.tables["Rekapitulasi"].ref.endswith("6")
    items = book["Daftar Periksa"]
    amounts = column(items, "Nilai")
    assert amounts[2] == 1_250_000_000
    cell = next(cell for row in items.iter_rows(min_row=3) for cell in row if cell.value == 1_250_000_000)
    assert "Rp" in cell.number_format


def test_a_sum_beyond_a_spreadsheets_digits_stays_exact() -> None:
    """A spreadsheet keeps fifteen digits, so a larger sum is text with every digit."""
    acts = activities(1)
    item = ChecklistProof(clause=CitedClause(id="P10.d.4.c", basis="text"), label="Pembagian", party=None,
                         done_on=None, amount=9_007_199_254_740_991, evidence=0)  # fmt: skip
    ending = acts.terminations[0].model_copy(update={"checklist": (item,)})
    content = report(activities=acts.model_copy(update={"terminations": (ending,)}))
    assert column(read(content)["Daftar Periksa"], "Nilai") == ["Rp 9.007.199.254.740.991"]


@pytest.mark.parametrize(
    "title", ["=1+1", "+62", "-5", "@SUM(A1)", '=HYPERLINK("x")', "#REF!", "2019-05-22", LONG_TITLE]
)
def test_text_is_never_a_formula(title: str) -> None:
    """What a clerk typed stays text, whatever it begins with."""
    sheet = read(report(matrix=(matrix_row(0, title=title),)))["Matriks"]
    assert (sheet["C3"].value, sheet["C3"].data_type) == (title, "s")


def test_an_empty_report_says_so_in_every_table() -> None:
    """Where there is nothing, the first row says Nihil and the table can still be filled in."""
    book = read(report(ReportKind.R2, 0))
    for sheet in book.worksheets[1:-1]:
        # A body without tasks says so in numbers.
        assert sheet["A3"].value == ("TKKSD Provinsi Jawa Tengah" if sheet.title == "Ketepatan Waktu" else "Nihil")
        assert sheet.max_row == 3


def test_two_hundred_cooperations_are_two_hundred_rows() -> None:
    """Each cooperation has one row, in order, inside the filter."""
    content = report(ReportKind.R2, 200)
    sheet = read(content)["Matriks"]
    assert column(sheet, "Nomor registrasi") == [row.registration for row in content.matrix]
    assert column(sheet, "No") == list(range(1, 201))
    assert sheet.tables["Matriks"].ref == "A2:S202"
    assert all(sheet.column_dimensions[letter].width >= 9 for letter in "ABCDEFGHIJKLMNOPQRS")


def test_the_summary_identifies_the_report() -> None:
    """The first sheet has version, period and the figures with their change; the last has log prefix and hashes."""
    content = report(ReportKind.R2, 12)
    sheet = read(content)["Ringkasan"]
    pairs = {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}
    proofs = read(content)["Verifikasi"]
    proved = dict(zip(column(proofs, "Hal"), column(proofs, "Nilai"), strict=True))
    assert proved["Nilai hash isi (SHA-256)"] == model.content_hash(content)
    assert proved["Hash akar log"] == content.prefix.root
    assert proved["Bukti: Naskah 1"] == content.evidence[0].sha256
    assert pairs["Versi"] == 1
    assert pairs["Hari pertama"] == datetime(2026, 1, 1)  # noqa: DTZ001 - a spreadsheet's date has no zone
    figure = next([cell.value for cell in row] for row in sheet.iter_rows() if row[0].value == "Kerja sama")
    assert figure == ["Kerja sama", 12, "kerja sama", 3, 9, None]


def test_marks_and_remarks_are_in_the_summary() -> None:
    """The bases of the law are marked in the workbook as on paper, and a returned version's remarks are kept."""
    remark = Remark(version=1, on=date(2026, 7, 3), office="Gubernur Jawa Tengah", text="Lengkapi rekapitulasi.")
    texts = [row[0].value for row in read(report(version=2, remarks=(remark,)))["Ringkasan"].iter_rows()]
    assert "PP 50/2007: Tata cara kerja sama daerah. [belum diverifikasi]" in texts
    assert "Versi 1, Gubernur Jawa Tengah, 3 Juli 2026: Lengkapi rekapitulasi." in texts


def test_the_file_is_dated_like_its_content() -> None:
    """Neither the zip nor the properties hold a clock reading: all dates are that of compilation."""
    raw = xlsx.render(report())
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 7, 5, 0, 0, 0)}
    properties = openpyxl.load_workbook(io.BytesIO(raw)).properties
    assert properties.created == properties.modified == datetime(2026, 7, 5)  # noqa: DTZ001 - as stored, without zone
    assert properties.creator == "TKKSD Provinsi Jawa Tengah"


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_sheet_says_of_which_day_it_speaks(kind: ReportKind) -> None:
    """Above each table stands its day: the report's own, that of each accepted report, or until when it was known."""
    book = read(report(kind, 3))
    days = {sheet["A1"].value for sheet in book.worksheets[1:]}
    assert all(re.fullmatch(r"(Keadaan|Sebagaimana diketahui pada) (\d+ \w+ \d{4}|hari terakhir setiap periode)", one)
               for one in days)  # fmt: skip
    assert "Keadaan 30 Juni 2026" in days
