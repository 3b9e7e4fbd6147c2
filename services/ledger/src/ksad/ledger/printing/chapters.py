"""The chapters in portrait: I to VI of R1 and R2, and those of R3 and the national overview."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.platypus import Flowable, PageBreak

from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing import page, task_tables
from ksad.ledger.printing import tables as listed
from ksad.ledger.printing.grid import grid
from ksad.ledger.printing.page import numbered, paragraph

if TYPE_CHECKING:
    from ksad.ledger.figures.content.activities import Activities
    from ksad.ledger.figures.content.model import ReportContent, Results
    from ksad.ledger.printing.tables import ReportTable


class _Chapters:
    """Counts chapters and enters them in the story."""

    def __init__(self) -> None:
        self.story: list[Flowable] = [PageBreak()]
        self._count = 0

    def open(self, title: str) -> None:
        self._count += 1
        numeral = ("I", "II", "III", "IV", "V", "VI", "VII")[self._count - 1]
        self.story += page.chapter(f"BAB {numeral}", title.upper())

    def section(self, title: str) -> None:
        self.story += page.section(title)

    def add(self, *flowables: Flowable) -> None:
        self.story += flowables

    def table(self, table: ReportTable) -> None:
        self.section(table.title)
        self.add(grid(table, page.PORTRAIT_WIDTH))


def _introduction(chapters: _Chapters, content: ReportContent) -> None:
    introduction = content.introduction
    chapters.section("A. Dasar hukum")
    chapters.add(
        *numbered(map(listed.legal_basis_text, introduction.legal_basis)), paragraph(indonesian.BASIS_LEGEND, page.NOTE)
    )
    chapters.section("B. Maksud")
    chapters.add(paragraph(introduction.purpose))
    chapters.section("C. Periode")
    first, last = indonesian.day(content.period.first), indonesian.day(content.period.last)
    chapters.add(paragraph(f"{indonesian.period(content.period.id)}, {first} sampai dengan {last}."))
    chapters.section("D. Ruang lingkup")
    size = f"Jumlah kerja sama dalam lampiran matrik: {indonesian.number(len(content.matrix))}."
    if content.kind is ReportKind.OVERVIEW:
        size = "Rinciannya menurut jenjang dan provinsi dimuat dalam lampiran rekapitulasi."
    elif not content.matrix:
        size = "Kerja sama yang tercatat: nihil."
    chapters.add(paragraph(f"{introduction.scope} {size}"))


def _guidance(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Pelaksanaan Pembinaan")
    if not activities.guidance:
        chapters.add(paragraph("Nihil. Tidak ada tugas pembinaan yang timbul pada periode ini."))
    for stage in activities.guidance:
        letter = indonesian.STAGE_LETTERS[stage.stage]
        chapters.section(f"{letter}. Tahap {indonesian.STAGES[stage.stage]}")
        chapters.add(grid(task_tables.guidance_counts(stage), page.PORTRAIT_WIDTH))
        rows = task_tables.guidance_rows([stage], whole=False)
        if rows.rows:
            chapters.add(grid(rows, page.PORTRAIT_WIDTH, 6.5))


def _oversight(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Pelaksanaan Pengawasan")
    for basis, name in (("legislation", "peraturan perundang-undangan"), ("agreement", "perjanjian kerja sama")):
        chapters.section(f"Kesesuaian dengan {name}")
        rows = [finding for finding in activities.findings if finding.basis == basis]
        chapters.add(grid(task_tables.findings(rows), page.PORTRAIT_WIDTH, 6.5))
    chapters.table(task_tables.evaluations(activities.evaluations))


def _disagreement(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Permasalahan dan Perselisihan")
    chapters.table(task_tables.problems(activities.problems))
    chapters.table(task_tables.disputes(activities.disputes))


def _ending(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Pengakhiran")
    if not activities.terminations:
        chapters.add(paragraph("Nihil. Tidak ada kerja sama yang bersiap berakhir atau berakhir pada periode ini."))
        return
    chapters.table(task_tables.terminations(activities.terminations))
    chapters.table(task_tables.reminders(activities.terminations))
    chapters.table(task_tables.checklist(activities.terminations))


def _closing(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Penutup")
    closing = activities.closing
    for title, lines in (
        ("A. Kesimpulan", closing.conclusions),
        ("B. Kendala", closing.obstacles),
        ("C. Saran", closing.suggestions),
        ("D. Tindak lanjut", closing.follow_up),
    ):
        chapters.section(title)
        chapters.add(*numbered(lines))


def _results(chapters: _Chapters, results: Results, kind: ReportKind) -> None:
    chapters.open("Ringkasan Eksekutif")
    chapters.add(*numbered(results.summary))
    chapters.open("Capaian per Bidang dan Tahap")
    chapters.add(grid(listed.achievements(results.achievements), page.PORTRAIT_WIDTH))
    chapters.open("Hasil Evaluasi")
    chapters.add(*numbered(results.evaluation_summary, empty="Tidak ada ringkasan evaluasi pada periode ini."))
    chapters.add(grid(task_tables.evaluations(results.evaluations), page.PORTRAIT_WIDTH, 6.5))
    chapters.open("Permasalahan Menonjol")
    chapters.add(grid(listed.prominent(results.problems), page.PORTRAIT_WIDTH))
    asked = "Hal yang Perlu Diputuskan Menteri" if kind is ReportKind.OVERVIEW else "Hal yang Dimohonkan kepada Menteri"
    chapters.open(asked)
    chapters.add(*numbered(results.requests))


def chapters(content: ReportContent) -> list[Flowable]:
    """The chapters that the kind of report has."""
    made = _Chapters()
    made.open("Pendahuluan")
    _introduction(made, content)
    if content.activities:
        for write in (_guidance, _oversight, _disagreement, _ending, _closing):
            write(made, content.activities)
    if content.results:
        _results(made, content.results, content.kind)
    return made.story
