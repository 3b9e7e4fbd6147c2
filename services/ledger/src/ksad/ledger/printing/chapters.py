"""The chapters: what the addressee has to know and decide first, then what was done, and what the office says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.narrative import says_nothing
from ksad.ledger.printing import ending_tables, matter_tables, sum_tables, task_tables
from ksad.ledger.printing import tables as listed
from ksad.ledger.printing.days import EACH_PERIOD, day_of, known_on
from ksad.ledger.printing.parts import note, numbered, paragraph, section, shown, table

if TYPE_CHECKING:
    from ksad.ledger.figures.content.activities import Activities
    from ksad.ledger.figures.content.model import ReportContent, Results
    from ksad.ledger.printing.parts import Part
    from ksad.ledger.printing.tables import ReportTable

NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
SINCE_NOTE = (
    "Angka diambil dari laporan TKKSD sebagaimana diterima: arus dijumlahkan, posisi diambil dari laporan terakhir. "
    "Perubahan sejak laporan adalah angka yang sama bila dihitung sekarang, dikurangi angka dalam laporan; peristiwa "
    "di baliknya dapat dibaca pada platform."
)
COUNTED_NOTE = (
    "Dihitung per perjanjian; kerja sama yang belum mempunyai perjanjian dihitung satu kali menurut tahapnya, sehingga "
    "jumlahnya dapat melebihi jumlah kerja sama."
)
ACHIEVED_NOTE = (
    "Menurut register, keadaan {}; tidak diambil dari laporan TKKSD, sehingga laporan yang belum diterima tidak "
    "mengubahnya."
)
INFORMED_NOTE = "Dimuat untuk diketahui; tidak dihitung dalam angka, matriks, dan rekapitulasi laporan ini."
OWN_NOTE = (
    "Kerja sama ini termasuk yang dilaporkan dan dihitung dalam laporan ini; dimuat lagi di sini karena Gubernur asal "
    "para pihaknya diberi tahu."
)
RULES_NOTE = (
    "Laporan {} disusun menurut cara hitung yang lebih lama, sehingga sebagian perubahan dapat berasal dari "
    "perubahan cara hitung."
)


class _Chapters:
    """Numbers the chapters and collects their parts; above each table stands the day that it speaks of."""

    def __init__(self, day: str) -> None:
        """:param day: the day of every table that does not say another, in the words above it."""
        self.made: list[dict[str, Any]] = []
        self._day = day

    def open(self, title: str) -> None:
        numeral = NUMERALS[len(self.made)]
        self.made.append({"number": f"BAB {numeral}", "title": shown(title.upper()), "parts": []})

    def section(self, title: str) -> None:
        self.add(section(title))

    def add(self, *parts: Part) -> None:
        self.made[-1]["parts"] += parts

    def table(self, content: ReportTable, day: str | None = None) -> None:
        self.section(content.title)
        self.rows(content, day)

    def rows(self, content: ReportTable, day: str | None = None) -> None:
        self.add(table(content, day or self._day))


def unwritten(content: ReportContent) -> str:
    """What stands where nobody wrote a section."""
    return f"Bagian ini tidak ditulis oleh {content.from_office.label}."


def _written(chapters: _Chapters, content: ReportContent, title: str, part: NarrativeSection) -> None:
    chapters.section(title)
    written = content.narrative.of(part)
    nothing = written and says_nothing(written)
    chapters.add(paragraph("Nihil.") if nothing else numbered(written, empty=unwritten(content)))


def _matters(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Perselisihan, Permasalahan, dan Hal yang Dimohonkan")
    matters = content.matters
    chapters.table(matter_tables.disputes(matters.disputes))
    chapters.table(matter_tables.problems(matters.problems))
    _written(chapters, content, f"Hal yang dimohonkan kepada {content.to_office.head}", NarrativeSection.REQUESTS)
    if matters.informed:
        chapters.table(matter_tables.informed(matters.informed))
        chapters.add(note(INFORMED_NOTE if _provincial(content) else OWN_NOTE))


def _provincial(content: ReportContent) -> bool:
    """Whether a report is of one province, whose cooperations across provinces are not its own."""
    return content.kind in {ReportKind.R2, ReportKind.R3}


def _introduction(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Pendahuluan")
    introduction = content.introduction
    chapters.section("A. Dasar hukum")
    chapters.add(numbered(map(listed.legal_basis_text, introduction.legal_basis)), note(indonesian.BASIS_LEGEND))
    chapters.section("B. Maksud")
    chapters.add(paragraph(introduction.purpose))
    chapters.section("C. Periode")
    first, last = indonesian.day(content.period.first), indonesian.day(content.period.last)
    chapters.add(paragraph(f"{indonesian.period(content.period.id)}, {first} sampai dengan {last}."))
    told = "Seluruh tabel menunjukkan keadaan pada akhir hari {}, sebagaimana diketahui pada saat laporan disusun."
    chapters.add(paragraph(told.format(indonesian.day(content.state_on))))
    chapters.section("D. Ruang lingkup")
    size = f"Jumlah kerja sama dalam lampiran matriks: {indonesian.number(len(content.matrix))}."
    if content.kind is ReportKind.OVERVIEW:
        size = "Rinciannya menurut jenjang dan provinsi dimuat dalam lampiran rekapitulasi."
    elif not content.matrix:
        size = "Kerja sama yang tercatat: nihil."
    chapters.add(paragraph(f"{introduction.scope} {size}"))


def _achievements(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Capaian per Bidang dan Tahap")
    chapters.rows(listed.achievements(content.achievements))
    if content.achievements:
        chapters.add(note(COUNTED_NOTE))
    if content.results and content.results.accepted:
        chapters.add(note(ACHIEVED_NOTE.format(indonesian.day(content.state_on))))


def _guidance(chapters: _Chapters, activities: Activities) -> None:
    chapters.open("Pelaksanaan Pembinaan")
    if not activities.guidance:
        chapters.add(paragraph("Nihil. Tidak ada tugas pembinaan yang timbul pada periode ini."))
    for stage in activities.guidance:
        letter = indonesian.STAGE_LETTERS[stage.stage]
        chapters.section(f"{letter}. Tahap {indonesian.STAGES[stage.stage]}")
        rows = task_tables.guidance_rows([stage], whole=False)
        if not rows.rows:
            chapters.add(paragraph("Nihil. Tidak ada tugas pembinaan pada tahap ini."))
            continue
        chapters.rows(task_tables.guidance_counts(stage))
        chapters.rows(rows)


def _oversight(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Pelaksanaan Pengawasan")
    for basis, name in (("legislation", "peraturan perundang-undangan"), ("agreement", "perjanjian kerja sama")):
        chapters.section(f"Kesesuaian dengan {name}")
        rows = [finding for finding in content.findings if finding.basis == basis]
        chapters.rows(task_tables.findings(rows))
    if content.activities:
        chapters.table(task_tables.evaluations(content.activities.evaluations))


def _ending(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Pengakhiran")
    if not content.terminations:
        told = "Tidak ada kerja sama dalam persiapan pengakhiran atau telah berakhir pada periode ini."
        chapters.add(paragraph(f"Nihil. {told}"))
        return
    chapters.table(task_tables.terminations(content.terminations))
    chapters.table(task_tables.reminders(content.terminations))
    chapters.table(task_tables.checklist(content.terminations))
    if any(one.divisions for one in content.terminations):
        chapters.table(ending_tables.divisions(content.terminations))


def _results(chapters: _Chapters, results: Results) -> None:
    if results.accepted:
        chapters.open("Angka menurut Laporan TKKSD")
        chapters.rows(matter_tables.accepted(results.accepted), EACH_PERIOD)
        chapters.add(note(SINCE_NOTE))
        periods = results.accepted.periods
        missing = [indonesian.period(one.period) for one in periods if one.version is None]
        if missing:
            chapters.add(paragraph(f"Laporan TKKSD {', '.join(missing)} (Pasal 12): belum diterima."))
        older = [indonesian.period(one.period) for one in periods if one.rules == 1]
        if older:
            chapters.add(note(RULES_NOTE.format(", ".join(older))))
    chapters.open("Hasil Evaluasi")
    chapters.add(numbered(results.evaluation_summary, empty="Tidak ada ringkasan evaluasi pada periode ini."))
    chapters.rows(task_tables.evaluations(results.evaluations))


def _registered(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Keadaan Register")
    if not content.register_states:
        chapters.add(paragraph("Nihil. Seluruh fakta yang dicatat telah diperiksa, dan tidak ada yang menunggu."))
        return
    chapters.rows(sum_tables.registered(content.register_states))


def _timeliness(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Ketepatan Waktu dan Skor Evaluasi")
    chapters.section("Ketepatan waktu tugas")
    chapters.rows(sum_tables.timeliness(content.timeliness))
    chapters.add(*map(note, content.timeliness.notes))
    chapters.table(sum_tables.scores(content.scored.evaluations))
    chapters.table(sum_tables.trend(content.scored.trend))


def _developments(chapters: _Chapters, content: ReportContent) -> None:
    found = content.developments
    chapters.open("Perkembangan Setelah Periode")
    known = known_on(content)
    after = f"Setelah {indonesian.day(content.state_on)} sampai laporan disusun"
    chapters.table(sum_tables.developments(after, found.after, found.more_after), known)
    before = "Dari masa sebelum periode, yang baru diketahui sejak laporan terakhir"
    chapters.table(sum_tables.developments(before, found.earlier, found.more_earlier), known)


def _closing(chapters: _Chapters, content: ReportContent) -> None:
    chapters.open("Penutup")
    for letter, part in (
        ("A", NarrativeSection.CONCLUSIONS),
        ("B", NarrativeSection.OBSTACLES),
        ("C", NarrativeSection.ADVICE),
        ("D", NarrativeSection.FOLLOW_UP),
    ):
        _written(chapters, content, f"{letter}. {indonesian.NARRATIVES[part.value]}", part)


def chapters(content: ReportContent) -> list[dict[str, Any]]:
    """The chapters of a report, as its kind requires: each with number, title and parts."""
    made = _Chapters(day_of(content))
    for write in (_matters, _introduction, _achievements):
        write(made, content)
    if content.activities:
        _guidance(made, content.activities)
    if content.results:
        _results(made, content.results)
    for write in (_oversight, _ending, _registered, _timeliness, _developments, _closing):
        write(made, content)
    return made.made
