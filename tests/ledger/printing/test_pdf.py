"""The PDF is read back: pages, text, headings, marks, and the same bytes every time."""

import hashlib
import os
import re
import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.matrix import Instrument, InstrumentNumber
from ksad.ledger.figures.content.narrative import Narrative
from ksad.ledger.figures.content.values import LegalBasisLine, LetterSent, Remark
from ksad.ledger.printing import pdf
from tests.support.histories.report_contents import LONG_TITLE, REGIONS, digest, matrix_row, report
from tests.support.histories.report_offices import WAYS
from tests.support.text.printed import SENT, read, texts

pytestmark = pytest.mark.xdist_group("printing")

A4 = (595, 842)
A3_LYING = (1191, 842)


def pages(content: model.ReportContent, sent: LetterSent | None = None) -> list[str]:
    """The text of every page, with spaces and line breaks made one space."""
    return [re.sub(r"\s+", " ", text) for text in texts(content, sent)]


def flat(text: str) -> str:
    """Text without any space, for what may be broken anywhere in a narrow column."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("kind", ReportKind)
def test_letter_and_chapters_are_upright_and_attachments_lie(kind: ReportKind) -> None:
    """Letter, chapters and the box for verification are A4 upright; the attachments lie, the matrix on A3."""
    document = read(report(kind, 3))
    sizes = [(round(float(page.mediabox.width)), round(float(page.mediabox.height))) for page in document.pages]
    opened = [i for i, text in enumerate(texts(report(kind, 3))) if re.search(r"LAMPIRAN I+V?\n", text)]
    first = next(i for i in opened if i > 1)
    assert set(sizes[:first]) == {A4}
    assert sizes[first] == A3_LYING
    assert set(sizes[first:-1]) == {A3_LYING, A4[::-1]}
    assert sizes[-1] == A4


@pytest.mark.fault(
    "law form 4",
    kind="A letter has a field that nobody can fill.",
    looked="The head of every letter.",
    found="Nothing else.",
)
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
    letter = pages(report(kind, 12), SENT)[0]
    assert f"Berdasarkan ketentuan {clause} Peraturan Menteri Dalam Negeri Nomor 23 Tahun 2009 " in letter
    assert f"Yth. {to} di " in letter
    assert f"{WAYS[kind][0].seat}, 9 Juli 2026" in letter
    assert "Nomor : 100.2.2.3/9/2026" in letter
    assert "Sifat" not in letter
    assert f"Plh. {WAYS[kind][0].head}," in letter
    assert "Tembusan: 1. Sekretaris Daerah Provinsi Jawa Tengah" in letter


@pytest.mark.fault(
    "law form 6",
    kind="A long document has no list of its parts.",
    looked="Letter, contents, chapters and attachments of every kind.",
    found="Nothing else.",
)
def test_the_chapters_of_r2_are_those_of_the_layout() -> None:
    """What the addressee must know and decide is first; then what was done, and the attachments, in order."""
    outline = [str(entry["/Title"]) for entry in read(report(ReportKind.R2, 12)).outline if isinstance(entry, dict)]
    assert [re.sub(r"\s+", " ", title) for title in outline] == [
        f"{report().title}, Semester I Tahun 2026",
        "RINGKASAN EKSEKUTIF",
        "BAB I PERSELISIHAN, PERMASALAHAN, DAN HAL YANG DIMOHONKAN",
        "BAB II PENDAHULUAN",
        "BAB III CAPAIAN PER BIDANG DAN TAHAP",
        "BAB IV PELAKSANAAN PEMBINAAN",
        "BAB V PELAKSANAAN PENGAWASAN",
        "BAB VI PENGAKHIRAN",
        "BAB VII KEADAAN REGISTER",
        "BAB VIII KETEPATAN WAKTU DAN SKOR EVALUASI",
        "BAB IX PERKEMBANGAN SETELAH PERIODE",
        "BAB X PENUTUP",
        "LAMPIRAN I MATRIKS KERJA SAMA, KEADAAN 30 JUNI 2026",
        "LAMPIRAN II REKAPITULASI PER KABUPATEN/KOTA, KEADAAN 30 JUNI 2026",
        "LAMPIRAN III DAFTAR BUKTI, KEADAAN 30 JUNI 2026",
        "VERIFIKASI",
    ]


def test_r3_tells_results_and_cites_the_accepted_reports() -> None:
    """R3 has summary, achievements, evaluation, problems, requests, and the accepted R2s by version and hash."""
    text = " ".join(pages(report(ReportKind.R3, 4)))
    for heading in ("RINGKASAN EKSEKUTIF", "CAPAIAN PER BIDANG DAN TAHAP", "HASIL EVALUASI", "Perselisihan", "PENUTUP"):
        assert heading in text
    assert "Hal yang dimohonkan kepada Menteri Dalam Negeri 1. Penegasan batas daerah" in text
    assert "Laporan TKKSD Semester II Tahun 2026 (Pasal 12): belum diterima." in text
    assert "Kerja sama 4 – 4 +1" in text
    *_, cited, last = pages(report(ReportKind.R3, 4))
    assert "LAPORAN YANG DIKUTIP" in cited
    assert "9 Jul 2026" in cited
    assert flat(digest(ReportKind.R2)) in flat(last)


def test_the_overview_splits_provinces_by_tier() -> None:
    """The national overview counts each province once per tier, and may do without the single cooperations."""
    text = pages(report(ReportKind.OVERVIEW, 8, matrix=()))
    assert "LAMPIRAN I REKAPITULASI PER PROVINSI" in text[-4]
    for row in ("Jawa Barat Menteri", "Jawa Tengah Menteri", "Jawa Barat Gubernur", "Jawa Tengah Gubernur"):
        assert row in text[-4]


def test_every_page_says_what_it_belongs_to() -> None:
    """Each page says which of how many it is, and of which report and version."""
    told = pages(report(ReportKind.R2, 12))
    for position, text in enumerate(told, 1):
        assert flat(f"Halaman {position} dari {len(told)}") in flat(text)
        assert "Laporan TKKSD Provinsi Jawa Tengah, Semester I Tahun 2026, versi 1" in text


@pytest.mark.fault(
    "law form 5",
    kind="What is for checking stands where people read.",
    looked="Letter, footers, chapters, tables and sheets.",
    found="Names of figures were a column of every table.",
)
def test_the_whole_identity_is_in_one_box_at_the_end() -> None:
    """Content hash, log root and the compared report stand on the last page, and the hashes of the log nowhere else."""
    content = report(ReportKind.R2, 12)
    *before, last = (flat(page) for page in pages(content))
    for hashed in (model.content_hash(content), digest("root")):
        assert hashed in last
        assert not any(hashed[:16] in page for page in before)
    assert flat("48.211 peristiwa pertama (laporan sebelumnya: 31.007)") in last
    assert flat("R2-33-2025-S2 versi 2, Semester II Tahun 2025") in last


@pytest.mark.fault(
    "law report 1",
    kind="A summary is one sentence, without result, comparison or chart.",
    looked="The summary of every kind of report.",
    found="Nothing else.",
)
@pytest.mark.fault("law charts")
def test_the_figures_follow_the_letter() -> None:
    """Behind the letter stand the contents, the headline figures with their changes, and what is late."""
    text = pages(report(ReportKind.R2, 12))[1]
    assert "Daftar isi RINGKASAN EKSEKUTIF" in text
    assert "LAMPIRAN III DAFTAR BUKTI" in text
    assert "1 Jul 2026 4 Dilaporkan kepada Gubernur" in text
    summary = pages(report(ReportKind.R2, 12))[2]
    assert "Kerja sama 12 kerja sama 3 +9" in summary
    assert "Perjanjian menurut urusan dan tahap Perhubungan 13" in summary
    assert "BAB I" not in summary


def test_an_empty_report_reads_well() -> None:
    """A province without cooperations reports so: every chapter is there and says that there is nothing."""
    told = pages(report(ReportKind.R2, 0))
    text = " ".join(told)
    assert "Kerja sama yang tercatat: nihil." in text
    assert "Tidak ada tugas pembinaan yang timbul pada periode ini." in text
    assert "A. Kesimpulan Bagian ini tidak ditulis oleh TKKSD Provinsi Jawa Tengah. B. Kendala Bagian ini" in text
    assert all("Nihil." in page for page in told if "LAMPIRAN" in page)


def test_a_section_that_says_nothing_asks_for_nothing() -> None:
    """Where an office wrote that there is nothing to ask for, the chapter says so, and the summary asks for nothing."""
    told = pages(report(ReportKind.R2, 1, narrative=Narrative(requests=("Nihil.",))))
    assert "Hal yang dimohonkan kepada Gubernur Jawa Tengah Nihil. BAB II" in " ".join(told[3:5])
    assert "Dimohonkan" not in told[2]


def test_eighty_cooperations_keep_their_headings() -> None:
    """Each page of a long matrix repeats the heading and the column numbers, and no cooperation is lost."""
    content = report(ReportKind.R2, 80)
    found = pages(content)
    first = next(i for i, text in enumerate(found) if text.startswith("LAMPIRAN I "))
    after = next(i for i, text in enumerate(found) if text.startswith("LAMPIRAN II "))
    matrix = found[first:after]
    assert len(matrix) > 8
    assert all("Nomor registrasi" in page and "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18" in page for page in matrix)
    rows = re.findall(r"KSAD-33-\d{4}", " ".join(matrix))
    assert rows == [row.registration for row in content.matrix]


def test_a_long_title_is_whole() -> None:
    """A title of three lines wraps in its column and loses no letter."""
    text = flat(" ".join(pages(report(ReportKind.R2, 1))))
    assert flat(LONG_TITLE) in text


def test_a_row_taller_than_a_page_goes_on() -> None:
    """A cooperation with many parties and many addenda fills several pages, and its last number is printed."""
    numbers = tuple(InstrumentNumber(party=p, number=f"134.4/{i}") for i in range(3) for p in REGIONS)
    addenda = tuple(
        Instrument(kind="amendment", name="Adendum", signed_on=f"20{year}", numbers=numbers) for year in range(10, 22)
    )
    text = " ".join(pages(report(matrix=(matrix_row(1), matrix_row(0, instruments=addenda), matrix_row(2)))))
    found = [f"Adendum, 20{year}" in text for year in range(10, 22)]
    assert all(found)
    assert "KSAD-33-0003" in text


def test_a_returned_report_prints_the_remarks() -> None:
    """The next version says which version came back, from whom, when and why."""
    remark = Remark(version=1, on=date(2026, 7, 3), office="Gubernur Jawa Tengah", text="Kota Salatiga belum dimuat.")
    told = pages(report(version=2, remarks=(remark,)))
    text = f"{told[1]} {told[-1]}"
    assert "Versi 1 dikembalikan oleh Gubernur Jawa Tengah pada 3 Juli 2026: Kota Salatiga belum dimuat." in text
    assert "(Laporan TKKSD), versi 2" in text


def test_what_is_in_force_no_more_stands_in_an_attachment() -> None:
    """The legal basis can be signed: what was revoked, or is only recalled, is the last attachment, with its mark."""
    history = (
        LegalBasisLine(clause="UU 32/2004", text="dicabut dengan UU 23/2014", basis="text"),
        LegalBasisLine(clause="Permendagri 22/2009", text="dilaporkan dicabut", basis="memory"),
    )
    introduction = report().introduction.model_copy(update={"legal_history": history})
    text = flat(" ".join(pages(report(introduction=introduction))))
    before, _, attached = text.partition(flat("RIWAYAT DASAR HUKUM"))
    assert flat("UU 32/2004") not in before
    assert flat("UU 32/2004 dicabut dengan UU 23/2014") in attached
    assert flat("dilaporkan dicabut [belum diverifikasi]") in attached


def test_what_is_not_the_text_of_the_law_is_marked() -> None:
    """Memory, policy and inference are marked: legal basis, duty, forum and supervisor."""
    text = " ".join(pages(report(ReportKind.R2, 1)))
    assert "Tata cara kerja sama daerah. [belum diverifikasi]" in text
    assert "Setiap semester. [kebijakan]" in text
    assert "Pasal 10 huruf b angka 2 [tafsir]" in text
    assert flat("Gubernur Jawa Tengah (PP 50/2007 [belum diverifikasi])") in flat(text)
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
    assert flat("<img src='x'/> Muḥammad ≥ 5 [U+0639]") in flat(text)


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
