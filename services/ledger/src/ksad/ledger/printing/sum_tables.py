"""The tables that every kind of report has: timeliness, scores, and developments outside the period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.sums import SCORES, TIMELINESS_LABELS
from ksad.ledger.printing.tables import (
    COOPERATION,
    SHEET_ONLY,
    Cell,
    DateCell,
    DifferenceCell,
    MeanCell,
    ReportTable,
    columns,
    of_cooperation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.registered import RegisterState
    from ksad.ledger.figures.content.sums import Development, ScoredEvaluation, ScoreTrend, Timeliness, TimelinessCounts

_CAME_IN = 3


def _sums(label: str, counts: TimelinessCounts) -> tuple[Cell, ...]:
    values = [getattr(counts, name) for name in TIMELINESS_LABELS]
    return (label, *values[:_CAME_IN], counts.total, *values[_CAME_IN:])


def timeliness(content: Timeliness) -> ReportTable:
    """What became of the tasks of each body. The sum of what came in is that of the six columns after it."""
    labels = list(TIMELINESS_LABELS.values())
    heads = dict.fromkeys([*labels[:_CAME_IN], "Jumlah tugas", *labels[_CAME_IN:]], 12)
    rows = [_sums(row.label, row.counts) for row in content.rows]
    if len(rows) > 1:
        rows.append(_sums("Jumlah", content.total))
    return ReportTable("Ketepatan Waktu", columns({"Badan": 24, **heads}), tuple(rows), totalled=len(rows) > 1)


def registered(rows: Iterable[RegisterState]) -> ReportTable:
    """What of the register cannot be relied upon yet, by cooperation."""
    counts = {"Fakta yang harus diperiksa": 12, "Belum diverifikasi": 12, "Dikembalikan": 12}
    return ReportTable(
        "Keadaan Register",
        columns({**COOPERATION, **counts, "Yang masih terbuka": 60}),
        tuple(
            (*of_cooperation(row.cooperation), row.recorded, row.unverified, row.returned, "; ".join(row.notes) or None)
            for row in rows
        ),
    )


def scores(rows: Iterable[ScoredEvaluation]) -> ReportTable:
    """The six scores of each evaluation, their sum, and its change since the evaluation before."""
    heads = dict.fromkeys(SCORES.values(), 11)
    return ReportTable(
        "Skor Evaluasi (1 kurang sampai 4 baik)",
        columns({**COOPERATION, "Tanggal": 11, **heads, "Jumlah": 8, "Perubahan": 10}),
        tuple(
            (
                *of_cooperation(row.cooperation),
                DateCell(row.on),
                *(getattr(row.scores, name) for name in SCORES),
                row.scores.sum,
                None if row.before is None else DifferenceCell(row.scores.sum - row.before),
            )
            for row in rows
        ),
    )


def trend(rows: Iterable[ScoreTrend]) -> ReportTable:
    """The mean scores by period, the earliest first."""
    return ReportTable(
        "Perkembangan Skor Rata-rata",
        columns({"Periode": 22, "Evaluasi": 9, **dict.fromkeys(SCORES.values(), 12)}),
        tuple(
            (indonesian.period(row.period), row.evaluations, *(MeanCell(row.means[name]) for name in SCORES))
            for row in rows
        ),
    )


def developments(title: str, rows: Iterable[Development], more: int) -> ReportTable:
    """Facts outside the period, by day.

    :param more: the number of facts that are not listed.
    """
    listed: list[tuple[Cell, ...]] = [
        (
            DateCell(row.on),
            None if row.cooperation is None else row.cooperation.registration,
            None if row.cooperation is None else row.cooperation.title,
            row.text,
        )
        for row in rows
    ]
    if more:
        listed.append((None, None, None, f"… ({indonesian.number(more)} lagi)"))
    heads = columns({"Tanggal": 11, "Nomor registrasi": SHEET_ONLY, "Kerja sama": 34, "Perkembangan": 60})
    return ReportTable(title, heads, tuple(listed))
