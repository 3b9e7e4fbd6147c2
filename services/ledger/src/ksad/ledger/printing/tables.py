"""The tables of a report, shared by PDF and XLSX: the same columns, headings and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.law import citation
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.matrix import RECAP_COLUMNS, RECAP_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ksad.ledger.figures.content.matrix import Achievement, Instrument, MatrixRow, Recapitulation, RecapRow
    from ksad.ledger.figures.content.values import (
        CitedClause,
        CitedReport,
        CooperationRef,
        DueDate,
        Evidence,
        Figure,
        Late,
        LegalBasisLine,
        NamedRegion,
    )


class DateCell(NamedTuple):
    """A partial date. In a spreadsheet it is a date if the day is known, otherwise text."""

    iso: str


class MoneyCell(NamedTuple):
    """An amount in whole rupiah."""

    amount: int


class DifferenceCell(NamedTuple):
    """A difference from an earlier value, printed with its sign."""

    value: int


class MeanCell(NamedTuple):
    """A mean of scores in hundredths, printed with a comma."""

    hundredths: int


Cell = str | int | DateCell | MoneyCell | DifferenceCell | MeanCell | None
_HUNDRED = 100


class Column(NamedTuple):
    """A column: its heading, and its share of the width (one unit is about one letter in small print).

    One without a share stands in the spreadsheet only, where rows are sorted and filtered by it.
    """

    label: str
    share: int


SHEET_ONLY = 0
"""The share of a column that is not printed on a page."""


def columns(shares: dict[str, int]) -> tuple[Column, ...]:
    """Columns from a mapping of headings to shares."""
    return tuple(Column(label, share) for label, share in shares.items())


@dataclass(frozen=True)
class ReportTable:
    """A table of the report. If ``totalled``, its last row is a total."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totalled: bool = False


def text_of(cell: Cell) -> str:
    """A cell as printed text; a dash for an empty one."""
    match cell:
        case None | "":
            return "–"
        case DateCell(iso):
            return indonesian.short_day(iso)
        case MeanCell(hundredths):
            return f"{hundredths // _HUNDRED},{hundredths % _HUNDRED:02}"
        case MoneyCell(amount):
            return indonesian.rupiah(amount).replace(" ", "\u00a0")
        case DifferenceCell(value):
            return indonesian.signed(value)
        case int():
            return indonesian.number(cell)
        case _:
            return cell


def day_or_none(value: object) -> DateCell | None:
    """A date or partial date as a cell; ``None`` stays ``None``."""
    return None if value is None else DateCell(str(value))


def cited(clause: CitedClause) -> str:
    """The citation of a clause, followed by the mark of its basis."""
    return indonesian.marked(citation(clause.id), clause.basis)


def legal_basis_text(line: LegalBasisLine) -> str:
    """A line of the legal basis, followed by the mark of its basis."""
    return indonesian.marked(f"{citation(line.clause)}: {line.text}", line.basis)


def legal_history(lines: Iterable[LegalBasisLine]) -> ReportTable:
    """What is in force no more, or only recalled, of the law that facts of a report rest on."""
    return ReportTable(
        "Riwayat Dasar Hukum",
        columns({"Peraturan": 30, "Keterangan": 100}),
        tuple((line.clause, indonesian.marked(line.text, line.basis)) for line in lines),
    )


def due_date(due: DueDate | None) -> DateCell | None:
    """A due date. All of them are policy, which the legend says once."""
    return None if due is None else DateCell(due.on.isoformat())


COOPERATION = {"Nomor registrasi": SHEET_ONLY, "Kerja sama": 34}


def of_cooperation(ref: CooperationRef, agreement: str | None = None) -> tuple[Cell, Cell]:
    """Registration number and title, with an agreement of several, under the headings ``COOPERATION``."""
    return ref.registration, ref.title if agreement is None else f"{ref.title}: {agreement}"


def named(regions: Iterable[NamedRegion]) -> str:
    """Regions by name. Their codes stand in the matrix and the recapitulation only."""
    return "; ".join(region.name for region in regions)


def _coded(region: NamedRegion) -> str:
    return f"{region.name} ({region.code})"


def _parties(row: MatrixRow) -> Iterator[str]:
    """The parties, and who is to become one: whoever has not been heard stands as *calon pihak*."""
    waiting = [one.code for one in row.candidates]
    for one in dict.fromkeys((*row.parties, *row.candidates)):
        yield f"{_coded(one)}, calon pihak" if one.code in waiting else _coded(one)


def _instrument_text(instrument: Instrument) -> str:
    signed = "belum ditandatangani" if instrument.signed_on is None else indonesian.day(instrument.signed_on)
    parties: dict[str, list[str]] = {}
    for one in instrument.numbers:
        parties.setdefault(one.number or indonesian.NUMBER_UNKNOWN, []).append(one.party.name)
    # What all parties call it by is said once.
    numbers = [number if len(parties) == 1 else f"{', '.join(names)}: {number}" for number, names in parties.items()]
    return "\n".join([f"{instrument.name}, {signed}", *numbers])


