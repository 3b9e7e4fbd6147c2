"""The tables of a report, defined once: PDF and XLSX show the same columns, headings and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.matrix import RECAP_COLUMNS, RECAP_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.matrix import Achievement, Instrument, MatrixRow, Recapitulation, RecapRow
    from ksad.ledger.figures.content.model import ProminentProblem
    from ksad.ledger.figures.content.values import (
        CitedClause,
        CitedReport,
        DueDate,
        Evidence,
        Figure,
        Late,
        LegalBasisLine,
        NamedRegion,
    )


class DateCell(NamedTuple):
    """A date in a cell, of any precision; a spreadsheet types it as a date where the day is known."""

    iso: str


class MoneyCell(NamedTuple):
    """Whole rupiah in a cell."""

    amount: int


class DifferenceCell(NamedTuple):
    """A change since before, always with its sign."""

    value: int


Cell = str | int | DateCell | MoneyCell | DifferenceCell | None


class Column(NamedTuple):
    """A heading and the column's share of the width (about one letter of the small print per unit)."""

    label: str
    share: int


def columns(shares: dict[str, int]) -> tuple[Column, ...]:
    """Columns from headings and shares."""
    return tuple(Column(label, share) for label, share in shares.items())


@dataclass(frozen=True)
class ReportTable:
    """A table that every form of the report shows alike; the last row is a total where ``totalled``."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totalled: bool = False


def text_of(cell: Cell) -> str:
    """A cell on paper; an empty one is a dash."""
    match cell:
        case None | "":
            return "–"
        case DateCell(iso):
            return indonesian.day(iso)
        case MoneyCell(amount):
            return indonesian.rupiah(amount).replace(" ", "\u00a0")
        case DifferenceCell(value):
            return indonesian.signed(value)
        case int():
            return indonesian.number(cell)
        case _:
            return cell


def day_or_none(value: object) -> DateCell | None:
    """A date, or a partial date, as a cell."""
    return None if value is None else DateCell(str(value))


def cited(clause: CitedClause) -> str:
    """A clause with its id's citation and the mark of its basis."""
    return indonesian.marked(indonesian.clause(clause.id), clause.basis)


def legal_basis_text(line: LegalBasisLine) -> str:
    """A line of the legal basis with the mark of what it stands on."""
    return indonesian.marked(f"{indonesian.clause(line.clause)}: {line.text}", line.basis)


def due_text(due: DueDate | None) -> str:
    """A due date with the mark of what sets it."""
    return "" if due is None else indonesian.marked(indonesian.day(due.on), due.basis)


def region_text(region: NamedRegion) -> str:
    """A region's name with its code."""
    return f"{region.name} ({region.code})"


def _instrument_text(instrument: Instrument) -> str:
    signed = "belum ditandatangani" if instrument.signed_on is None else indonesian.day(instrument.signed_on)
    numbers = [f"{number.party.name}:\n{number.number}" for number in instrument.numbers]
    return "\n".join([f"{indonesian.INSTRUMENTS[instrument.kind]}, {signed}", *numbers])


_MATRIX = columns(
    {
        "No": 4,
        "Nomor registrasi": 11,
        "Judul": 19,
        "Nomor & tanggal naskah (per pihak)": 20,
        "Jenis naskah": 11,
        "Para pihak (kode wilayah)": 15,
        "Urusan/objek": 11,
        "Ruang lingkup": 15,
        "Kategori": 9,
        "Mulai": 9,
        "Berakhir": 9,
        "Tahap": 13,
        "Pembina/pengawas": 12,
        "Hasil monitoring & evaluasi terakhir": 13,
        "Kendala/permasalahan": 13,
        "Perselisihan": 12,
        "Pertimbangan/masukan": 13,
        "Tindak lanjut": 12,
        "Keterangan": 12,
    }
)


