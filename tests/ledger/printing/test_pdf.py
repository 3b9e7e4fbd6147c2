"""The PDF is read back: pages, text, headings, marks, and the same bytes every time."""

import hashlib
import io
import os
import re
import subprocess
import sys
from datetime import date
from typing import Any

import pypdf
import pytest

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.matrix import Instrument, InstrumentNumber
from ksad.ledger.figures.content.values import Remark
from ksad.ledger.printing import pdf
from tests.support.histories.report_contents import LONG_TITLE, REGIONS, digest, matrix_row, report

A4 = (595, 842)


def read(content: model.ReportContent) -> pypdf.PdfReader:
    """The report as a reader of PDF opens it."""
    return pypdf.PdfReader(io.BytesIO(pdf.render(content)), strict=True)


def pages(content: model.ReportContent) -> list[str]:
    """The text of every page, with spaces and line breaks made one space."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in read(content).pages]


def flat(text: str) -> str:
    """Text without any space, for what may be broken anywhere in a narrow column."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("kind", ReportKind)
def test_letter_and_chapters_are_upright_and_attachments_lie(kind: ReportKind) -> None:
    """Every page is A4: portrait until the first attachment, landscape from there on."""
    document = read(report(kind, 3))
    sizes = [(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in document.pages]
    first = next(i for i, page in enumerate(document.pages) if "LAMPIRAN I" in page.extract_text())
    assert first > 1
    assert set(sizes[:first]) == {A4}
    assert set(sizes[first:]) == {A4[::-1]}


@pytest.mark.parametrize(
    ("kind", "clause", "to"),
    [
        pytest.param(ReportKind.R1, "Pasal 8", "Menteri Dalam Negeri", marks=pytest.mark.clause("P8")),
        pytest.param(ReportKind.R2, "Pasal 12", "Gubernur Jawa Tengah", marks=pytest.mark.clause("P12")),
        pytest.param(ReportKind.R3, "Pasal 13", "Menteri Dalam Negeri", marks=pytest.mark.clause("P13")),
    ],
)
def test_the_letter_names_clause_and_addressee(kind: ReportKind, clause: str, to: str) -> None:
    """The covering letter stands on the clause that demands the report and goes to the office that the clause names."""
    letter = pages(report(kind))[0]
    assert f"Memenuhi {clause} " in letter
    assert f"Yth. {to} di " in letter
    assert "5 Juli 2026" in letter
    assert "Nomor : 100.2.2.3/214/2026" in letter


def test_the_chapters_of_r2_are_those_of_the_layout() -> None:
    """R2 has chapters I to VI and the attachments in order, in the text and in the outline of the file."""
    outline = [str(entry["/Title"]) for entry in read(report(ReportKind.R2, 12)).outline if isinstance(entry, dict)]
    assert [re.sub(r"\s+", " ", title) for title in outline] == [
        "BAB I PENDAHULUAN",
        "BAB II PELAKSANAAN PEMBINAAN",
        "BAB III PELAKSANAAN PENGAWASAN",
        "BAB IV PERMASALAHAN DAN PERSELISIHAN",
        "BAB V PENGAKHIRAN",
        "BAB VI PENUTUP",
        "LAMPIRAN I MATRIK KERJA SAMA",
        "LAMPIRAN II REKAPITULASI PER KABUPATEN/KOTA",
        "LAMPIRAN III DAFTAR BUKTI",
    ]


def test_r3_tells_results_and_cites_the_accepted_reports() -> None:
    """R3 has summary, achievements, evaluation, problems, requests, and the accepted R2s by version and hash."""
    text = " ".join(pages(report(ReportKind.R3, 4)))
    for heading in ("RINGKASAN EKSEKUTIF", "CAPAIAN PER BIDANG DAN TAHAP", "HASIL EVALUASI", "PERMASALAHAN MENONJOL"):
        assert heading in text
    assert "HAL YANG DIMOHONKAN KEPADA MENTERI 1. Penegasan batas daerah" in text
    last = pages(report(ReportKind.R3, 4))[-1]
    assert "LAPORAN YANG DIKUTIP" in last
    assert flat(digest(ReportKind.R2)) in flat(last)
    assert "9 Juli 2026" in last


def test_the_overview_splits_provinces_by_tier() -> None:
    """The national overview counts each province once per tier, and may do without the single cooperations."""
    text = pages(report(ReportKind.OVERVIEW, 8, matrix=()))
    assert "LAMPIRAN I REKAPITULASI PER PROVINSI" in text[-3]
    for row in ("Jawa Barat Menteri", "Jawa Tengah Menteri", "Jawa Barat Gubernur", "Jawa Tengah Gubernur"):
        assert row in text[-3]


def test_every_page_shows_number_hash_and_prefix() -> None:
    """Each page says which of how many it is, and carries the content hash and the log prefix."""
    content = report(ReportKind.R2, 12)
    texts = pages(content)
    for position, text in enumerate(texts, 1):
        assert flat(f"Halaman {position} dari {len(texts)}") in flat(text)
        assert model.content_hash(content)[:16] in text
        assert f"ksad/jateng [0, 48211) akar {digest('root')[:16]}" in text


def test_the_whole_identity_is_on_the_second_page() -> None:
    """The full content hash and log root, the compared report and the changes stand behind the letter."""
    content = report(ReportKind.R2, 12)
    text = pages(content)[1]
    assert model.content_hash(content) in text
    assert digest("root") in text
    assert "48.211 peristiwa pertama (laporan sebelumnya: 31.007)" in text
    assert "R2-33-2025-S2 versi 2, Semester II Tahun 2025" in text
    assert "Kerja sama 12 kerja sama 3 +9 cooperations" in text
    assert "1 Juli 2026 [kebijakan] 4 Dilaporkan kepada Gubernur" in text


def test_an_empty_report_reads_well() -> None:
    """A province without cooperations reports so: every chapter is there and says that there is nothing."""
    texts = pages(report(ReportKind.R2, 0))
    text = " ".join(texts)
    assert "Kerja sama yang tercatat: nihil." in text
    assert "Tidak ada tugas pembinaan yang timbul pada periode ini." in text
    assert "BAB VI PENUTUP A. Kesimpulan Nihil. B. Kendala Nihil. C. Saran Nihil. D. Tindak lanjut Nihil." in text
    assert all("Nihil." in page for page in texts if "LAMPIRAN" in page)


def test_two_hundred_cooperations_keep_their_headings() -> None:
    """Each page of a long matrix repeats the heading and the column numbers, and no cooperation is lost."""
    content = report(ReportKind.R2, 200)
    document = read(content)
    texts = [re.sub(r"\s+", " ", page.extract_text()) for page in document.pages]
    first = next(i for i, text in enumerate(texts) if "LAMPIRAN I " in text)
    after = next(i for i, text in enumerate(texts) if "LAMPIRAN II " in text)
    matrix = texts[first:after]
    assert len(matrix) > 10
    assert all(
        "Nomor registrasi" in page and "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" in page for page in matrix
    )
    found = re.findall(r"KSAD-33-\d{4}", " ".join(matrix))
    assert found == [row.registration for row in content.matrix]


def test_a_long_title_is_whole() -> None:
    """A title of three lines wraps in its column and loses no letter."""
    text = flat(" ".join(pages(report(ReportKind.R2, 1))))
    assert flat(LONG_TITLE) in text


def test_a_row_taller_than_a_page_goes_on() -> None:
    """A cooperation with many parties and many addenda fills several pages, and its last number is printed."""
    numbers = tuple(InstrumentNumber(party=p, number=f"134.4/{i}") for i in range(3) for p in REGIONS)
    addenda = tuple(Instrument(kind="amendment", signed_on=f"20{year}", numbers=numbers) for year in range(10, 22))
    text = " ".join(pages(report(matrix=(matrix_row(1), matrix_row(0, instruments=addenda), matrix_row(2)))))
    found = [f"Adendum, 20{year}" in text for year in range(10, 22)]
    assert all(found)
    assert "KSAD-33-0003" in text


def test_a_returned_report_prints_the_remarks() -> None:
    """The next version says which version came back, from whom, when and why."""
    remark = Remark(version=1, on=date(2026, 7, 3), office="Gubernur Jawa Tengah", text="Kota Salatiga belum dimuat.")
    text = pages(report(version=2, remarks=(remark,)))[1]
    assert "Versi 1 dikembalikan oleh Gubernur Jawa Tengah pada 3 Juli 2026: Kota Salatiga belum dimuat." in text
    assert "(R2), versi 2" in text


def test_what_is_not_the_text_of_the_law_is_marked() -> None:
    """Memory, policy and inference are marked: legal basis, due date, duty, forum and supervisor."""
    text = " ".join(pages(report(ReportKind.R2, 1)))
    assert "Tata cara kerja sama daerah. [belum diverifikasi]" in text
    assert "Setiap semester. [kebijakan]" in text
    assert "20 Maret 2026 [kebijakan]" in text
    assert "Pasal 10 huruf b angka 2 [tafsir]" in text
    assert "Gubernur Jawa Tengah (PP 50/2007 [belum diverifikasi])" in text
    assert "TKKSD Provinsi Jawa Tengah [tafsir]" in text
    assert "Kewajiban pelaporan. [" not in text


def test_money_and_partial_dates_are_printed() -> None:
    """The checklist shows rupiah, the matrix months and years as far as they are known."""
    text = " ".join(pages(report(ReportKind.R2, 3)))
    assert "Rp 1.250.000.000" in text
    assert "Kesepakatan, Oktober 2016" in text
    assert "Kesepakatan, 2009" in text


def test_markup_is_only_text() -> None:
    """What a clerk typed is never read as markup, and a letter that the font lacks shows what it is."""
    row = matrix_row(0, remarks="<b>R&D</b> <img src='x'/> Muḥammad ≥ 5 ع")
    text = " ".join(pages(report(matrix=(row,))))
    assert "<b>R&D</b>" in text
    assert flat("<img src='x'/> Muhammad >= 5 [U+0639]") in flat(text)


def test_the_file_is_dated_like_its_content() -> None:
    """The file's own dates, title and author come from the content, not from a clock or a machine."""
    about = read(report()).metadata
    assert about is not None
    assert about.creation_date_raw == about.modification_date_raw == "D:20260705000000+07'00'"
    assert about.title == f"{report().title}, Semester I Tahun 2026"
    assert about.author == "TKKSD Provinsi Jawa Tengah"


_PROGRAM = """
import hashlib
from ksad.contracts.reporting import ReportKind
from ksad.ledger.printing import pdf, xlsx
from tests.support.histories.report_contents import report
print(*(hashlib.sha256(make.render(report(kind, 12))).hexdigest() for kind in ReportKind for make in (pdf, xlsx)))
"""


def test_the_same_content_makes_the_same_bytes_anywhere() -> None:
    """PDF and XLSX of every kind are equal from processes with other hash seeds and time zones."""

    def printed(**environment: Any) -> str:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env=os.environ | environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout

    first = printed(PYTHONHASHSEED="1", TZ="Asia/Jakarta")
    assert first == printed(PYTHONHASHSEED="2", TZ="America/Lima")
    assert first.split()[0] == hashlib.sha256(pdf.render(report(ReportKind.R1, 12))).hexdigest()