_MATRIX = columns(
    {
        "No": 4,
        "Nomor registrasi": 11,
        "Judul": 19,
        "Nomor & tanggal naskah (per pihak)": 24,
        "Jenis naskah": SHEET_ONLY,
        "Para pihak (kode wilayah)": 15,
        "Urusan/objek": 11,
        "Ruang lingkup": 15,
        "Kategori": 9,
        "Mulai": 9,
        "Berakhir": 9,
        "Tahap": 13,
        "Pembina/pengawas": 15,
        "Hasil monitoring & evaluasi terakhir": 13,
        "Kendala/permasalahan": 13,
        "Perselisihan": 12,
        "Pertimbangan/masukan": 13,
        "Tindak lanjut": 16,
        "Keterangan": 12,
    }
)


def _matrix_row(position: int, row: MatrixRow) -> tuple[Cell, ...]:
    kinds = dict.fromkeys(instrument.name for instrument in row.instruments)
    return (
        position,
        row.registration,
        row.title,
        "\n".join(_instrument_text(instrument) for instrument in row.instruments),
        "\n".join(kinds),
        "\n".join(_parties(row)),
        row.affair,
        row.scope,
        None if row.category is None else indonesian.CATEGORIES[row.category],
        day_or_none(row.begins),
        day_or_none(row.ends),
        indonesian.STAGES[row.stage],
        indonesian.marked(row.supervisor, row.supervisor_basis),
        row.last_evaluation,
        row.problems,
        row.disputes,
        row.opinions,
        row.follow_up,
        row.remarks,
    )


def matrix(rows: Iterable[MatrixRow]) -> ReportTable:
    """The matrix of cooperations. Begin and end are separate columns, so that a spreadsheet can sort by either."""
    return ReportTable("Matriks Kerja Sama", _MATRIX, tuple(_matrix_row(i, row) for i, row in enumerate(rows, 1)))


def _recap_row(position: int, row: RecapRow, *, tiered: bool) -> tuple[Cell, ...]:
    tier = (indonesian.TIERS[row.tier] if row.tier else None,) if tiered else ()
    return (position, row.region.code, row.region.name, *tier, *map(row.counts.count, RECAP_COLUMNS))


def recapitulation(recap: Recapitulation) -> ReportTable:
    """The recapitulation by region, with its total."""
    name = "Kabupaten/Kota" if recap.of == "regency" else "Provinsi"
    tiered = any(row.tier for row in recap.rows)
    tier = {"Jenjang": 10} if tiered else {}
    heads = columns({"No": 4, "Kode": 6, name: 30, **tier, **{RECAP_LABELS[column]: 11 for column in RECAP_COLUMNS}})
    rows = [_recap_row(i, row, tiered=tiered) for i, row in enumerate(recap.rows, 1)]
    total: tuple[Cell, ...] = ("", "", "Jumlah", *([""] if tiered else []), *map(recap.total.count, RECAP_COLUMNS))
    return ReportTable(f"Rekapitulasi per {name}", heads, (*rows, total) if rows else (), totalled=bool(rows))


def _change(figure: Figure) -> DifferenceCell | None:
    return None if figure.difference is None else DifferenceCell(figure.difference)


def figures(rows: Iterable[Figure]) -> ReportTable:
    """The headline figures with the change since the previous report."""
    return ReportTable(
        "Angka Pokok dan Perubahannya",
        columns({"Angka": 46, "Nilai": 10, "Satuan": 14, "Sebelumnya": 12, "Perubahan": 12}),
        tuple((f.label, f.value, f.unit, f.previous, _change(f)) for f in rows),
    )


def late(rows: Iterable[Late]) -> ReportTable:
    """The late tasks."""
    return ReportTable(
        "Tugas yang Tidak Dilaksanakan",
        columns(
            {"Tugas": 34, "Dasar": 20, "Pejabat/badan": 22, "Jatuh tempo": 14, "Hari terlambat": 9, "Penanganan": 22}
        ),
        tuple((r.what, cited(r.clause), r.office, due_date(r.due), r.days, r.escalation) for r in rows),
    )


def achievements(rows: Iterable[Achievement]) -> ReportTable:
    """The fields of government affairs by stage."""
    stages = dict.fromkeys(indonesian.STAGES.values(), 15)
    return ReportTable(
        "Capaian per Bidang dan Tahap",
        columns({"Urusan/bidang": 34, **stages, "Berakhir": 12}),
        tuple((r.label, r.exploration, r.negotiation, r.signing, r.implementation, r.ended) for r in rows),
    )


def _cited_row(report: CitedReport) -> tuple[Cell, ...]:
    accepted = day_or_none(report.accepted_on)
    kind, period = indonesian.KINDS[report.kind], indonesian.period(report.period)
    return (kind, report.office, period, report.version, accepted)


def cited_reports(rows: Iterable[CitedReport]) -> ReportTable:
    """The reports that a report is built from."""
    return ReportTable(
        "Laporan yang Dikutip",
        columns(
            {
                "Laporan": 12,
                "Dari": 30,
                "Periode": 18,
                "Versi": 7,
                "Diterima": 15,
            }
        ),
        tuple(_cited_row(r) for r in rows),
    )


def evidence(rows: Iterable[Evidence]) -> ReportTable:
    """The documents behind a report, one line for each use of one."""
    heads = columns({"No": 4, "Bukti": 80, "Jenis berkas": 16})
    listed = tuple((i, r.what, indonesian.file_kind(r.media_type)) for i, r in enumerate(rows, 1))
    return ReportTable("Daftar Bukti", heads, listed)