def _matrix_row(position: int, row: MatrixRow) -> tuple[Cell, ...]:
    kinds = dict.fromkeys(indonesian.INSTRUMENTS[instrument.kind] for instrument in row.instruments)
    return (
        position,
        row.registration,
        row.title,
        "\n".join(_instrument_text(instrument) for instrument in row.instruments),
        "\n".join(kinds),
        "\n".join(region_text(party) for party in row.parties),
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
    """The matrix of cooperations; the term is two columns so that a spreadsheet can sort by either date."""
    return ReportTable("Matrik Kerja Sama", _MATRIX, tuple(_matrix_row(i, row) for i, row in enumerate(rows, 1)))


def _recap_row(position: int, row: RecapRow, *, tiered: bool) -> tuple[Cell, ...]:
    tier = (indonesian.TIERS[row.tier] if row.tier else None,) if tiered else ()
    return (position, row.region.code, row.region.name, *tier, *map(row.counts.count, RECAP_COLUMNS))


def recapitulation(recap: Recapitulation) -> ReportTable:
    """The recapitulation per region, with its counted total."""
    name = "Kabupaten/Kota" if recap.of == "regency" else "Provinsi"
    tiered = any(row.tier for row in recap.rows)
    tier = {"Jenjang": 10} if tiered else {}
    heads = columns({"No": 4, "Kode": 6, name: 22, **tier, **{RECAP_LABELS[column]: 12 for column in RECAP_COLUMNS}})
    rows = [_recap_row(i, row, tiered=tiered) for i, row in enumerate(recap.rows, 1)]
    total: tuple[Cell, ...] = ("", "", "Jumlah", *([""] if tiered else []), *map(recap.total.count, RECAP_COLUMNS))
    return ReportTable(f"Rekapitulasi per {name}", heads, (*rows, total) if rows else (), totalled=bool(rows))


def _change(figure: Figure) -> DifferenceCell | None:
    return None if figure.difference is None else DifferenceCell(figure.difference)


def figures(rows: Iterable[Figure]) -> ReportTable:
    """The headline figures with the change since the previous report."""
    return ReportTable(
        "Angka Pokok dan Perubahannya",
        columns({"Angka": 46, "Nilai": 10, "Satuan": 14, "Sebelumnya": 12, "Perubahan": 12, "Nama penelusuran": 30}),
        tuple((f.label, f.value, f.unit, f.previous, _change(f), f.name) for f in rows),
    )


def late(rows: Iterable[Late]) -> ReportTable:
    """What is late."""
    return ReportTable(
        "Keterlambatan",
        columns(
            {"Yang terlambat": 34, "Dasar": 20, "Pejabat/badan": 22, "Jatuh tempo": 16, "Hari": 6, "Penanganan": 20}
        ),
        tuple((r.what, cited(r.clause), r.office, due_text(r.due), r.days, r.escalation) for r in rows),
    )


def achievements(rows: Iterable[Achievement]) -> ReportTable:
    """The fields of government affairs by stage."""
    stages = dict.fromkeys(indonesian.STAGES.values(), 15)
    return ReportTable(
        "Capaian per Bidang dan Tahap",
        columns({"Urusan/bidang": 34, **stages, "Berakhir": 12}),
        tuple((r.label, r.exploration, r.negotiation, r.signing, r.implementation, r.ended) for r in rows),
    )


def prominent(rows: Iterable[ProminentProblem]) -> ReportTable:
    """The problems brought before the Minister, with what is asked."""
    return ReportTable(
        "Permasalahan Menonjol",
        columns({"Kerja sama": 30, "Permasalahan": 46, "Yang dimohonkan kepada Menteri": 40}),
        tuple(
            (None if r.cooperation is None else f"{r.cooperation.registration}\n{r.cooperation.title}", r.text, r.asked)
            for r in rows
        ),
    )


def _cited_row(report: CitedReport) -> tuple[Cell, ...]:
    accepted = day_or_none(report.accepted_on)
    kind, period = indonesian.KINDS[report.kind], indonesian.period(report.period)
    return (kind, report.office, period, report.version, accepted, report.id, report.content_hash)


def cited_reports(rows: Iterable[CitedReport]) -> ReportTable:
    """The reports that this one is built from."""
    return ReportTable(
        "Laporan yang Dikutip",
        columns(
            {
                "Laporan": 12,
                "Dari": 30,
                "Periode": 18,
                "Versi": 7,
                "Diterima": 15,
                "Nomor laporan": 30,
                "Sidik isi (SHA-256)": 40,
            }
        ),
        tuple(_cited_row(r) for r in rows),
    )


def evidence(rows: Iterable[Evidence]) -> ReportTable:
    """The documents behind the report by their hashes."""
    heads = columns({"No": 4, "Bukti": 40, "Jenis berkas": 20, "SHA-256": 50})
    return ReportTable("Daftar Bukti", heads, tuple((i, r.what, r.media_type, r.sha256) for i, r in enumerate(rows, 1)))
